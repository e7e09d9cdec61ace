#!/usr/bin/env bash
# A book on another host: a real sshd on loopback, accounts that run nothing but `countersign connect`, and a server that
# alone can open the book. Through it: posting, a batch, approving, refusals, what is not allowed in, lines that are cut.
# As root it makes accounts in a mount namespace of its own; else everybody comes through the account that runs this.
[ -x /usr/sbin/sshd ] || { echo "no sshd here"; exit 77; }
if [ "$(id -u)" -eq 0 ] && [ -z "${SSH_SCENARIO:-}" ] && unshare -m true 2>/dev/null; then
    SSH_SCENARIO=accounts exec unshare -m --propagation private "$0" "$@"
fi
SERVED=own
source "$(dirname "$0")/lib.sh"
PASSPHRASE=pass
CAST="$CAST audrey:P-42:human:AUDITOR"
RUN=$WORK/run SSHD= PORT=
mkdir -m 755 "$RUN" "$WORK/bin"
chmod 711 "$WORK"
cp "$COUNTERSIGN" "$(dirname "$COUNTERSIGN")/countersignd" "$WORK/bin/"
COUNTERSIGN=$WORK/bin/countersign
trap '[ -z "$SSHD" ] || kill "$SSHD" 2>/dev/null; [ -z "$SERVER" ] || kill "$SERVER" 2>/dev/null; rm -rf "$WORK"' EXIT

# --- accounts ---------------------------------------------------------------------------------------------------------
SERVICE=() # how the server's account runs something
if [ -n "${SSH_SCENARIO:-}" ]; then
    cp /etc/passwd /etc/group /etc/shadow "$WORK/bin/"
    echo "countersign:x:64099:" >>"$WORK/bin/group"
    number=64100
    for account in csd maria ana audrey; do
        echo "$account:x:$number:64099::$WORK/home/$account:/bin/sh" >>"$WORK/bin/passwd"
        echo "$account:*:19000::::::" >>"$WORK/bin/shadow"
        mkdir -p -m 755 "$WORK/home/$account"
        chown "$number:64099" "$WORK/home/$account"
        number=$((number + 1))
    done
    for file in passwd group shadow; do mount --bind "$WORK/bin/$file" "/etc/$file"; done
    mkdir -p /run/sshd
    SERVICE=(setpriv --reuid csd --regid countersign --clear-groups env "HOME=$WORK/home/csd")
    PERSONS="maria ana audrey"
    account_of() { case "$1" in ana | audrey) echo "$1" ;; *) echo maria ;; esac; }
else
    PERSONS=$(id -un)
    account_of() { id -un; }
fi

