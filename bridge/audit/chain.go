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

// Head says which entry is the newest. It is signed too, and changes in the
// transaction that adds entries, so that entries missing at the end are noticed. An
// older head put back along with them is not: that takes a Point noted elsewhere.
type Head struct {
	Seq  int64
	Hash []byte // of the newest entry
	Key  string
	MAC  []byte
}

// What a code is for, so that that of an entry is never taken for that of a head:
// otherwise whoever removes the last entries could make the older head.
const (
	purposeEntry = "audit entry v1"
	purposeHead  = "audit head v1"
)

// zero stands before the first entry.
func zero() []byte { return make([]byte, sha256.Size) }

// Link makes entries the next ones behind head: it numbers and signs them, and
// returns the head they lead to.
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

// sum is the hash of e behind an entry with the hash prev. Every part has its length
// in front, so that no two entries give the same bytes.
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

// signed is what the code of an entry is made over.
func (e *Entry) signed() []byte {
	return appendPart(appendPart(nil, []byte(purposeEntry)), e.Hash)
}

// signed is what the code of a head is made over.
func (h *Head) signed() []byte {
	return appendPart(appendNumber(appendPart(nil, []byte(purposeHead)), h.Seq), h.Hash)
}

// Check says whether the holder of the key file made h. The error is a
// *vault.KeyMissingError or vault.ErrAltered.
func (h *Head) Check(keys *vault.Keyring) error { return keys.CheckMAC(h.Key, h.signed(), h.MAC) }

// isGenuine reports whether the hash of e is one that the holder of the key file
// made, wherever it now stands. The error is a *vault.KeyMissingError when that
// cannot be told.
func (e *Entry) isGenuine(keys *vault.Keyring) (bool, error) {
	return genuine(keys.CheckMAC(e.Key, e.signed(), e.MAC))
}

// follows reports whether e is what its hash says, behind an entry with the hash prev.
func (e *Entry) follows(prev []byte) bool {
	return bytes.Equal(e.Prev, prev) && bytes.Equal(e.Hash, e.sum(prev))
}
