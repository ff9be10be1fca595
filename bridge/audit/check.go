package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"duplex/bridge/vault"
)

// Checker verifies the chain of a Ledger. It remembers its position: entries that were
// checked are not read again, and the entry at that position must not change. It is
// safe for concurrent use.
type Checker struct {
	Ledger Ledger
	Keys   *vault.Keyring
	Since  Point // a head noted earlier and elsewhere; the zero Point is none

	mu     sync.Mutex // guards all below
	at     Point      // the newest checked entry
	signed int64      // seq of the newest entry with a checked code, which confirms all before it
	key    string     // key id of the first code that could not be checked
	trust  int64      // seq of the newest entry with a code that could not be checked
	under  string     // the key of that code
	broken error      // a *BreakError, once it was found
}

// Point is an entry and its hash.
type Point struct {
	Seq  int64
	Hash []byte
}

// String returns the notation of a point, with the whole hash: "1204:ab12…".
func (p Point) String() string { return fmt.Sprintf("%d:%s", p.Seq, hex.EncodeToString(p.Hash)) }

// ParsePoint parses the result of String.
func ParsePoint(s string) (Point, error) {
	number, hash, _ := strings.Cut(strings.TrimSpace(s), ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	sum, hexErr := hex.DecodeString(hash)
	if err != nil || seq < 1 || hexErr != nil || len(sum) != len(zero()) {
		return Point{}, errors.New("want seq:hash, as verify prints the head: a number and 64 hex digits")
	}
	return Point{Seq: seq, Hash: sum}, nil
}

// Standing is the progress of a Checker.
type Standing struct {
	Checked Point // the newest checked entry
	Broken  error // a *BreakError behind it, nil when there is none

	// The newest entry with a code that could not be checked, and the id of its key, which
	// is missing from the key file. A later entry confirms it through the chain. 0 for
	// none.
	Vouched    int64
	VouchedKey string
}

// Standing returns the progress of c.
func (c *Checker) Standing() Standing {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Standing{Checked: c.at, Broken: c.broken, Vouched: c.trust, VouchedKey: c.under}
}

// Verify checks all entries that are not checked yet. The error is a *BreakError when the
// chain is broken.
func (c *Checker) Verify(ctx context.Context) error {
	for {
		more, err := c.Advance(ctx, 1<<20)
		if err != nil || !more {
			return err
		}
	}
}

// Advance checks at most limit more entries and reports whether any are left. The error
// is a *BreakError when the chain is broken; all later calls return it too.
func (c *Checker) Advance(ctx context.Context, limit int) (more bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return false, c.broken
	}
	for e, err := range c.Ledger.AuditEntries(ctx, Filter{After: c.at.Seq}) {
		if err != nil {
			return false, err
		}
		if err := c.step(ctx, &e); err != nil {
			return false, c.note(err)
		}
		if limit--; limit == 0 {
			return true, nil
		}
	}
	more, err = c.settle(ctx)
	return more, c.note(err)
}

// note stores err when it is a *BreakError.
func (c *Checker) note(err error) error {
	if found, ok := errors.AsType[*BreakError](err); ok {
		c.broken = found
	}
	return err
}

// step checks the next entry.
func (c *Checker) step(ctx context.Context, e *Entry) error {
	prev := c.at.Hash
	if c.at.Seq == 0 {
		prev = zero()
	}
	switch ok, err := e.isGenuine(c.Keys); {
	case e.Seq != c.at.Seq+1, !e.follows(prev), err == nil && !ok:
		return c.judge(ctx, e, prev, ok)
	case err == nil:
		c.signed = e.Seq
	default:
		if c.signed == c.at.Seq {
			c.key = e.Key
		}
		c.trust, c.under = e.Seq, e.Key
	}
	c.at = Point{Seq: e.Seq, Hash: e.Hash}
	if c.at.Seq == c.Since.Seq && !bytes.Equal(c.at.Hash, c.Since.Hash) {
		return &BreakError{Seq: e.Seq, Kind: Replaced}
	}
	return nil
}

// judge names the change at e, which does not follow prev. The number of entries,
// compared with the head, shows whether an entry was inserted or removed and the others
// renumbered. The head is read before and after, because entries may be added at the same
// time.
func (c *Checker) judge(ctx context.Context, e *Entry, prev []byte, isGenuine bool) error {
	before, err := c.head(ctx)
	if err != nil {
		return err
	}
	last, err := c.last(ctx)
	if err != nil {
		return err
	}
	after, err := c.head(ctx)
	if err != nil {
		return err
	}
	kind := Edited
	switch {
	case e.Seq > c.at.Seq+1 && c.at.Seq < before.Seq:
		kind = Removed
	case last > after.Seq && after.Seq > 0:
		kind = Inserted
	case last < before.Seq:
		kind = Removed
	case isGenuine && !bytes.Equal(e.Prev, prev) && !bytes.Equal(e.Hash, e.sum(prev)):
		kind = Reordered
	}
	return &BreakError{Seq: c.at.Seq + 1, Kind: kind}
}

// head returns the newest head; the zero Head when it is not genuine.
func (c *Checker) head(ctx context.Context) (Head, error) {
	head, err := c.Ledger.AuditHead(ctx)
	if err != nil {
		return Head{}, err
	}
	if ok, _ := genuine(head.Check(c.Keys)); !ok {
		return Head{}, nil
	}
	return head, nil
}

// last returns the newest seq.
func (c *Checker) last(ctx context.Context) (int64, error) {
	for e, err := range c.Ledger.AuditEntries(ctx, Filter{Newest: true, Limit: 1}) {
		return e.Seq, err
	}
	return 0, nil
}

// settle compares the end of the chain with the head, and reports whether entries were
// added in the meantime. The head is read first, so that all entries it counts must be
// there.
func (c *Checker) settle(ctx context.Context) (more bool, err error) {
	head, err := c.Ledger.AuditHead(ctx)
	if err != nil {
		return false, err
	}
	last, err := c.last(ctx)
	if err != nil {
		return false, err
	}
	switch {
	case last < head.Seq, last < c.at.Seq, last < c.Since.Seq:
		return false, &BreakError{Seq: last + 1, Kind: Truncated}
	case last == 0:
		return false, &BreakError{Seq: 1, Kind: Empty}
	case last > c.at.Seq:
		return true, nil
	case head.Seq < c.at.Seq:
		return false, &BreakError{Seq: head.Seq + 1, Kind: Inserted}
	case c.signed < c.at.Seq:
		return false, &BreakError{Seq: c.signed + 1, Kind: KeyMissing, Key: c.key}
	}
	return false, c.compare(&head)
}

// compare checks a head with the right number of entries.
func (c *Checker) compare(head *Head) error {
	ok, err := genuine(head.Check(c.Keys))
	if err != nil {
		return &BreakError{Seq: head.Seq, Kind: KeyMissing, Key: head.Key}
	}
	if !ok || !bytes.Equal(head.Hash, c.at.Hash) {
		return &BreakError{Seq: head.Seq, Kind: HeadAltered}
	}
	return nil
}

// genuine converts the result of checking a code. The error is a
// *vault.KeyMissingError.
func genuine(err error) (bool, error) {
	if errors.Is(err, vault.ErrAltered) {
		return false, nil
	}
	return err == nil, err
}
