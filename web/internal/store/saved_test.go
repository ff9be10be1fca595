//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/web/internal/store"
)

// keep saves a message with a service.
func keep(t *testing.T, s *store.Store, service, folder, name string, body []byte) bridge.SavedMessage {
	t.Helper()
	m := bridge.SavedMessage{ServiceID: service, Folder: folder, Name: name, Type: bridge.TypeText}
	if err := s.SaveMessage(t.Context(), &m, body); err != nil {
		t.Fatal(err)
	}
	return m
}

func newService(t *testing.T, s *store.Store, name string) string {
	t.Helper()
	svc := bridge.Service{Name: name}
	save(t, s, &svc, nil)
	return svc.ID
}

// order returns the saved messages of a service as "folder/name", and fails the test
// when positions have gaps.
func order(t *testing.T, s *store.Store, service string) string {
	t.Helper()
	list, err := s.SavedMessages(t.Context(), service)
	if err != nil {
		t.Fatal(err)
	}
	next := map[string]int{}
	var names []string
	for _, m := range list {
		if m.Position != next[m.Folder] {
			t.Errorf("%s/%s stands at %d, want %d", m.Folder, m.Name, m.Position, next[m.Folder])
		}
		next[m.Folder]++
		names = append(names, m.Folder+"/"+m.Name)
	}
	return strings.Join(names, " ")
}

func savedBody(t *testing.T, s *store.Store, service, id string) []byte {
	t.Helper()
	body, m, err := s.SavedBody(t.Context(), service, id)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = body.Close() }()
	raw, err := io.ReadAll(body)
	if err != nil || int64(len(raw)) != m.Size {
		t.Errorf("%d bytes of %d: %v", len(raw), m.Size, err)
	}
	return raw
}

func savedMessagesComeBack(t *testing.T, o store.Options) {
	s := open(t, o)
	service := newService(t, s, "one")
	for _, size := range []int{0, 1, 4 << 10, 1 << 20, 1<<20 + 1, 3<<20 + 7} {
		body := bytes.Repeat([]byte{0, 0xff, 'a', '\n', 7}, size/5+1)[:size]
		m := bridge.SavedMessage{ServiceID: service, Name: "Zoë \"<b>\" 你好", Folder: "ASR / \\ %_", Type: bridge.TypeFile}
		if err := s.SaveMessage(t.Context(), &m, body); err != nil {
			t.Fatal(err)
		}
		if m.ID == "" || !m.UpdatedAt.Equal(start) || m.Size != int64(size) {
			t.Errorf("saving did not bring the message up to date: %+v", m)
		}
		if got := savedBody(t, s, service, m.ID); !bytes.Equal(got, body) {
			t.Errorf("body of %d bytes is altered", size)
		}
		list, err := s.SavedMessages(t.Context(), service)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, list[len(list)-1]); diff != "" {
			t.Errorf("saved message (-want +got):\n%s", diff)
		}
	}
	other := newService(t, s, "two")
	m := keep(t, s, service, "", "mine", nil)
	_, _, err := s.SavedBody(t.Context(), other, m.ID)
	wantErr(t, err, store.ErrNotFound)
	wantErr(t, s.DeleteSaved(t.Context(), other, m.ID), store.ErrNotFound)
	_, err = s.ChangeSaved(t.Context(), other, m.ID, bridge.SavedChange{})
	wantErr(t, err, store.ErrNotFound)
	m.ServiceID = other
	wantErr(t, s.SaveMessage(t.Context(), &m, nil), store.ErrNotFound)
	wantErr(t, s.SaveMessage(t.Context(), &bridge.SavedMessage{ServiceID: "gone", Name: "a"}, nil), store.ErrNotFound)
	wantErr(t, s.SaveMessage(t.Context(), &bridge.SavedMessage{ServiceID: service, Name: "nul\x00"}, nil), store.ErrBadText)
	bad := "\xff"
	_, err = s.ChangeSaved(t.Context(), service, m.ID, bridge.SavedChange{Folder: &bad})
	wantErr(t, err, store.ErrBadText)
}

