// Package live serves the sockets of viewers and relays, and the tickets for relays.
package live

import (
	"context"
	"math"
	"net/http"
	"slices"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// maxEvent is the largest event a viewer may send, in bytes. Larger messages are
// uploaded.
const maxEvent = 1 << 20

// Attach sends the rows of a session to a browser and takes its events until it leaves.
// Errors after the handshake are sent on the socket, because browsers hide the answer of
// a refused handshake from the page.
func (h *Viewers) Attach(w http.ResponseWriter, r *http.Request) error {
	if err := h.requireOrigin(r); err != nil {
		return err
	}
	if err := requireUpgrade(w, r); err != nil {
		return err
	}
	if !slices.Contains(offeredSubprotocols(r), wire.Subprotocol) {
		return reply.Bad(reply.CodeSubprotocolRequired, "")
	}
	leave := h.Sockets.count() // before the connection is taken from http.Server, which then no longer waits for it
	defer leave()
	conn, err := acceptSocket(w, r, wire.Subprotocol)
	if err != nil {
		h.Log.InfoContext(r.Context(), "viewer not accepted", "error", err)
		return nil // accept has answered
	}
	defer func() { _ = conn.CloseNow() }()
	forget := h.Sockets.addOpen(conn)
	defer forget()
	conn.SetReadLimit(maxEvent)
	conn.boundSending(sendBuffer)
	v := &viewer{handler: h, conn: conn, Reader: h.Readers.Of(w, r), shown: make(chan struct{}), begun: make(chan struct{})}
	held, release := h.Identity.Hold(context.WithoutCancel(r.Context()), &v.Person)
	defer release()
	away, err := h.Quota.EnterViewer(&v.Person, reply.Param(r, "session"))
	if err != nil {
		v.dismiss(context.WithoutCancel(r.Context()), err)
		return nil
	}
	defer away()
	if err := h.openFeed(r, v); err != nil {
		v.dismiss(context.WithoutCancel(r.Context()), err)
		return nil
	}
	defer v.feed.Close()
	v.serve(r.Context(), held)
	return nil
}

// openFeed loads the session of a viewer and starts its feed.
func (h *Viewers) openFeed(r *http.Request, v *viewer) error {
	q := reply.ReadQuery(r)
	after := q.Number("after", 0, 1<<62)
	v.turns = int(q.Number("turns", 0, math.MaxInt32))
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
	v.feed = &pastFeed{messages: h.Store, info: &info, session: info.ID, isRead: info.Dialect != "", after: after}
	return nil
}

// requireOrigin lets only pages of the console open viewer sockets. Browsers do not keep
// other sites from connecting, so a missing Origin is refused too.
func (h *Viewers) requireOrigin(r *http.Request) error {
	origin := r.Header.Values("Origin")
	if len(origin) == 0 && identity.Of(r.Context()).Token != nil {
		return nil // no browser adds such a token by itself, so no page can misuse it
	}
	if len(origin) != 1 || !slices.Contains(h.PublicOrigins(), origin[0]) {
		h.Audit.NoteHourly(r.Context(), audit.Entry{Action: audit.PolicyDenied, Outcome: audit.Refused, Detail: "origin_refused"})
		return &reply.Error{Code: reply.CodeOriginRefused, Values: map[string]string{"origin": reply.FirstOrigin(h.PublicOrigins())}}
	}
	return nil
}
