package api

import (
	"context"
	"errors"
	"testing"

	"duplex/bridge"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
	"duplex/handlers/load"
	"duplex/handlers/reply"
)

// pastSessions is a store of sessions that have ended.
type pastSessions struct {
	load.Store

	owners map[string]string // by session
}

var errGone = errors.New("gone")

func (p pastSessions) Session(_ context.Context, id string) (bridge.Record, error) {
	owner, found := p.owners[id]
	if !found {
		return bridge.Record{}, errGone
	}
	return bridge.Record{ID: id, Access: bridge.Access{Owner: owner, Shared: true}}, nil
}

// A long search does not answer with sessions that left the person's lists while it ran:
// made private, deleted, or shared by link alone.
func TestSearchDropsWhatHasLeftTheLists(t *testing.T) {
	mapper := &reply.Mapper{StoreErrors: reply.StoreErrors{NotFound: errGone}}
	loader := &load.Loader{
		Hub: bridge.NewHub(bridge.HubOptions{}), Errors: mapper,
		Store: pastSessions{owners: map[string]string{"mine": "ada", "handed over": "ben"}},
	}
	s := searchRun{h: &Search{Load: loader}}
	for _, id := range []string{"handed over", "mine", "deleted"} {
		s.out.Sessions = append(s.out.Sessions, foundJSON{Session: &wire.State{ID: id}})
	}
	ctx := identity.With(t.Context(), identity.Person{ID: "ada", Role: identity.Member})
	if err := s.dropUnseen(ctx); err != nil || len(s.out.Sessions) != 1 || s.out.Sessions[0].Session.ID != "mine" {
		t.Errorf("%+v, %v", s.out.Sessions, err)
	}
}
