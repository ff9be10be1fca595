package handlers_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/bridge/transcript"
	"duplex/bridge/vault"
	"duplex/handlers"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
	"duplex/static"
	"duplex/views/text"
)

var (
	errNotFound  = errors.New("not found")
	errNameTaken = errors.New("name taken")
	errFull      = errors.New("full")
)

// memoryStore is a store with one service in it. Tests with a real store are in web.
type memoryStore struct {
	handlers.Store // nil: the calls that these tests do not make

	service bridge.Service
	saved   atomic.Int64 // how often something was saved
	broken  error        // the error of listing services
	panics  bool         // in place of listing services
}

func (s *memoryStore) Services(context.Context) ([]bridge.Service, error) {
	if s.panics {
		panic("a secret detail")
	}
	return []bridge.Service{s.service}, s.broken
}

func (s *memoryStore) Service(_ context.Context, _, id string) (bridge.Service, error) {
	if id != s.service.ID {
		return bridge.Service{}, errNotFound
	}
	return s.service, nil
}

func (s *memoryStore) SaveService(_ context.Context, v *bridge.Service, _ map[string]vault.Secret, _ []string) error {
	s.saved.Add(1)
	if v.Name == "taken" {
		return fmt.Errorf("save: %w", errNameTaken)
	}
	return nil
}

func (s *memoryStore) BindSecret(_ context.Context, _, field string, change func(vault.Binding) (vault.Binding, error)) error {
	info, kept := s.service.Secrets[field]
	if !kept {
		return errNotFound
	}
	b, err := change(info.Binding)
	if err == nil {
		info.Binding = b
		s.service.Secrets[field] = info
	}
	return err
}

func (s *memoryStore) DeleteService(context.Context, string) error { return nil }

func (s *memoryStore) Credential(context.Context, string) (sign.Credential, error) {
	return s.service.Credential, nil
}

func (s *memoryStore) SavedMessages(context.Context, string) ([]bridge.SavedMessage, error) {
	return nil, nil
}

func (s *memoryStore) SavedBody(context.Context, string, string) (io.ReadSeekCloser, bridge.SavedMessage, error) {
	return nil, bridge.SavedMessage{}, errNotFound
}

func (s *memoryStore) SaveMessage(_ context.Context, m *bridge.SavedMessage, _ []byte) error {
	s.saved.Add(1)
	if m.Name == "one too many" {
		return fmt.Errorf("save: %w", errFull)
	}
	if m.ID == "gone" {
		return errNotFound
	}
	return nil
}

func (s *memoryStore) ChangeSaved(context.Context, string, string, bridge.SavedChange) (bridge.SavedMessage, error) {
	return bridge.SavedMessage{}, errNotFound
}

func (s *memoryStore) DeleteSaved(context.Context, string, string) error { return errNotFound }

func (s *memoryStore) Session(context.Context, string) (bridge.Record, error) {
	return bridge.Record{}, errNotFound
}

func (s *memoryStore) Sessions(context.Context, bridge.SessionFilter) ([]bridge.Record, error) {
	return nil, s.broken
}

func (s *memoryStore) CountSessions(context.Context, bridge.SessionFilter) (sessions, messages int64, err error) {
	return 0, 0, s.broken
}

func (s *memoryStore) SetAccess(context.Context, string, bridge.Access) error { return errNotFound }

func (s *memoryStore) NameSession(context.Context, string, string) error { return errNotFound }

func (s *memoryStore) Folders(context.Context, string) ([]string, error) { return nil, s.broken }

func (s *memoryStore) ChangeFolders(context.Context, bridge.FolderChange) error { return s.broken }

func (s *memoryStore) ChangeService(context.Context, string, bridge.ServiceChange) error {
	return errNotFound
}

func (s *memoryStore) SetPinned(context.Context, string, bool) error { return errNotFound }

func (s *memoryStore) DeleteSession(context.Context, string) error { return errNotFound }

func (s *memoryStore) SeqAt(context.Context, string, time.Time) (int64, error) { return 0, nil }

func (s *memoryStore) Rows(context.Context, string, transcript.Query) ([]transcript.Row, error) {
	return nil, nil
}

func (s *memoryStore) Body(context.Context, string, int64) (io.ReadSeekCloser, transcript.Row, error) {
	return nil, transcript.Row{}, errNotFound
}

func (s *memoryStore) Messages(context.Context, string) iter.Seq2[transcript.Message, error] {
	return func(func(transcript.Message, error) bool) {}
}

