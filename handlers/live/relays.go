package live

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"duplex/handlers/auditlog"
	"duplex/handlers/load"
	"duplex/handlers/quota"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/dial"
	"duplex/bridge/frames"
	"duplex/bridge/sign"
	"duplex/handlers/connection"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// Relays connects the sockets of browsers and programs to services.
type Relays struct {
	Hub           *bridge.Hub
	Identity      *identity.Guard
	Load          *load.Loader
	Connect       *connection.Builder
	Quota         *quota.Quota
	Audit         *auditlog.Log
	Tickets       *Tickets
	Errors        *reply.Mapper
	Sockets       *Sockets
	Log           *slog.Logger
	PublicOrigins func() []string
	RelayOrigins  []string // of other pages that may use every relay
}

// Relay connects a browser's own WebSocket to a saved service. The target is
// dialled first, so that a refusal is an HTTP answer the browser's side can read.
func (h *Relays) Relay(w http.ResponseWriter, r *http.Request) error {
	if err := h.requireOrigin(r); err != nil {
		return err
	}
	if err := requireUpgrade(w, r); err != nil {
		return err
	}
	request, err := h.relayRequest(r)
	if err == nil && request.Record {
		err = h.Errors.RequireStorage()
	}
	if err != nil {
		return err
	}
	ctx := context.WithoutCancel(lasting(r.Context()))
	person := identity.Of(ctx)
	leave := h.Sockets.count()
	held, release := h.Identity.Hold(ctx, &person) // before the dial, which may take long
	end := func() {
		release()
		leave()
	}
	relay, browser, err := h.connect(held, w, r, request)
	if browser == nil {
		end()
		return err
	}
	h.run(ctx, held, relay, browser, end)
	return nil
}

// connect dials the target and accepts the browser, which is nil when either failed. The error
// is nil when the browser has been answered.
func (h *Relays) connect(held context.Context, w http.ResponseWriter, r *http.Request, request bridge.RelayRequest) (*bridge.Relay, *frames.Link, error) {
	dialling, cancel := context.WithCancel(held)
	defer cancel()
	waits := context.AfterFunc(r.Context(), cancel) // the browser may not wait for the dial
	defer waits()
	relay, err := h.dialRelay(dialling, request)
	if err != nil {
		return nil, nil, err
	}
	if err := h.Load.RequireStillSees(held, request.Service); err != nil {
		relay.Abandon()
		h.noteEnd(held, relay)
		return nil, nil, err
	}
	answerTicket(w, r, relay.Subprotocol())
	browser, err := acceptRelayed(w, r, relay)
	if err != nil {
		relay.Abandon()
		h.noteEnd(held, relay)
		h.Log.InfoContext(r.Context(), "browser not accepted", "error", err)
		return nil, nil, nil // accept has answered
	}
	return relay, browser, nil
}

// run carries messages until both sides are closed, or the person's proof of identity ends. It
// does not wait for this, and calls end then.
func (h *Relays) run(ctx, held context.Context, relay *bridge.Relay, browser *frames.Link, end func()) {
	forget := h.Sockets.addOpen(browser)
	unwatch := endWhenExpired(held, relay)
	spawn := func(do func()) { carry(ctx, h.Log, do) }
	relay.Run(ctx, browser, spawn, func(err error) {
		defer end()
		defer h.noteEnd(ctx, relay)
		unwatch()
		forget()
		if err != nil {
			h.Log.InfoContext(ctx, "relay broke off", "error", err)
		}
		if relay.IsRecorded() {
			h.readTurns(ctx, relay)
		}
	})
}

func (h *Relays) noteEnd(ctx context.Context, relay *bridge.Relay) {
	info := relay.Info()
	h.Audit.NoteRelayEnd(ctx, &info)
}

// readTime bounds the reading of a relay's turns.
const readTime = 10 * time.Second

// readTurns reads the turns of a recorded relay that has ended, so that searches find them. They
// can be read again later.
func (h *Relays) readTurns(ctx context.Context, relay *bridge.Relay) {
	info := relay.Info()
	if info.Dialect == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTime)
	defer cancel()
	if _, err := h.Load.Turns(ctx, &info, info.Dialect); err != nil {
		h.Log.InfoContext(ctx, "turns of a relay not read", "session", info.ID, "error", err)
	}
}

