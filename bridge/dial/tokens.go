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

// renewAhead is the time before its expiry at which a token is renewed. A token with a
// lifetime below twice that is renewed after half of it.
const renewAhead = 10 * time.Minute

// tokenKey identifies a credential without holding it.
type tokenKey [sha256.Size]byte

// token is a token of IAM with its times.
type token struct {
	value   vault.Secret
	renewAt time.Time
	ends    time.Time
}

// Tokens caches IAM tokens in memory until shortly before they expire. It is safe for
// concurrent use: dials that need the same token share one request and its result. A failure
// is neither cached nor retried, since wrong passwords lock the user.
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

// get returns the cached token, or, if renew is set or there is none to use, a new one from
// fetch.
func (t *Tokens) get(ctx context.Context, key tokenKey, now func() time.Time, renew bool, fetch func(context.Context) (token, error)) (vault.Secret, error) {
	if value, ok := t.kept(key, now()); ok && !renew {
		return value, nil
	}
	// The request is shared, so it must not end with the dial that began it. Fetch limits it.
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

// newToken returns a token that was issued now and expires at ends.
func newToken(value vault.Secret, now, ends time.Time) token {
	ahead := min(renewAhead, ends.Sub(now)/2)
	return token{value: value, renewAt: ends.Add(-ahead), ends: ends}
}

// keyOf hashes every field of c with the password, so that a changed password does not find
// the old token.
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
