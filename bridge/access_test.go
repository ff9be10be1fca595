package bridge_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
)

func TestViewersAreToldWhoseTheSessionIs(t *testing.T) {
	h := newHub(t, newMemory(), 0)
	r := request(t, peer(t, quiet))
	r.Access = bridge.Access{Owner: "ann", OwnerName: "Ann", Rights: bridge.Watch}
	s, err := h.Open(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Access, s.Info().Access); diff != "" {
		t.Error(diff)
	}
	c := s.Watch(bridge.Viewer{ID: "v"}, 0)
	defer c.Close()
	await(t, c, 1)
	want := bridge.Access{Owner: "ben", OwnerName: "Ben", Shared: true, Rights: bridge.Join}
	s.SetAccess(want)
	u, err := c.Next(t.Context())
	if err != nil || u.Info == nil {
		t.Fatalf("%+v, %v", u, err)
	}
	if diff := cmp.Diff(want, u.Info.Access); diff != "" {
		t.Error(diff)
	}
}