# The same as lib.sh's, from the server's own account.
serve() {
    if [ ${#SERVICE[@]} -gt 0 ]; then
        chown -R csd:countersign "$BOOK" "$RUN" "$WORK/book-key.key"
        chmod 700 "$BOOK"
        chmod 750 "$RUN"
    fi
    "${SERVICE[@]}" "$COUNTERSIGN" serve --book "$BOOK" --socket "$RUN/ar.socket" --book-key "$WORK/book-key.key" \
        --passphrase-fd 3 --log "$RUN/server.log" 3<<<pass 2>>"$WORK/server.err" &
    SERVER=$!
    AT=unix:$RUN/ar.socket
    for _ in $(seq 200); do
        [ -S "$RUN/ar.socket" ] && return 0
        kill -0 "$SERVER" 2>/dev/null || die "the server ended: $(cat "$WORK/server.err" "$RUN/server.log")"
        sleep 0.05
    done
    die "the server does not listen"
}

# --- sshd -------------------------------------------------------------------------------------------------------------
start_sshd() {
    ssh-keygen -q -t ed25519 -N '' -f "$WORK/host_key"
    mkdir -m 755 "$WORK/authorized"
    for account in $PERSONS; do
        ssh-keygen -q -t ed25519 -N '' -f "$WORK/id_$account"
        cp "$WORK/id_$account.pub" "$WORK/authorized/$account"
    done
    for _ in $(seq 20); do
        PORT=$((20000 + RANDOM % 20000))
        cat >"$WORK/sshd_config" <<EOF_CONFIG
ListenAddress 127.0.0.1
Port $PORT
HostKey $WORK/host_key
PidFile $WORK/sshd.pid
AuthorizedKeysFile $WORK/authorized/%u
StrictModes no
UsePAM no
AuthenticationMethods publickey
LogLevel VERBOSE
ForceCommand $COUNTERSIGN connect --sockets $RUN
KexAlgorithms curve25519-sha256
DisableForwarding yes
PermitTTY no
PermitUserRC no
PermitRootLogin $([ -n "${SSH_SCENARIO:-}" ] && echo no || echo yes)
EOF_CONFIG
        /usr/sbin/sshd -D -f "$WORK/sshd_config" -E "$WORK/sshd.log" &
        SSHD=$!
        for _ in $(seq 100); do
            grep -q "Server listening" "$WORK/sshd.log" 2>/dev/null && break 2
            kill -0 "$SSHD" 2>/dev/null || break
            sleep 0.02
        done
        kill "$SSHD" 2>/dev/null
    done
    kill -0 "$SSHD" 2>/dev/null || die "sshd does not start: $(tail -3 "$WORK/sshd.log")"
    echo "[127.0.0.1]:$PORT $(cut -d' ' -f1,2 "$WORK/host_key.pub")" >"$WORK/known_hosts"
    cat >"$WORK/ssh_config" <<EOF_CONFIG
Host *
    UserKnownHostsFile $WORK/known_hosts
    StrictHostKeyChecking yes
    IdentityFile $WORK/id_%r
    IdentitiesOnly yes
    IdentityAgent none
EOF_CONFIG
    printf '#!/bin/sh\necho $$ >>%s\nexec ssh -F %s "$@"\n' "$WORK/ssh.pids" "$WORK/ssh_config" >"$WORK/ssh"
    chmod 755 "$WORK/ssh"
    export COUNTERSIGN_SSH=$WORK/ssh
}

# far USER COMMAND...: as cs, through ssh; near: through the socket
far() {
    AT=ssh://$(account_of "$1")@127.0.0.1:$PORT/ar
    cs "$@"
}
near() {
    AT=unix:$RUN/ar.socket
    cs "$@"
}
logins() { grep -c "^Accepted publickey" "$WORK/sshd.log"; }
# What the account may ask of sshd besides.
asks() {
    LAST="ssh $*"
    OUT=$("$WORK/ssh" -p "$PORT" "$(account_of maria)@127.0.0.1" "$@" 2>"$WORK/err" </dev/null)
    RC=$?
    ERR=$(cat "$WORK/err")
}

found_company
start_sshd

note "the accounts can open no file of the book, and run nothing but connect"
if [ -n "${SSH_SCENARIO:-}" ]; then
    CHECKS=$((CHECKS + 1))
    setpriv --reuid maria --regid countersign --clear-groups ls "$BOOK" >/dev/null 2>&1 && wrong "maria lists the book"
fi
for words in "ls" "countersign connect ar;id" "countersign connect ../ar"; do
    asks "$words"
    expect 5 "runs nothing else"
done
asks
expect 5 "no shell"
asks countersign connect other
expect 2 "there is no socket"

note "posting, and what it says from afar is what it says nearby"
far maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence prices.pdf --ref S-1
expect 0 "CN-1" "waits for"
for words in "show CN-1" "inbox" "log --limit 50" "statement --customer 16446 --json"; do
    # shellcheck disable=SC2086 # words
    near maria $words
    NEARBY=$OUT STATUS=$RC
    # shellcheck disable=SC2086
    far maria $words
    expect "$STATUS"
    [ "$OUT" = "$NEARBY" ] || wrong "nearby it says: $NEARBY"
done

note "refusals are answers; what may not be read ends with 5"
far maria approve CN-1
expect 1 "C-01"
far ana approve CN-1
expect 0 "posted"
far maria2 show CN-1
expect 5 "may not read"
run status --book "ssh://$(account_of maria)@127.0.0.1:$PORT/ar" --as nobody --key "$WORK/maria.key" --passphrase-fd 3
expect 5
run status --book "ssh://$(account_of maria)@127.0.0.1:$PORT/ar" --key "$WORK/maria.key" --passphrase-fd 3
expect 2 "--as USER"
run status --book "ssh://$(account_of maria)@127.0.0.1:$PORT/other" --as maria --key "$WORK/maria.key" --passphrase-fd 3
expect 2 "there is no socket" "no such book"
run status --book "ssh://nobody@127.0.0.1:$PORT/ar" --as maria --key "$WORK/maria.key" --passphrase-fd 3
expect 4 "Permission denied"
run status --book "ssh://-oProxyCommand=id/ar" --as maria --key "$WORK/maria.key" --passphrase-fd 3
expect 2 "is no address"

note "an auditor verifies all of it from there"
far audrey audit verify
expect 0
far audrey audit export --out "$WORK/afar.jsonl"
expect 0
if [ -n "${SSH_SCENARIO:-}" ]; then
    CHECKS=$((CHECKS + 1))
    grep -q '"mode":"served","os_user":"maria"' "$WORK/afar.jsonl" || wrong "entries do not name the account"
fi

note "a batch takes one connection"
rows() { # FROM TO
    echo "kind,ref,customer,currency,amount,reason,allocations,evidence"
    for row in $(seq "$1" "$2"); do
        printf 'credit-note,B-%03d,20001,USD,0.%02d,PRICE_ERR,9000%02d:0.%02d,price-sheet:%s\n' "$row" $((row % 97 + 1)) \
            $((row % 20)) $((row % 97 + 1)) "$WORK/prices.pdf"
    done
}
rows 1 40 >batch.csv
BEFORE=$(logins)
far maria post --batch batch.csv --yes
expect 0 "40"
CHECKS=$((CHECKS + 1))
[ $(($(logins) - BEFORE)) = 1 ] || wrong "$(($(logins) - BEFORE)) logins for one batch"

# Every ref of a range was taken, once.
each_once() { # FROM TO
    near audrey audit export --out "$WORK/count.jsonl"
    CHECKS=$((CHECKS + 1))
    OUT=$(python3 - "$WORK/count.jsonl" "$@" <<'PY'
import collections, json, sys
posted = collections.Counter()
for line in open(sys.argv[1], encoding="utf-8"):
    entry = json.loads(line)
    documents = entry["statement"]["body"].get("documents", [])
    for document, result in zip(documents, entry["decision"].get("results", [])):
        posted[document["ref"]] += result["outcome"] in ("posted", "waiting")
wrong = [f"{ref} {posted[ref]}" for ref in (f"B-{row:03}" for row in range(int(sys.argv[2]), int(sys.argv[3]) + 1)) if posted[ref] != 1]
print(*wrong[:5])
PY
    )
    [ -z "$OUT" ] || wrong "not taken once: $OUT"
    rm -f "$WORK/count.jsonl"
}

note "the line is cut in the middle of a batch: it goes on over another"
written() { stat -c %y "$BOOK/journal/data.mdb"; }
cutter() { # ends an ssh as soon as the book has an entry that came by it, so many times
    local times=$1 before last
    before=$(logins)
    while [ "$times" -gt 0 ]; do
        last=$(written)
        [ "$(logins)" -gt "$before" ] || { sleep 0.02; continue; }
        before=$(logins) times=$((times - 1))
        while [ "$(written)" = "$last" ]; do sleep 0.01; done
        kill -9 "$(tail -1 "$WORK/ssh.pids")"
    done
}
rows 41 640 >batch.csv
BEFORE=$(logins)
cutter 1 &
CUTTER=$!
far maria post --batch batch.csv --yes
expect 0 "600"
CHECKS=$((CHECKS + 1))
[ $(($(logins) - BEFORE)) -ge 2 ] || wrong "the line was not cut"
kill "$CUTTER" 2>/dev/null
wait "$CUTTER" 2>/dev/null
each_once 1 640

note "the client dies in the middle of a batch: the same file again, by ref"
rows 641 999 >batch.csv
tick
LAST=$(written)
"$COUNTERSIGN" post --batch batch.csv --yes --book "ssh://$(account_of maria)@127.0.0.1:$PORT/ar" --as maria --at "$(now)" \
    --key "$WORK/maria.key" --passphrase-fd 3 3<<<pass >/dev/null 2>&1 &
CLIENT=$!
for _ in $(seq 500); do [ "$(written)" = "$LAST" ] || break; sleep 0.01; done
kill -9 "$CLIENT" 2>/dev/null
wait "$CLIENT" 2>/dev/null
far maria post --batch batch.csv --yes
each_once 641 999

PROVIDER=$(realpath "${PRELOAD_DIR:-/nonexistent}")/security_key.so
if [ -f "$PROVIDER" ] && [ -x /usr/lib/openssh/ssh-sk-helper ]; then
    note "security keys sign for a book that is elsewhere: one posts, one approves; without a touch nobody comes in"
    export SECURITY_KEY_HAND=$WORK/hand
    echo touch >"$SECURITY_KEY_HAND"
    AGENT=$(ssh-agent -s -a "$WORK/agent.sock" -P "$PROVIDER" | sed -n 's/.*SSH_AGENT_PID=\([0-9]*\);.*/\1/p')
    trap 'kill "$AGENT" 2>/dev/null; [ -z "$SSHD" ] || kill "$SSHD" 2>/dev/null; [ -z "$SERVER" ] || kill "$SERVER" 2>/dev/null; rm -rf "$WORK"' EXIT
    export SSH_AUTH_SOCK=$WORK/agent.sock
    for user in maria ana; do
        ssh-keygen -q -t ed25519-sk -w "$PROVIDER" -N "" -C "$user-sk" -f "$user-sk" </dev/null
        ssh-add -q -S "$PROVIDER" "$user-sk" 2>/dev/null || die "ssh-add $user-sk"
        near olga key add "$user" --new-key "$user-sk.pub"
        expect 0 "KR-"
        near oscar approve --inbox
        expect 0 "in force"
    done
    touched() { # USER COMMAND...: through ssh, with what ssh-agent holds
        local user=$1
        shift
        tick
        run "$@" --book "ssh://$(account_of "$user")@127.0.0.1:$PORT/ar" --as "$user" --at "$(now)"
    }
    touched maria post credit-note --invoice 581484 --amount 210.00 --reason PRICE_ERR --evidence dunning.txt
    expect 0 "waits for"
    NOTE=$(printf '%s\n' "$OUT" | grep -o 'CN-[0-9]*' | head -1)
    echo absent >"$SECURITY_KEY_HAND"
    touched ana approve "$NOTE"
    expect 5 "was not touched"
    echo touch >"$SECURITY_KEY_HAND"
    touched ana approve "$NOTE"
    expect 0 "posted as"
    near audrey audit export --out "$WORK/touched.jsonl"
    CHECKS=$((CHECKS + 1))
    python3 - "$WORK/touched.jsonl" "$NOTE" <<'PY' || wrong "a security key has not signed both"
import base64, json, sys
signed = [entry["statement"]["actor"] for entry in map(json.loads, open(sys.argv[1], encoding="utf-8"))
          if any(b"sk-ssh-ed25519@openssh.com" in base64.b64decode(blob) for blob in entry["signatures"])]
sys.exit(signed[-2:] != ["maria", "ana"])
PY
    kill "$AGENT"
    unset SSH_AUTH_SOCK
fi

note "the server is started again: commands find it"
kill "$SERVER"
wait "$SERVER"
serve
far maria balance --customer 16446
expect 0

AT=unix:$RUN/ar.socket
finish
