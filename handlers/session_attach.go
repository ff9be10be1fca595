package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// maxEvent is the largest event a viewer may send, in bytes. Larger messages are
// uploaded.
const maxEvent = 1 << 20

// sessionAttach shows a session to a browser for as long as that stays, and takes
// what it sends. After the handshake errors are said on the socket: a browser does
// not tell its page how a handshake was refused.
func (h *Handler) sessionAttach(w http.ResponseWriter, r *http.Request) error {
	if err := h.checkOrigin(r); err != nil {
		return err
	}
	if err := checkUpgrade(w, r); err != nil {
		return err
	}
	if !slices.Contains(offered(r), wire.Subprotocol) {
		return reply.Bad("subprotocol_required", "")
	}
	leave := h.sockets.enter() // before the connection is taken from http.Server, which then no longer waits for it
	defer leave()
	conn, err := accept(w, r, wire.Subprotocol)
	if err != nil {
		h.Log.InfoContext(r.Context(), "viewer not accepted", "error", err)
		return nil // it was answered
	}
	defer func() { _ = conn.CloseNow() }()
	forget := h.sockets.add(conn)
	defer forget()
	conn.SetReadLimit(maxEvent)
	v := &viewer{handler: h, conn: conn, reader: h.readerOf(w, r), shown: make(chan struct{})}
	held, release := h.Identity.Hold(context.WithoutCancel(r.Context()), &v.person)
	defer release()
	away, err := h.enterViewer(&v.person, reply.Param(r, "session"))
	if err != nil {
		v.dismiss(context.WithoutCancel(r.Context()), err)
		return nil
	}
	defer away()
	if err := h.attach(r, v); err != nil {
		v.dismiss(context.WithoutCancel(r.Context()), err)
		return nil
	}
	defer v.feed.Close()
	v.stay(r.Context(), held)
	return nil
}

// attach finds what v is to be shown.
func (h *Handler) attach(r *http.Request, v *viewer) error {
	q := reply.ReadQuery(r)
	after := q.Number("after", 0, 1<<62)
	if q.Err != nil {
		return q.Err
	}
	info, err := h.session(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	if err := h.recordReading(r.Context(), &info); err != nil {
		return err
	}
	if s, live := h.Hub.Session(info.ID); live {
		v.session, v.info, v.viewer = s, s.Info, h.NewID()
		v.feed = s.Watch(bridge.Viewer{ID: v.viewer, Name: v.person.Name, Person: v.person.ID, MayOwn: v.person.Role >= identity.Member}, after)
		return nil
	}
	v.info = func() bridge.Info { return info }
	v.feed = &pastFeed{messages: h.Store, info: &info, session: info.ID, after: after}
	return nil
}

// stay runs until the browser leaves or cannot keep up, until nobody vouches for
// its person any more, or until ends does, which is when the process does.
func (v *viewer) stay(ends, held context.Context) {
	// Canceling the context of a read or a write cuts the connection, so the end of
	// the process must not do that by itself: it is said with a close frame.
	ctx, leave := context.WithCancel(context.WithoutCancel(ends))
	var tasks sync.WaitGroup
	tasks.Go(func() {
		defer leave()
		v.listen(ctx)
	})
	tasks.Go(func() { v.keepAlive(ctx) })
	tasks.Go(func() {
		select {
		case <-ends.Done():
			v.awaitShown(ctx)                                                           // the sessions have ended before: their last rows say why
			_ = v.conn.Close(websocket.StatusServiceRestart, "server is shutting down") // come back: the log is kept
		case <-held.Done():
			v.dismiss(ctx, context.Cause(held))
		case <-ctx.Done():
		}
	})
	if err := v.show(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, errSlow) {
		v.dismiss(ctx, err)
	}
	leave()
	tasks.Wait()
}

// awaitShown gives the viewer a moment to be shown what is left.
func (v *viewer) awaitShown(ctx context.Context) {
	last, cancel := context.WithTimeout(ctx, lastTime)
	defer cancel()
	select {
	case <-v.shown:
	case <-last.Done():
	}
}

// dismiss says why the viewer has to go, and closes its socket.
func (v *viewer) dismiss(ctx context.Context, err error) {
	f := v.handler.errors.MapError(err)
	v.handler.Log.InfoContext(ctx, "viewer dismissed", "code", f.Code, "error", err)
	_ = v.write(ctx, &wire.ServerEvent{Type: "bye", Error: reply.WireError(v.words, f)})
	_ = v.conn.Close(reply.CloseOf(f.Code), f.Code)
}