// dialRelay dials the target of a relay, as long as held lasts.
func (h *Relays) dialRelay(held context.Context, request bridge.RelayRequest) (*bridge.Relay, error) {
	ctx, cancel := context.WithTimeout(held, connection.OpenTime)
	defer cancel()
	leave, err := h.Quota.EnterOpen(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	object, err := h.Audit.RecordDial(ctx, audit.RelayOpen, &request.OpenRequest, sign.Credential{})
	if err != nil {
		return nil, err
	}
	relay, err := h.Hub.Relay(ctx, request)
	if err != nil {
		err = cmp.Or(refusalIn(held), err)
		h.Audit.NoteRefusedDial(ctx, audit.RelayRefused, object, err)
	}
	return relay, err
}

// refusalIn returns the refusal of the person that ended held, or nil.
func refusalIn(held context.Context) error {
	if refusal, ok := errors.AsType[*identity.RefusedError](context.Cause(held)); ok {
		return refusal
	}
	return nil
}

// endWhenExpired ends the relay when the person's proof of identity ends. The returned function
// waits for an end that is under way.
func endWhenExpired(held context.Context, relay *bridge.Relay) (stop func()) {
	return whenOver(held, func() {
		if refusal, ok := errors.AsType[*identity.RefusedError](context.Cause(held)); ok {
			relay.Expire(int(reply.CloseOf(reply.Code(refusal.Code))), refusal.Code)
		}
	})
}

// relayRequest returns the dial of a service with the rest of the path and the query
// appended. The browser's subprotocols replace the service's: a browser must not get one
// that it did not offer.
func (h *Relays) relayRequest(r *http.Request) (bridge.RelayRequest, error) {
	ctx := r.Context()
	s, err := h.Load.Service(ctx, reply.Param(r, "service"))
	if err != nil {
		return bridge.RelayRequest{}, err
	}
	if err := h.Tickets.useTicket(r, &s); err != nil {
		return bridge.RelayRequest{}, err
	}
	request, err := h.Connect.ServiceRequest(ctx, &s)
	if err != nil {
		return bridge.RelayRequest{}, err
	}
	request.Target.Subprotocols = offeredSubprotocols(r)
	request.Target.Compression = request.Target.Compression || offersDeflate(r) // as the browser itself would
	request.Target.URL, err = dial.ParseAddress(relayAddress(request.Target.URL.String(), r))
	return bridge.RelayRequest{OpenRequest: request, Record: s.RecordRelay}, err
}

// relayAddress returns address with the rest of the path of the request and its query
// appended, in the spelling of the request.
func relayAddress(address string, r *http.Request) string {
	base, query, asked := strings.Cut(address, "?")
	if parts := strings.SplitN(reply.RawPath(r.URL), "/", 4); len(parts) == 4 && parts[3] != "" {
		base = strings.TrimSuffix(base, "/") + "/" + parts[3]
	}
	// Escaped here: a program may send octets that are no UTF-8.
	if more := dial.EscapeQuery(r.URL.RawQuery); query == "" {
		query = more
	} else if more != "" {
		query += "&" + more
	}
	if query == "" && !asked && !r.URL.ForceQuery {
		return base
	}
	return base + "?" + query
}

// requireOrigin allows programs, the console's own pages and pages of the listed origins.
// A program sends no Origin; every browser does. Because a browser adds the person's
// cookies to requests of other origins too, a page of a listed origin also needs a ticket
// or an access token, except in mode none.
func (h *Relays) requireOrigin(r *http.Request) error {
	values := r.Header.Values("Origin")
	switch {
	case len(values) == 0:
		return nil
	case len(values) == 1 && slices.Contains(h.PublicOrigins(), values[0]):
		return nil
	case len(values) > 1 || !h.allowsRelay(r, values[0]):
		h.Audit.NoteHourly(r.Context(), audit.Entry{Action: audit.PolicyDenied, Outcome: audit.Refused, Detail: "origin_refused"})
		return &reply.Error{Code: reply.CodeOriginRefused, Values: map[string]string{"origin": reply.FirstOrigin(h.PublicOrigins())}}
	}
	if person := identity.Of(r.Context()); h.Identity.Settings.Mode != identity.ModeNone && ticketOf(r) == nil && person.Token == nil {
		h.Audit.NoteHourly(r.Context(), audit.Entry{Action: audit.PolicyDenied, Outcome: audit.Refused, Detail: "ticket_required"})
		return reply.Bad(reply.CodeTicketRequired, "")
	}
	return nil
}

// allowsRelay reports whether a page of another origin may use the relay that r asks for.
// Neither answer reveals whether the service exists.
func (h *Relays) allowsRelay(r *http.Request, origin string) bool {
	if slices.Contains(h.RelayOrigins, origin) {
		return true
	}
	s, err := h.Load.Service(r.Context(), reply.Param(r, "service"))
	return err == nil && slices.Contains(s.RelayOrigins, origin)
}
