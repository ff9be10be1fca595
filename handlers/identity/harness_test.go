package identity_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"duplex/bridge/testkit"
	"duplex/bridge/vault"
	"duplex/handlers/identity"
	"duplex/handlers/identity/proxy"
)

func newClock() *testkit.Clock {
	return testkit.NewClock(time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))
}

// memory is a store in memory. The real stores have a conformance suite of their own.
type memory struct {
	now func() time.Time

	mu      sync.Mutex // guards all below
	signIns map[string]identity.SignIn
	claims  map[string]time.Time
	changed map[string]time.Time
	people  map[string]identity.Person
	out     map[string]time.Time
	tokens  map[string]identity.AccessToken
	seen    map[string]time.Time
	broken  error
}

func newMemory(now func() time.Time) *memory {
	return &memory{
		now: now, signIns: map[string]identity.SignIn{}, claims: map[string]time.Time{}, changed: map[string]time.Time{},
		people: map[string]identity.Person{}, out: map[string]time.Time{}, tokens: map[string]identity.AccessToken{}, seen: map[string]time.Time{},
	}
}

func (m *memory) PutSignIn(_ context.Context, s identity.SignIn) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.signIns[s.ID].Ended.IsZero() {
		m.signIns[s.ID], m.changed[s.ID] = s, m.now()
		delete(m.claims, s.ID)
	}
	return m.broken
}

func (m *memory) SignIn(_ context.Context, id string) (identity.SignIn, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, found := m.signIns[id]
	return s, found, m.broken
}

func (m *memory) SeeSignIn(_ context.Context, id string, until time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, found := m.signIns[id]; found && s.Ended.IsZero() {
		s.Seen = m.now()
		if until.After(s.Until) {
			s.Until = until
		}
		m.signIns[id], m.changed[id] = s, m.now()
	}
	return m.broken
}

func (m *memory) EndSignIn(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.end(func(s identity.SignIn) bool { return s.ID == id })
	return m.broken
}

func (m *memory) end(which func(identity.SignIn) bool) {
	for id, s := range m.signIns {
		if which(s) && s.Ended.IsZero() {
			s.Ended = m.now()
			m.signIns[id], m.changed[id] = s, m.now()
		}
	}
}

func (m *memory) ClaimSignIn(_ context.Context, id string, until time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.claims[id].Before(m.now()) {
		return false, m.broken
	}
	m.claims[id] = until
	return true, m.broken
}

func (m *memory) RenewableSignIn(_ context.Context, person string) (best identity.SignIn, found bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.signIns {
		if s.Person != person || !s.Ended.IsZero() || s.Refresh.Reveal() == "" {
			continue
		}
		if !found || s.Refused.IsZero() && !best.Refused.IsZero() || s.Refused.IsZero() == best.Refused.IsZero() && s.Until.After(best.Until) {
			best, found = s, true
		}
	}
	return best, found, m.broken
}

func (m *memory) ChangedSignIns(_ context.Context, since time.Time) ([]identity.SignIn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []identity.SignIn
	for id, at := range m.changed {
		if !at.Before(since) {
			out = append(out, m.signIns[id])
		}
	}
	return out, m.broken
}

func (m *memory) PutPerson(_ context.Context, p identity.Person) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.people[p.ID], m.seen[p.ID] = p, m.now()
	return m.broken
}

func (m *memory) People(context.Context) ([]identity.Known, error) { return nil, m.broken }

func (m *memory) SignOutPerson(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.out[id] = m.now()
	m.end(func(s identity.SignIn) bool { return s.Person == id })
	return m.broken
}

func (m *memory) SignedOut(_ context.Context, since time.Time) (map[string]time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string]time.Time{}
	maps.Copy(out, m.out)
	maps.DeleteFunc(out, func(_ string, at time.Time) bool { return at.Before(since) })
	return out, m.broken
}

func (m *memory) SignedOutAt(_ context.Context, id string) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.out[id], m.broken
}

// door is a Guard with its clock, store and events.
type door struct {
	*identity.Guard

	t      *testing.T
	clock  *testkit.Clock
	store  *memory
	mu     sync.Mutex // guards events
	events []identity.Event
}

func newDoor(t *testing.T, s identity.Settings) *door {
	t.Helper()
	d := &door{t: t, clock: newClock()}
	d.store = newMemory(d.clock.Now)
	keys, err := vault.LoadOrCreate(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	d.Guard, err = identity.New(identity.Options{
		Settings: s, Origins: func() []string { return []string{"https://duplex.example"} }, Store: d.store, Keys: keys, Now: d.clock.Now,
		Audit: func(_ context.Context, e identity.Event) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.events = append(d.events, e)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// ask lets edit change a request and sends it to the Guard.
func (d *door) ask(edit func(*http.Request)) (identity.Person, *http.Request, *httptest.ResponseRecorder, error) {
	d.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "https://duplex.example/api/lease", nil)
	r.RemoteAddr = "10.0.3.7:4000"
	edit(r)
	w := httptest.NewRecorder()
	p, err := d.Identify(w, r)
	return p, r, w, err
}

// codeOf returns the code of a refusal; "" for a nil error.
func codeOf(err error) string {
	if refusal, ok := errors.AsType[*identity.RefusedError](err); ok {
		return refusal.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func roles() identity.Roles {
	return identity.Roles{Admins: []string{"ops"}, Members: []string{"dev", "语音"}, Viewers: []string{"staff"}}
}

func headerSettings() identity.Settings {
	return identity.Settings{
		Mode: identity.ModeHeaders, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.3.7/32"), netip.MustParsePrefix("2001:db8:7::/64")},
		Headers: proxy.Headers{User: "X-Forwarded-User", Email: "X-Forwarded-Email", Name: "X-Forwarded-Name", Groups: "X-Forwarded-Groups", Separator: ","},
		Roles:   roles(), Lease: 15 * time.Minute, Grace: 2 * time.Second,
	}
}

func (m *memory) PutToken(_ context.Context, t identity.AccessToken) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tokens[t.Hash] = t
	return m.broken
}

func (m *memory) TokenByHash(_ context.Context, hash string) (identity.AccessToken, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, found := m.tokens[hash]
	return t, found, m.broken
}

func (m *memory) Tokens(context.Context, string) ([]identity.AccessToken, error) {
	return nil, m.broken
}

func (m *memory) RevokeToken(_ context.Context, person, id string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for hash, t := range m.tokens {
		if t.Person == person && t.ID == id {
			delete(m.tokens, hash)
			return true, m.broken
		}
	}
	return false, m.broken
}

func (m *memory) RevokedTokens(context.Context, time.Time) ([]string, error) { return nil, m.broken }

func (m *memory) UseToken(context.Context, string) error { return m.broken }

func (m *memory) Person(_ context.Context, id string) (identity.Known, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, found := m.people[id]
	return identity.Known{ID: p.ID, Name: p.Name, Groups: p.Groups, Seen: m.seen[id]}, found, m.broken
}