func savedMessagesKeepOrder(t *testing.T, o store.Options) {
	s := open(t, o)
	service := newService(t, s, "one")
	ids := map[string]string{}
	for _, name := range []string{"a", "b", "c"} {
		ids[name] = keep(t, s, service, "", name, nil).ID
	}
	for _, name := range []string{"x", "y"} {
		ids[name] = keep(t, s, service, "folder", name, nil).ID
	}
	ids["first"] = keep(t, s, service, "Earlier", "first", nil).ID
	move := func(name string, change bridge.SavedChange, want string) {
		t.Helper()
		m, err := s.ChangeSaved(t.Context(), service, ids[name], change)
		if err != nil {
			t.Fatal(err)
		}
		if got := order(t, s, service); got != want {
			t.Errorf("after a change of %s: %s, want %s", name, got, want)
		}
		if change.Folder != nil && m.Folder != *change.Folder || change.Name != nil && m.Name != *change.Name {
			t.Errorf("the change returned %+v", m)
		}
	}
	at := func(n int) *int { return &n }
	name := func(s string) *string { return &s }
	move("a", bridge.SavedChange{}, "/a /b /c Earlier/first folder/x folder/y")
	move("c", bridge.SavedChange{Position: at(0)}, "/c /a /b Earlier/first folder/x folder/y")
	move("c", bridge.SavedChange{Position: at(1)}, "/a /c /b Earlier/first folder/x folder/y")
	move("a", bridge.SavedChange{Position: at(99)}, "/c /b /a Earlier/first folder/x folder/y")
	move("a", bridge.SavedChange{Position: at(-1)}, "/a /c /b Earlier/first folder/x folder/y")
	move("c", bridge.SavedChange{Folder: name("folder")}, "/a /b Earlier/first folder/x folder/y folder/c")
	move("b", bridge.SavedChange{Folder: name("folder"), Position: at(1)}, "/a Earlier/first folder/x folder/b folder/y folder/c")
	move("b", bridge.SavedChange{Folder: name("folder"), Name: name("B")}, "/a Earlier/first folder/x folder/B folder/y folder/c")
	if err := s.DeleteSaved(t.Context(), service, ids["x"]); err != nil {
		t.Fatal(err)
	}
	if got := order(t, s, service); got != "/a Earlier/first folder/B folder/y folder/c" {
		t.Errorf("after deleting x: %s", got)
	}
	wantErr(t, s.DeleteSaved(t.Context(), service, ids["x"]), store.ErrNotFound)
}

func replacedBodyIsNotMixed(t *testing.T, o store.Options) {
	s := open(t, o)
	service := newService(t, s, "one")
	m := keep(t, s, service, "", "a", bytes.Repeat([]byte("a"), 3<<20))
	keep(t, s, service, "", "b", nil)
	reading, _, err := s.SavedBody(t.Context(), service, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(reading, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	before := m
	m.Name, m.Type = "A", bridge.TypeJSON
	if err := s.SaveMessage(t.Context(), &m, bytes.Repeat([]byte("b"), 3<<20)); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(reading); err == nil || bytes.ContainsRune(rest, 'b') {
		t.Errorf("%d bytes of another body, error %v", len(rest), err)
	}
	if m.Version == before.Version || m.Type != bridge.TypeJSON || order(t, s, service) != "/A /b" {
		t.Errorf("replaced by %+v", m)
	}
	m.Folder = "folder"
	if err := s.SaveMessage(t.Context(), &m, []byte("c")); err != nil {
		t.Fatal(err)
	}
	if got := order(t, s, service); got != "/b folder/A" || string(savedBody(t, s, service, m.ID)) != "c" {
		t.Errorf("replaced in another folder: %s", got)
	}
}

func savedMessagesGoWithService(t *testing.T, o store.Options) {
	s := open(t, o)
	service := newService(t, s, "one")
	m := keep(t, s, service, "", "a", []byte("body"))
	svc, err := s.Service(t.Context(), "", service)
	if err != nil {
		t.Fatal(err)
	}
	svc.Address = "ws://elsewhere/"
	save(t, s, &svc, nil)
	if got := string(savedBody(t, s, service, m.ID)); got != "body" {
		t.Errorf("after the service was saved again: %q", got)
	}
	if err := s.DeleteService(t.Context(), service); err != nil {
		t.Fatal(err)
	}
	if got := order(t, s, service); got != "" {
		t.Errorf("without its service there is %s", got)
	}
}

func savedMessagesAreBounded(t *testing.T, o store.Options) {
	s := open(t, o)
	service := newService(t, s, "one")
	for i := range bridge.MaxSavedMessages {
		keep(t, s, service, "", fmt.Sprint(i), nil)
	}
	m := bridge.SavedMessage{ServiceID: service, Name: "more", Type: bridge.TypeText}
	wantErr(t, s.SaveMessage(t.Context(), &m, nil), store.ErrFull)
	keep(t, s, newService(t, s, "two"), "", "elsewhere", nil)
}

func savedMessagesAreChangedByMany(t *testing.T, o store.Options) {
	s := open(t, o)
	service := newService(t, s, "one")
	var ids []string
	for i := range 8 {
		ids = append(ids, keep(t, s, service, "", fmt.Sprint(i), nil).ID)
	}
	var tasks sync.WaitGroup
	for i, id := range ids {
		tasks.Go(func() {
			folder, first := fmt.Sprint("f", i%2), 0
			if _, err := s.ChangeSaved(t.Context(), service, id, bridge.SavedChange{Folder: &folder, Position: &first}); err != nil {
				t.Error(err)
			}
		})
	}
	tasks.Wait()
	if got := len(strings.Fields(order(t, s, service))); got != len(ids) {
		t.Errorf("%d messages are left", got)
	}
}
