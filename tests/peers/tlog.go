// Checks what countersign writes with Go's own code for transparency logs (golang.org/x/mod/sumdb: note and tlog), which shares
// nothing with it: checkpoints as signed notes, receipts as inclusion proofs, extensions as consistency proofs, and the root from
// the entries themselves. Ours here is only the reading of C2SP's texts round them, and the verifier for cosignature/v1, which that
// package lacks.
//
//	tlog checkpoint NOTE VKEY...                  every key has signed it; prints size and root
//	tlog root EXPORT NOTE VKEY                    the entries' own root is the checkpoint's
//	tlog receipt RECEIPT EXPORT VKEY...           the entry of that number is in the tree
//	tlog extension REQUEST OLDNOTE VKEY           the new checkpoint extends the old one
//	tlog flips KIND ARGUMENT...                   the same with each byte of the first file changed: all have to be refused
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var strict = base64.StdEncoding.Strict()

// A witness's key, cosignature/v1: the message is a header with the time, and the checkpoint under it.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(w.key, append([]byte(head), msg...), sig[8:])
}

func verifier(path string) (note.Verifier, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	vkey := strings.TrimSuffix(string(text), "\n")
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a vkey")
	}
	key, err := strict.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize {
		return nil, errors.New("not a key")
	}
	if key[0] != 4 {
		return note.NewVerifier(vkey)
	}
	hash, err := hex.DecodeString(parts[1])
	if err != nil || len(hash) != 4 {
		return nil, errors.New("not a key id")
	}
	return witness{parts[0], binary.BigEndian.Uint32(hash), key[1:]}, nil
}

type head struct {
	size int64
	root tlog.Hash
}

