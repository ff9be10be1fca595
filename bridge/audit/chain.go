package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"duplex/bridge/vault"
)

// Seal ties an entry to all entries before it.
type Seal struct {
	Key  string // the key of the key file that MAC was made with
	Prev []byte // Hash of the entry before; 32 zeros for the first
	Hash []byte // SHA-256 of all fields above and Prev
	MAC  []byte // HMAC-SHA-256 of Hash
}

// Head names the newest entry. It is signed, and it changes in the transaction that
// adds entries, so that entries missing at the end are noticed. An older head restored
// along with older entries is not noticed: that takes a Point noted elsewhere.
type Head struct {
	Seq  int64
	Hash []byte // of the newest entry
	Key  string
	MAC  []byte
}

// The purpose is part of each code. Without it, the code of an older entry would pass
// as that of a head after the last entries were removed.
const (
	purposeEntry = "audit entry v1"
	purposeHead  = "audit head v1"
)

// zero is the previous hash of the first entry.
func zero() []byte { return make([]byte, sha256.Size) }

// Link appends entries to the chain that ends at head: it numbers and signs them, and
// returns the new head.
func Link(keys *vault.Keyring, head Head, entries []Entry) Head {
	signer, prev := keys.Signer(), head.Hash
	if head.Seq == 0 {
		prev = zero()
	}
	for i := range entries {
		e := &entries[i]
		e.clean()
		e.Seq, e.Prev, e.Key = head.Seq+1, prev, signer.ID
		e.Hash = e.sum(prev)
		e.MAC = signer.MAC(e.signed())
		head.Seq, prev = e.Seq, e.Hash
	}
	head.Hash, head.Key = prev, signer.ID
	head.MAC = signer.MAC(head.signed())
	return head
}

// sum returns the hash of e behind an entry with the hash prev. Every part is preceded by
// its length, so that no two entries give the same bytes.
func (e *Entry) sum(prev []byte) []byte {
	sum := sha256.Sum256(e.encode(prev))
	return sum[:]
}

func (e *Entry) encode(prev []byte) []byte {
	var out []byte
	out = appendPart(out, []byte(purposeEntry))
	out = appendNumber(out, e.Seq)
	out = appendNumber(out, e.At.UnixMicro())
	for _, text := range e.texts() {
		out = appendPart(out, []byte(*text))
	}
	out = appendPart(out, []byte(e.Key))
	return appendPart(out, prev)
}

func appendNumber(out []byte, n int64) []byte {
	return appendPart(out, binary.BigEndian.AppendUint64(nil, uint64(n))) //nolint:gosec // the bits, whatever the sign
}

func appendPart(out, part []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(part))) //nolint:gosec // far below 4 GiB
	return append(out, part...)
}

// signed returns the bytes that the code of an entry covers.
func (e *Entry) signed() []byte {
	return appendPart(appendPart(nil, []byte(purposeEntry)), e.Hash)
}

// signed returns the bytes that the code of a head covers.
func (h *Head) signed() []byte {
	return appendPart(appendNumber(appendPart(nil, []byte(purposeHead)), h.Seq), h.Hash)
}

// Check verifies that h was made with a key of the key file. The error is a
// *vault.KeyMissingError or vault.ErrAltered.
func (h *Head) Check(keys *vault.Keyring) error { return keys.CheckMAC(h.Key, h.signed(), h.MAC) }

// isGenuine reports whether the code of e was made with a key of the key file, wherever
// e is in the chain now. The error is a *vault.KeyMissingError when the key is missing.
func (e *Entry) isGenuine(keys *vault.Keyring) (bool, error) {
	return genuine(keys.CheckMAC(e.Key, e.signed(), e.MAC))
}

// follows reports whether the hash of e is correct for an entry behind one with the
// hash prev.
func (e *Entry) follows(prev []byte) bool {
	return bytes.Equal(e.Prev, prev) && bytes.Equal(e.Hash, e.sum(prev))
}
