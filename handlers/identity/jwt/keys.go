package jwt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"

	"duplex/handlers/identity/principal"
)

// FetchPause is the minimum time between two fetches of an issuer's keys. Anybody can
// forge a token with an unknown key id, and must not cause requests with it.
const FetchPause = 30 * time.Second

const keysAge = time.Hour // then keys are fetched again, so that withdrawn ones go

// KeySet caches the public keys at an address. An unknown key id causes a fetch, at most
// once in FetchPause. It is safe for concurrent use.
type KeySet struct {
	url    string
	client *http.Client
	now    func() time.Time
	flight singleflight.Group

	mu      sync.Mutex // guards all below
	keys    []jose.JSONWebKey
	fetched time.Time
	tried   time.Time
}

// NewKeySet returns the KeySet of a JSON Web Key Set's address.
func NewKeySet(url string, client *http.Client, now func() time.Time) *KeySet {
	return &KeySet{url: url, client: client, now: now}
}

// verifySignature checks a signature by one of the algorithms and returns the signed payload.
func (k *KeySet) verifySignature(ctx context.Context, raw string, algorithms []jose.SignatureAlgorithm) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(raw, algorithms)
	if err != nil {
		return nil, err
	}
	header := signed.Signatures[0].Header
	keys, old := k.findKeys(header)
	if len(keys) == 0 || old {
		if err := k.refreshKeys(ctx); err != nil && len(keys) == 0 {
			return nil, err
		}
		keys, _ = k.findKeys(header)
	}
	for i := range keys {
		if payload, err := signed.Verify(&keys[i]); err == nil {
			return payload, nil
		}
	}
	return nil, errors.New("no key of the issuer fits the signature")
}

// findKeys returns the keys that may have signed a token, and whether they are due for a
// fetch.
func (k *KeySet) findKeys(h jose.Header) (found []jose.JSONWebKey, old bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range k.keys {
		if (h.KeyID == "" || key.KeyID == h.KeyID) && (key.Algorithm == "" || key.Algorithm == h.Algorithm) {
			found = append(found, key)
		}
	}
	return found, k.now().Sub(k.fetched) > keysAge
}

// refreshKeys fetches the keys, unless the last try is less than FetchPause ago. Concurrent
// callers share one fetch.
func (k *KeySet) refreshKeys(ctx context.Context) error {
	_, err, _ := k.flight.Do("", func() (any, error) {
		if !k.startTry() {
			return nil, nil
		}
		raw, err := Get(context.WithoutCancel(ctx), k.client, k.url)
		var keys []jose.JSONWebKey
		if err == nil {
			keys, err = parseKeys(raw)
		}
		if err != nil {
			return nil, principal.Refuse(principal.RefusedUnreachable, fmt.Errorf("read keys: %w", err))
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.keys, k.fetched = keys, k.now()
		return nil, nil
	})
	return err
}

// startTry reports whether a fetch is allowed now, and counts it.
func (k *KeySet) startTry() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now().Sub(k.tried) < FetchPause {
		return false
	}
	k.tried = k.now()
	return true
}

// CheckKeys fetches the keys at an address, and refuses a set without a usable one.
func CheckKeys(ctx context.Context, client *http.Client, address string) error {
	raw, err := Get(ctx, client, address)
	if err != nil {
		return err
	}
	keys, err := parseKeys(raw)
	if err != nil {
		return fmt.Errorf("keys at %s: %w", address, err)
	}
	if len(keys) == 0 {
		return fmt.Errorf("%s has no key that is accepted", address)
	}
	return nil
}

// parseKeys parses the public keys of a JSON Web Key Set and skips unknown key types (RFC
// 7517 section 5) and symmetric keys.
func parseKeys(raw []byte) ([]jose.JSONWebKey, error) {
	set, err := ParseObject(raw)
	if err != nil {
		return nil, err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(set["keys"], &list); err != nil {
		return nil, fmt.Errorf("read the list of keys: %w", err)
	}
	var keys []jose.JSONWebKey
	for _, raw := range list {
		var key jose.JSONWebKey
		if _, err := ParseObject(raw); err != nil || key.UnmarshalJSON(raw) != nil {
			continue
		}
		if key.Valid() && key.IsPublic() && (key.Use == "" || key.Use == "sig") {
			keys = append(keys, key)
		}
	}
	return keys, nil
}