// memoryLog is an audit log in memory. The chain has its own tests in bridge/audit.
type memoryLog struct {
	mu      sync.Mutex // guards all below
	entries []audit.Entry
	broken  error // the error of recording
}

func (d *memoryLog) Record(_ context.Context, entries ...audit.Entry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range entries {
		if d.broken != nil {
			return d.broken
		}
		e.Seq, e.At = int64(len(d.entries)+1), time.Unix(int64(len(d.entries)), 0)
		d.entries = append(d.entries, e)
	}
	return nil
}

func (d *memoryLog) AuditEntries(_ context.Context, f audit.Filter) iter.Seq2[audit.Entry, error] {
	d.mu.Lock()
	list := slices.Clone(d.entries)
	d.mu.Unlock()
	if f.Newest {
		slices.Reverse(list)
	}
	matches := f.Matcher()
	return func(yield func(audit.Entry, error) bool) {
		for i, e := range list {
			if f.Limit > 0 && i == f.Limit || matches(&e) && !yield(e, nil) {
				return
			}
		}
	}
}

func (d *memoryLog) AuditStanding(context.Context) audit.Standing {
	return audit.Standing{Checked: audit.Point{Seq: 1, Hash: []byte{0xab, 0x12}}}
}

// fails makes recording fail with err.
func (d *memoryLog) fails(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = err
}

// written returns the entries as "action outcome detail", without those of reading the
// log.
func (d *memoryLog) written() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, e := range d.entries {
		if e.Action != audit.AuditRead {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Action, e.Outcome, e.Detail)))
		}
	}
	return out
}

// console is a running handler over a memoryStore.
type console struct {
	t           *testing.T
	url         string // http://127.0.0.1:port
	memoryStore *memoryStore
	memoryLog   *memoryLog
	target      *httptest.Server // counts who connects
	dials       atomic.Int64
}

func start(t *testing.T, change ...func(*handlers.Options)) *console {
	t.Helper()
	c := &console{t: t, memoryLog: &memoryLog{}}
	c.target = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c.dials.Add(1)
		w.WriteHeader(http.StatusTeapot)
	}))
	t.Cleanup(c.target.Close)
	c.memoryStore = &memoryStore{service: bridge.Service{
		ID: "one", Name: "One", Address: c.address() + "/saved", ConnectionSettings: bridge.ConnectionSettings{MaxMessageBytes: 1000}, Credential: sign.Credential{Kind: sign.KindNone},
	}}
	server := httptest.NewUnstartedServer(nil)
	c.url = "http://" + server.Listener.Addr().String()
	o := c.options()
	for _, f := range change {
		f(&o)
	}
	server.Config.Handler = handlers.New(o)
	server.Start()
	t.Cleanup(server.Close)
	return c
}

// reach is a recorder that answers Reach only.
type reach struct {
	bridge.Recorder

	away error
}

func (r *reach) Ping(context.Context) error { return r.away }

func (c *console) options() handlers.Options {
	c.t.Helper()
	catalogues, err := text.LoadAll()
	if err != nil {
		c.t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	origins := func() []string { return []string{c.url} }
	return handlers.Options{
		Hub: bridge.NewHub(bridge.HubOptions{
			Dialer:   &dial.Dialer{Policy: &dial.Policy{AllowLoopback: true}, Log: log},
			Recorder: &reach{}, Now: time.Now, NewID: func() string { return "id" }, Log: log,
		}),
		Store: c.memoryStore, Audit: c.memoryLog, StoreErrors: reply.StoreErrors{NotFound: errNotFound, NameTaken: errNameTaken, Full: errFull},
		Identity: identity.Local("local", origins), Assets: &static.Manifest{}, Text: catalogues, Log: log,
		PublicOrigins: origins, Now: time.Now, NewID: func() string { return "viewer" },
	}
}

// address is the target's.
func (c *console) address() string { return "ws" + strings.TrimPrefix(c.target.URL, "http") }

// request makes a request and applies edit last.
func (c *console) request(method, path, body string, edit ...func(*http.Request)) (*http.Response, string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for _, f := range edit {
		f(req)
	}
	res, err := new(http.Client).Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return res, string(raw)
}

// fault returns the code and field of an error answer.
func fault(t *testing.T, body string) (code, field string) {
	t.Helper()
	var e struct {
		Error struct{ Code, Field, Message string }
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if e.Error.Message == "" || strings.HasPrefix(e.Error.Message, "error.") || strings.Contains(e.Error.Message, "{") {
		t.Errorf("%s says %q", e.Error.Code, e.Error.Message)
	}
	return e.Error.Code, e.Error.Field
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}