// A checkpoint that each of the keys has signed.
func open(text []byte, keys []string) (*head, error) {
	verifiers := []note.Verifier{}
	for _, path := range keys {
		one, err := verifier(path)
		if err != nil {
			return nil, err
		}
		verifiers = append(verifiers, one)
	}
	opened, err := note.Open(text, note.VerifierList(verifiers...))
	if err != nil {
		return nil, err
	}
	if len(opened.Sigs) != len(verifiers) {
		return nil, fmt.Errorf("%d of %d keys have signed", len(opened.Sigs), len(verifiers))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifiers[0].Name() {
		return nil, errors.New("not a checkpoint under this origin")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] {
		return nil, errors.New("not a size")
	}
	root, err := hash(lines[2])
	return &head{size, root}, err
}

func hash(text string) (tlog.Hash, error) {
	var hash tlog.Hash
	bytes, err := strict.DecodeString(text)
	if err != nil || len(bytes) != len(hash) {
		return hash, errors.New("not a hash")
	}
	copy(hash[:], bytes)
	return hash, nil
}

// Lines up to the empty one, and the note after it.
func split(text []byte) ([]string, []byte, error) {
	at := bytes.Index(text, []byte("\n\n"))
	if at < 0 {
		return nil, nil, errors.New("no empty line")
	}
	return strings.Split(string(text[:at]), "\n"), text[at+2:], nil
}

func hashes(lines []string) ([]tlog.Hash, error) {
	all := []tlog.Hash{}
	for _, line := range lines {
		one, err := hash(line)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func numbered(line, word string) (int64, error) {
	rest := strings.TrimPrefix(line, word)
	number, err := strconv.ParseInt(rest, 10, 64)
	if err != nil || rest == line || strconv.FormatInt(number, 10) != rest {
		return 0, fmt.Errorf("no line %q", word)
	}
	return number, nil
}

// The entries of an export, read once.
func entries(path string) ([][]byte, error) {
	all, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return bytes.Split(bytes.TrimSuffix(all, []byte("\n")), []byte("\n")), nil
}

func root(all [][]byte) (tlog.Hash, error) {
	stored := []tlog.Hash{}
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := []tlog.Hash{}
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	for i, entry := range all {
		more, err := tlog.StoredHashes(int64(i), entry, reader)
		if err != nil {
			return tlog.Hash{}, err
		}
		stored = append(stored, more...)
	}
	return tlog.TreeHash(int64(len(all)), reader)
}

// One check of text as a kind; arguments are those after the file that text was read from.
func check(kind string, text []byte, arguments []string) (string, error) {
	switch {
	case kind == "checkpoint" && len(arguments) >= 1:
		head, err := open(text, arguments)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%d %s", head.size, head.root), nil
	case kind == "root" && len(arguments) == 2:
		signed, err := os.ReadFile(arguments[0])
		if err != nil {
			return "", err
		}
		head, err := open(signed, arguments[1:])
		if err != nil {
			return "", err
		}
		all := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
		if int64(len(all)) < head.size {
			return "", errors.New("too few entries")
		}
		here, err := root(all[:head.size])
		if err == nil && here != head.root {
			err = errors.New("another root")
		}
		return fmt.Sprintf("%d %s", head.size, here), err
	case kind == "receipt" && len(arguments) >= 2:
		return receipt(text, arguments[0], arguments[1:])
	case kind == "extension" && len(arguments) == 2:
		return extension(text, arguments[0], arguments[1:])
	}
	return "", errors.New("no such check")
}

func receipt(text []byte, export string, keys []string) (string, error) {
	lines, signed, err := split(text)
	if err != nil {
		return "", err
	}
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return "", errors.New("no tlog-proof")
	}
	index, err := numbered(lines[1], "index ")
	if err != nil {
		return "", err
	}
	proof, err := hashes(lines[2:])
	if err != nil {
		return "", err
	}
	head, err := open(signed, keys)
	if err != nil {
		return "", err
	}
	all, err := entries(export)
	if err != nil {
		return "", err
	}
	if index >= int64(len(all)) {
		return "", errors.New("no such entry")
	}
	err = tlog.CheckRecord(proof, head.size, head.root, index, tlog.RecordHash(all[index]))
	return fmt.Sprintf("entry %d is in %d", index, head.size), err
}

func extension(text []byte, oldPath string, keys []string) (string, error) {
	lines, signed, err := split(text)
	if err != nil {
		return "", err
	}
	oldSize, err := numbered(lines[0], "old ")
	if err != nil {
		return "", err
	}
	proof, err := hashes(lines[1:])
	if err != nil {
		return "", err
	}
	head, err := open(signed, keys)
	if err != nil {
		return "", err
	}
	oldText, err := os.ReadFile(oldPath)
	if err != nil {
		return "", err
	}
	old, err := open(oldText, keys)
	if err != nil {
		return "", err
	}
	if old.size != oldSize {
		return "", errors.New("the proof begins elsewhere")
	}
	err = tlog.CheckTree(proof, head.size, head.root, old.size, old.root)
	return fmt.Sprintf("%d extends %d", head.size, old.size), err
}

func flips(kind, path string, arguments []string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if _, err = check(kind, text, arguments); err != nil {
		return "", err
	}
	tried := 0
	for at := range text {
		// The last bits before the padding of a signature say nothing, and that package does not look at them.
		if at+1 < len(text) && text[at+1] == '=' {
			continue
		}
		for _, mask := range []byte{1, 2, 16, 128} {
			text[at] ^= mask
			if said, err := check(kind, text, arguments); err == nil {
				return "", fmt.Errorf("byte %d changed, and taken: %s", at, said)
			}
			text[at] ^= mask
			tried++
		}
	}
	return fmt.Sprintf("%d changes, all refused", tried), nil
}

func run(arguments []string) (string, error) {
	if len(arguments) >= 3 && arguments[0] == "flips" {
		return flips(arguments[1], arguments[2], arguments[3:])
	}
	if len(arguments) < 2 {
		return "", errors.New("usage: tlog KIND FILE ARGUMENT...")
	}
	text, err := os.ReadFile(arguments[1])
	if err != nil {
		return "", err
	}
	return check(arguments[0], text, arguments[2:])
}

func main() {
	said, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "tlog:", err)
		os.Exit(1)
	}
	fmt.Println(said)
}
