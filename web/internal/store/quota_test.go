//nolint:thelper // the functions with a *testing.T are the tests of the conformance table
package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"duplex/bridge"
	"duplex/web/internal/store"
)

// quotasHold checks the quotas of one person and of all, in number and in size. A
// service that shrinks is saved even beyond one.
func quotasHold(t *testing.T, o store.Options) {
	o.Quotas = bridge.Quotas{ServicesOfPerson: 3, Services: 5, BytesOfPerson: 3000, Bytes: 100_000, SavedBytes: 1000}
	s := open(t, o)
	made := 0
	try := func(owner string, size int) (*bridge.Service, error) {
		made++
		svc := &bridge.Service{Name: fmt.Sprint("service ", made), Owner: owner, CAPEM: strings.Repeat("x", size)}
		return svc, s.SaveService(t.Context(), svc, nil, nil)
	}
	refused := func(err error, quota bridge.Quota, limit int64) {
		t.Helper()
		if e, ok := errors.AsType[*bridge.QuotaError](err); !ok || e.Quota != quota || e.Limit != limit {
			t.Errorf("%v, want %s of %d", err, quota, limit)
		}
	}
	var last *bridge.Service
	for range 3 {
		svc, err := try("ada", 800)
		if err != nil {
			t.Fatal(err)
		}
		last = svc
	}
	_, err := try("ada", 0)
	refused(err, bridge.QuotaServices, 3)
	larger := *last
	larger.CAPEM = strings.Repeat("x", 2000)
	refused(s.SaveService(t.Context(), &larger, nil, nil), bridge.QuotaServiceBytes, 3000)
	if err := s.DeleteService(t.Context(), last.ID); err != nil {
		t.Fatal(err)
	}
	_, err = try("ada", 2000)
	refused(err, bridge.QuotaServiceBytes, 3000)
	for range 3 {
		if _, err := try("ben", 0); err != nil {
			t.Fatal(err)
		}
	}
	_, err = try("zoe", 0)
	refused(err, bridge.QuotaServices, 5)
	if list, err := s.Services(t.Context()); err != nil || len(list) != 5 {
		t.Errorf("%d services, %v", len(list), err)
	}

	one := list(t, s)[0]
	keep := func(id string, size int) (string, error) {
		m := bridge.SavedMessage{ID: id, ServiceID: one.ID, Name: "m", Type: bridge.TypeText}
		err := s.SaveMessage(t.Context(), &m, make([]byte, size))
		return m.ID, err
	}
	first, err := keep("", 600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = keep("", 401)
	refused(err, bridge.QuotaSavedBytes, 1000)
	_, err = keep(first, 1001)
	refused(err, bridge.QuotaSavedBytes, 1000)
	for _, size := range []int{1000, 400} {
		if _, err := keep(first, size); err != nil {
			t.Error(err)
		}
	}
	if _, err := keep("", 600); err != nil {
		t.Error(err)
	}
}

func list(t *testing.T, s *store.Store) []bridge.Service {
	t.Helper()
	all, err := s.Services(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}
