// Package live serves the sockets of viewers and relays, and the tickets for relays.
package live

import (
	"context"
	"duplex/bridge/transcript"
	"duplex/handlers/auditlog"
	"duplex/handlers/load"
	"duplex/handlers/quota"
	"duplex/handlers/shape"
	"log/slog"
	"net/http"
	"slices"

	"duplex/bridge"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// RowStore reads the rows of ended sessions.
type RowStore interface {
	Rows(ctx context.Context, session string, q transcript.Query) ([]transcript.Row, error)
}

// Viewers attaches browsers to sessions.
type Viewers struct {
	Hub           *bridge.Hub
	Store         RowStore
	Identity      *identity.Guard
	Load          *load.Loader
	Quota         *quota.Quota
	Audit         *auditlog.Log
	Readers       *shape.Readers
	Errors        *reply.Mapper
	Sockets       *Sockets
	Log           *slog.Logger
	PublicOrigins func() []string
	NewID         func() string // unique

	// CloseSession closes the connection of a session to its target for a person.
	CloseSession func(ctx context.Context, id string, code int, reason string) error
}

// maxEvent is the largest event a viewer may send, in bytes. Larger messages are
// uploaded.
const maxEvent = 1 << 20

// Attach shows a session to a browser for as long as that stays, and takes
// what it sends. After the handshake errors are said on the socket: a browser does
// not tell its page how a handshake was refused.
func (h *Viewers) Attach(w http.ResponseWriter, r *http.Request) error {
	if err := h.requireOrigin(r); err != nil {
		return err
	}
	if err := requireUpgrade(w, r); err != nil {
		return err
	}
	if !slices.Contains(offeredSubprotocols(r), wire.Subprotocol) {
		return reply.Bad("subprotocol_required", "")
	}
	leave := h.Sockets.enter() // before the connection is taken from http.Server, which then no longer waits for it
	defer leave()
	conn, err := accept(w, r, wire.Subprotocol)
	if err != nil {
		h.Log.InfoContext(r.Context(), "viewer not accepted", "error", err)
		return nil // it was answered
	}
	defer func() { _ = conn.CloseNow() }()
	forget := h.Sockets.add(conn)
	defer forget()
	conn.SetReadLimit(maxEvent)
	v := &viewer{handler: h, conn: conn, Reader: h.Readers.Of(w, r), shown: make(chan struct{})}
	held, release := h.Identity.Hold(context.WithoutCancel(r.Context()), &v.Person)
	defer release()
	away, err := h.Quota.EnterViewer(&v.Person, reply.Param(r, "session"))
	if err != nil {
		v.dismiss(context.WithoutCancel(r.Context()), err)
		return nil
	}
	defer away()
	if err := h.open(r, v); err != nil {
		v.dismiss(context.WithoutCancel(r.Context()), err)
		return nil
	}
	defer v.feed.Close()
	v.stay(r.Context(), held)
	return nil
}

// open finds what v is to be shown.
func (h *Viewers) open(r *http.Request, v *viewer) error {
	q := reply.ReadQuery(r)
	after := q.Number("after", 0, 1<<62)
	if q.Err != nil {
		return q.Err
	}
	info, err := h.Load.Session(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	if err := h.Audit.RecordReading(r.Context(), &info); err != nil {
		return err
	}
	if s, live := h.Hub.Session(info.ID); live {
		v.session, v.info, v.Viewer = s, s.Info, h.NewID()
		v.feed = s.Watch(bridge.Viewer{ID: v.Viewer, Name: v.Person.Name, Person: v.Person.ID, MayOwn: v.Person.Role >= identity.Member}, after)
		return nil
	}
	v.info = func() bridge.Info { return info }
	v.feed = &pastFeed{messages: h.Store, info: &info, session: info.ID, after: after}
	return nil
}
