# A time-stamping authority of stock openssl in $WORK/tsa, for scenarios to source: ca.pem is its root, other.pem somebody else's,
# ended-ca.pem one that has run out; $WORK/carrier carries a query to it.
make_authority() {
    mkdir tsa
    (
        cd tsa || exit 1
        cat >tsa.cnf <<'CNF'
[ tsa ]
default_tsa = one
[ one ]
serial = ./serial
crypto_device = builtin
signer_cert = ./tsa.pem
signer_key = ./tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.32473.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
CNF
        echo 01 >serial
        printf 'extendedKeyUsage=critical,timeStamping\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n' >ext
        for ca in ca other; do
            openssl ecparam -name prime256v1 -genkey -noout -out $ca.key
            faketime -f -1d openssl req -x509 -new -key $ca.key -out $ca.pem -days 3650 -subj "/CN=$ca"
        done
        openssl ecparam -name prime256v1 -genkey -noout -out tsa.key
        openssl req -new -key tsa.key -out tsa.csr -subj '/CN=Example TSA'
        faketime -f -1d openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem -days 3650 -extfile ext
        faketime -f -9d openssl req -x509 -new -key ca.key -out ended-ca.pem -days 3 -subj /CN=ca
        faketime -f -9d openssl x509 -req -in tsa.csr -CA ended-ca.pem -CAkey ca.key -CAcreateserial -out ended.pem -days 2 -extfile ext
        sed 's/tsa.pem/ended.pem/' tsa.cnf >ended.cnf
    ) >openssl.log 2>&1 || die "no authority: $(cat openssl.log)"
    cat >carrier <<EOF_CARRIER
#!/bin/bash
cd "$WORK/tsa" && exec openssl ts -reply -config tsa.cnf -queryfile /dev/stdin -out /dev/stdout 2>/dev/null
EOF_CARRIER
    chmod +x carrier
}
