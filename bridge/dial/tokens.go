package dial

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// renewAhead is how long before its end a token is renewed; a token that lives for
// less than twice of it is renewed at half of its life.
const renewAhead = 10 * time.Minute

// tokenKey tells credentials apart without holding one.
type tokenKey [sha256.Size]byte

// token is what IAM gave.
type token struct {
	value   vault.Secret
	renewAt time.Time
	ends    time.Time
}

// Tokens keeps IAM tokens in memory until shortly before they end. It is safe for
// concurrent use; dials that need the same token at the same time share one request
// and its outcome. A failure is not kept, and never tried again by itself: wrong
// passwords lock the user.
type Tokens struct {
	flights singleflight.Group

	mu   sync.Mutex // guards held
	held map[tokenKey]token
}

// NewTokens returns an empty cache.
func NewTokens() *Tokens { return &Tokens{held: map[tokenKey]token{}} }

// Forget drops the token of c, so the next dial asks for a new one.
func (t *Tokens) Forget(c sign.Credential) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.held, keyOf(c))
}

// get returns the kept token, unless renew is set or it is about to end, or else
// the one that fetch returns.
func (t *Tokens) get(ctx context.Context, key tokenKey, now func() time.Time, renew bool, fetch func(context.Context) (token, error)) (vault.Secret, error) {
	if value, ok := t.kept(key, now()); ok && !renew {
		return value, nil
	}
	// The request is shared, so it must not end with the dial that began it; fetch
	// bounds it.
	shared := context.WithoutCancel(ctx)
	flight := t.flights.DoChan(string(key[:]), func() (any, error) {
		fresh, err := fetch(shared)
		if err == nil {
			t.keep(key, fresh, now())
		}
		return fresh.value, err
	})
	select {
	case result := <-flight:
		value, _ := result.Val.(vault.Secret)
		return value, result.Err
	case <-ctx.Done():
		return vault.Secret{}, fmt.Errorf("wait for token: %w", ctx.Err())
	}
}

func (t *Tokens) kept(key tokenKey, now time.Time) (vault.Secret, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	held, ok := t.held[key]
	return held.value, ok && now.Before(held.renewAt)
}

func (t *Tokens) keep(key tokenKey, fresh token, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.held, func(_ tokenKey, held token) bool { return !now.Before(held.ends) })
	t.held[key] = fresh
}

// newToken says when a token issued at now is to be renewed.
func newToken(value vault.Secret, now, ends time.Time) token {
	ahead := min(renewAhead, ends.Sub(now)/2)
	return token{value: value, renewAt: ends.Add(-ahead), ends: ends}
}

// keyOf covers every field of c, the password too: after a change of it the old
// token is not found.
func keyOf(c sign.Credential) tokenKey {
	hash := sha256.New()
	for _, field := range []string{
		string(c.Kind), c.Plain["iam_endpoint"], c.Plain["domain"], c.Plain["user"], c.Plain["project"],
		c.Secrets["password"].Reveal(),
	} {
		hash.Write(binary.BigEndian.AppendUint64(nil, uint64(len(field)))) // so that fields cannot run together
		hash.Write([]byte(field))
	}
	return tokenKey(hash.Sum(nil))
}
