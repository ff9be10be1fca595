package ssotest

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const tokenTime = 5 * time.Minute // of access tokens

// storage keeps the provider's state in memory.
type storage struct {
	client *client
	key    *rsa.PrivateKey

	mu       sync.Mutex // guards all below
	requests map[string]*request
	codes    map[string]string // code -> request
	tokens   map[string]grant  // access token -> grant
	refresh  map[string]grant  // refresh token -> grant
	browsers map[string]string // cookie -> person
	groups   map[string][]string
	traded   int
}

// grant records a person's consent.
type grant struct {
	person string
	scopes []string
	at     time.Time
}

func newStorage(o Options) (*storage, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	return &storage{
		client: &client{options: o}, key: key, requests: map[string]*request{}, codes: map[string]string{},
		tokens: map[string]grant{}, refresh: map[string]grant{}, browsers: map[string]string{}, groups: maps.Clone(People),
	}, err
}

func (s *storage) allow(redirects []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.client.redirects = append(s.client.redirects, redirects...)
}

func (s *storage) signIn(person string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := rand.Text()
	s.browsers[id] = person
	return id
}

func (s *storage) signedIn(cookie string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.browsers[cookie]
}

func (s *storage) regroup(person string, groups []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groups[person] = groups
}

func (s *storage) groupsOf(person string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.groups[person]
}

func (s *storage) signOut(person string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, tokens := range []map[string]grant{s.tokens, s.refresh} {
		for token, g := range tokens {
			if g.person == person {
				delete(tokens, token)
			}
		}
	}
	for id, of := range s.browsers {
		if of == person {
			delete(s.browsers, id)
		}
	}
}

func (s *storage) renewals() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.traded
}

// grant holds the person and the client of a request.
func (s *storage) grant(id, person string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests[id]
	if r != nil {
		r.person, r.at = person, time.Now()
	}
	return r != nil
}

// CreateAuthRequest implements op.Storage.
func (s *storage) CreateAuthRequest(_ context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	made := &request{AuthRequest: r, id: rand.Text()}
	s.requests[made.id] = made
	return made, nil
}

// AuthRequestByID implements op.Storage.
func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.requests[id]; r != nil {
		return r, nil
	}
	return nil, errors.New("no such request")
}

// AuthRequestByCode implements op.Storage.
func (s *storage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	id := s.codes[code]
	s.mu.Unlock()
	return s.AuthRequestByID(ctx, id)
}

// SaveAuthCode implements op.Storage.
func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code] = id
	return nil
}

// DeleteAuthRequest implements op.Storage.
func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.requests, id)
	return nil
}

// CreateAccessToken implements op.Storage.
func (s *storage) CreateAccessToken(_ context.Context, r op.TokenRequest) (string, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := rand.Text()
	s.tokens[id] = grant{person: r.GetSubject(), scopes: r.GetScopes()}
	return id, time.Now().Add(tokenTime), nil
}

// CreateAccessAndRefreshTokens implements op.Storage. A refresh token is good once.
func (s *storage) CreateAccessAndRefreshTokens(ctx context.Context, r op.TokenRequest, current string) (access, refresh string, end time.Time, err error) {
	access, end, err = s.CreateAccessToken(ctx, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if current != "" {
		delete(s.refresh, current)
		s.traded++
	}
	refresh = rand.Text()
	s.refresh[refresh] = grant{person: r.GetSubject(), scopes: r.GetScopes(), at: time.Now()}
	return access, refresh, end, err
}

// TokenRequestByRefreshToken implements op.Storage.
func (s *storage) TokenRequestByRefreshToken(_ context.Context, token string) (op.RefreshTokenRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, found := s.refresh[token]
	if !found {
		return nil, oidc.ErrInvalidGrant()
	}
	return &renewal{g}, nil
}

// TerminateSession implements op.Storage. Without a cookie the provider cannot tell
// browsers apart, so every sign-in of the person ends.
func (s *storage) TerminateSession(_ context.Context, person, _ string) error {
	s.signOut(person)
	return nil
}

// RevokeToken implements op.Storage.
func (s *storage) RevokeToken(context.Context, string, string, string) *oidc.Error { return nil }

// GetRefreshTokenInfo implements op.Storage.
func (s *storage) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

// SigningKey implements op.Storage.
func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return signingKey{s.key}, nil }

// SignatureAlgorithms implements op.Storage.
func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

// KeySet implements op.Storage.
func (s *storage) KeySet(context.Context) ([]op.Key, error) { return []op.Key{publicKey{s.key}}, nil }

// GetClientByClientID implements op.Storage.
func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id != ClientID {
		return nil, errors.New("no such client")
	}
	copied := *s.client
	copied.redirects = slices.Clone(s.client.redirects)
	return &copied, nil
}

// AuthorizeClientIDSecret implements op.Storage.
func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != ClientID || secret != ClientSecret {
		return errors.New("wrong secret")
	}
	return nil
}

// SetUserinfoFromScopes implements op.Storage.
func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

// SetUserinfoFromRequest implements op.CanSetUserinfoFromRequest: it fills ID tokens.
func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, r op.IDTokenRequest, _ []string) error {
	describe(info, r.GetSubject())
	if s.client.options.Groups {
		info.AppendClaims("groups", s.groupsOf(r.GetSubject()))
	}
	return nil
}

// SetUserinfoFromToken implements op.Storage.
func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, token, person, _ string) error {
	s.mu.Lock()
	_, known := s.tokens[token]
	s.mu.Unlock()
	if !known {
		return errors.New("no such token")
	}
	describe(info, person)
	info.AppendClaims("groups", s.groupsOf(person))
	return nil
}

func describe(info *oidc.UserInfo, person string) {
	info.Subject, info.Name = person, person+" of the company"
	info.Email, info.EmailVerified = person+"@company.example", true
}

// SetIntrospectionFromToken implements op.Storage.
func (s *storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return nil
}

// GetPrivateClaimsFromScopes implements op.Storage.
func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return map[string]any{}, nil
}

// GetKeyByIDAndClientID implements op.Storage.
func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errors.New("no such key")
}

// ValidateJWTProfileScopes implements op.Storage.
func (s *storage) ValidateJWTProfileScopes(_ context.Context, _ string, scopes []string) ([]string, error) {
	return scopes, nil
}

// Health implements op.Storage.
func (s *storage) Health(context.Context) error { return nil }
