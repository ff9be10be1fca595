package proxy

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"duplex/handlers/identity/jwt"
)

// balancer verifies the token of an AWS Application Load Balancer, which differs from a
// JSON Web Token: its base64 is padded, and signed with the padding; its key is a PEM file
// named after the key id; and it has no audience. All load balancers of a region share
// their keys, so the signer's ARN is checked as well.
type balancer struct {
	signer  string // ARN
	issuer  string
	client  string // id at the provider; "" is not checked
	keysURL string
	http    *http.Client
	now     func() time.Time
	flight  singleflight.Group

	mu    sync.Mutex // guards all below
	keys  map[string]*ecdsa.PublicKey
	tried time.Time
}

func newBalancer(t *Token, client *http.Client, now func() time.Time) *balancer {
	return &balancer{
		signer: t.Signer, issuer: t.Issuer, client: t.Audience, keysURL: strings.TrimSuffix(t.KeysURL, "/"),
		http: client, now: now, keys: map[string]*ecdsa.PublicKey{},
	}
}

// signerARN matches the ARN of an Application Load Balancer and its region.
var signerARN = regexp.MustCompile(`^arn:aws[a-z-]*:elasticloadbalancing:([a-z]{2}(?:-[a-z]+)+-[0-9]):[0-9]{12}:loadbalancer/app/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}$`)

// BalancerKeys returns the address of a load balancer's keys; "" when arn is invalid.
func BalancerKeys(arn string) string {
	match := signerARN.FindStringSubmatch(arn)
	if match == nil {
		return ""
	}
	return "https://public-keys.auth.elb." + match[1] + ".amazonaws.com"
}

// keyName matches a key id, which becomes a part of an address.
var keyName = regexp.MustCompile(`^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// verifyHeader implements jwt.Verify. The payload gets issuer and expiry from the header.
func (b *balancer) verifyHeader(ctx context.Context, raw string) ([]byte, error) {
	parts := strings.Split(raw, ".")
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(part, "=")); err != nil {
			return nil, fmt.Errorf("decode: %w", err)
		}
	}
	header, err := parseBalancerHeader(decoded[0])
	if err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	switch {
	case header.algorithm != "ES256":
		return nil, fmt.Errorf("it is signed with %q", header.algorithm)
	case header.signer != b.signer:
		return nil, fmt.Errorf("it is signed by %q", header.signer)
	case header.issuer != b.issuer:
		return nil, fmt.Errorf("it is issued by %q", header.issuer)
	case b.client != "" && header.client != b.client:
		return nil, fmt.Errorf("it is for %q", header.client)
	case !keyName.MatchString(header.keyID):
		return nil, fmt.Errorf("its key is %q", header.keyID)
	}
	key, err := b.findKey(ctx, header.keyID)
	if err != nil {
		return nil, err
	}
	if !signedBy(key, parts[0]+"."+parts[1], decoded[2]) {
		return nil, errors.New("the signature does not fit")
	}
	return withHeader(decoded[1], header.Object)
}

// balancerHeader is the header of a load balancer's token. It holds issuer and expiry,
// which other tokens have among the claims.
type balancerHeader struct {
	jwt.Object

	algorithm, keyID, signer, issuer, client string
}

func parseBalancerHeader(raw []byte) (h balancerHeader, err error) {
	if h.Object, err = jwt.ParseObject(raw); err != nil {
		return h, err
	}
	for name, to := range map[string]*string{
		"alg": &h.algorithm, "kid": &h.keyID, "signer": &h.signer, "iss": &h.issuer, "client": &h.client,
	} {
		if *to, err = h.Text(name); err != nil {
			return h, err
		}
	}
	return h, nil
}

// withHeader returns the payload with issuer and expiry replaced by those of the signed
// header.
func withHeader(payload []byte, header jwt.Object) ([]byte, error) {
	claims, err := jwt.ParseObject(payload)
	if err != nil {
		return nil, fmt.Errorf("read claims: %w", err)
	}
	for _, name := range []string{"iss", "exp"} {
		delete(claims, name)
		if value, found := header[name]; found {
			claims[name] = value
		}
	}
	return json.Marshal(claims)
}

// signedBy checks a signature of ES256: r and s, 32 bytes each (RFC 7518 section 3.4).
func signedBy(key *ecdsa.PublicKey, text string, signature []byte) bool {
	if len(signature) != 64 {
		return false
	}
	digest := sha256.Sum256([]byte(text))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return ecdsa.Verify(key, digest[:], r, s)
}

// findKey returns a key by its id. It fetches at most once in jwt.FetchPause.
func (b *balancer) findKey(ctx context.Context, name string) (*ecdsa.PublicKey, error) {
	if key := b.cachedKey(name); key != nil {
		return key, nil
	}
	_, err, _ := b.flight.Do("", func() (any, error) {
		if !b.startTry() {
			return nil, nil
		}
		return nil, b.fetchKey(context.WithoutCancel(ctx), name)
	})
	if key := b.cachedKey(name); key != nil {
		return key, nil
	}
	if err == nil {
		err = fmt.Errorf("its key %q is not known", name)
	}
	return nil, err
}

func (b *balancer) cachedKey(name string) *ecdsa.PublicKey {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.keys[name]
}

// startTry reports whether a fetch is allowed now, and counts it.
func (b *balancer) startTry() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.now().Sub(b.tried) < jwt.FetchPause {
		return false
	}
	b.tried = b.now()
	return true
}

func (b *balancer) fetchKey(ctx context.Context, name string) error {
	raw, err := jwt.Get(ctx, b.http, b.keysURL+"/"+name)
	if err != nil {
		return fmt.Errorf("read key: %w", err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return errors.New("read key: it is no PEM")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("read key: %w", err)
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return errors.New("read key: it is no key for ES256")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys[name] = key
	return nil
}
