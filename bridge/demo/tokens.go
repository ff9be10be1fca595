package demo

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"
)

const (
	tokenLife  = 24 * time.Hour
	tokenBytes = 2 << 10 // IAM's tokens are several KB of base64, and so are these
	maxTokens  = 10_000  // issued and remembered at a time
)

// tokens holds the tokens that the emulated IAM issued and the gateway accepts, by
// hash.
type tokens struct {
	mu       sync.Mutex // guards requests, known
	requests int
	known    map[[sha256.Size]byte]token
}

type token struct {
	expires time.Time
	scoped  bool // to a project, which ModelArts demands
	revoked bool
	fixed   bool // never issued and never forgotten
}

// newTokens knows the two tokens that are published: one that is always good and
// one that never is.
func newTokens() *tokens {
	forever := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	return &tokens{known: map[[sha256.Size]byte]token{
		sha256.Sum256([]byte(Token)):        {expires: forever, scoped: true, fixed: true},
		sha256.Sum256([]byte(ExpiredToken)): {scoped: true, fixed: true},
	}}
}

// find returns the record of a token.
func (t *tokens) find(value string) (token, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, found := t.known[sha256.Sum256([]byte(value))]
	return known, found
}

// issue makes a token that is good until expires.
func (t *tokens) issue(now, expires time.Time, scoped bool) string {
	raw := make([]byte, tokenBytes)
	_, _ = rand.Read(raw) // never fails
	value := "MIIDemo" + base64.RawURLEncoding.EncodeToString(raw)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) >= maxTokens {
		t.makeRoom(now)
	}
	t.known[sha256.Sum256([]byte(value))] = token{expires: expires, scoped: scoped}
	return value
}

// makeRoom forgets the tokens that are over, and if that is not enough, any one.
// The caller holds mu.
func (t *tokens) makeRoom(now time.Time) {
	for hash, known := range t.known {
		if !known.fixed && (known.revoked || !now.Before(known.expires)) {
			delete(t.known, hash)
		}
	}
	for hash, known := range t.known {
		if len(t.known) < maxTokens {
			return
		}
		if !known.fixed {
			delete(t.known, hash)
		}
	}
}

// counted notes one request for a token.
func (t *tokens) counted() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests++
}

// TokenRequests returns how often the emulated IAM was asked for a token, refusals
// included.
func (d *Demo) TokenRequests() int {
	d.tokens.mu.Lock()
	defer d.tokens.mu.Unlock()
	return d.tokens.requests
}

// RevokeTokens voids every token issued so far, as a changed password does: the
// gateway answers to them with APIG.0307. The constant Token stays good.
func (d *Demo) RevokeTokens() {
	d.tokens.mu.Lock()
	defer d.tokens.mu.Unlock()
	for hash, known := range d.tokens.known {
		known.revoked = !known.fixed
		d.tokens.known[hash] = known
	}
}
