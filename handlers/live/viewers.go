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
	conn, err := acceptSocket(w, r)
	if err != nil {
		leave()
		h.Log.InfoContext(r.Context(), "viewer not accepted", "error", err)
		return nil //nolint:nilerr // accept has answered
	}
	ctx := lasting(r.Context())
	v := &viewer{handler: h, conn: conn, Reader: h.Readers.Of(w, r.WithContext(ctx)), shown: make(chan struct{}), begun: make(chan struct{})}
	place, err := readPlace(r)
	carry(ctx, h.Log, func() {
		defer leave()
		h.attend(ctx, v, place, err)
	})
	return nil
}

// place is the place in a log that a viewer asks for.
type place struct {
	session string
	after   int64 // seq of the last row that it has
	turns   int   // told at first; 0 is all
}

func readPlace(r *http.Request) (place, error) {
	q := reply.ReadQuery(r)
	p := place{session: reply.Param(r, "session"), after: q.Number("after", 0, 1<<62), turns: int(q.Number("turns", 0, math.MaxInt32))}
	return p, q.Err
}

// attend serves an accepted viewer until its socket is closed. Wrong says why its request
// cannot be read; nil otherwise.
func (h *Viewers) attend(ctx context.Context, v *viewer, p place, wrong error) {
	defer func() { _ = v.conn.CloseNow() }()
	forget := h.Sockets.addOpen(v.conn)
	defer forget()
	v.conn.boundSending(sendBuffer)
	v.turns = p.turns
	whole := context.WithoutCancel(ctx) // its end would cut the connection
	held, release := h.Identity.Hold(whole, &v.Person)
	defer release()
	away, err := h.Quota.EnterViewer(&v.Person, p.session)
	if err != nil {
		v.refuse(whole, err)
		return
	}
	defer away()
	aside(func() {
		if err = wrong; err == nil {
			err = h.openFeed(ctx, v, p)
		}
	})
	if err != nil {
		v.refuse(whole, err)
		return
	}
	defer v.feed.Close()
	v.serve(ctx, held)
}

// openFeed loads the session of a viewer and starts its feed.
func (h *Viewers) openFeed(ctx context.Context, v *viewer, p place) error {
	info, err := h.Load.Session(ctx, p.session)
	if err != nil {
		return err
	}
	if err := h.Audit.RecordReading(ctx, &info); err != nil {
		return err
	}
	if s, live := h.Hub.Session(info.ID); live {
		v.session, v.info, v.Viewer = s, s.Info, h.NewID()
		v.feed = s.Watch(bridge.Viewer{ID: v.Viewer, Name: v.Person.Name, Person: v.Person.ID, MayOwn: v.Person.Role >= identity.Member}, p.after)
		return nil
	}
	v.info = func() bridge.Info { return info }
	v.feed = &pastFeed{messages: h.Store, info: &info, session: info.ID, isRead: info.Dialect != "", after: p.after}
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
