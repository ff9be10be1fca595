package live

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"duplex/handlers/load"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/dial"
	"duplex/handlers/auditlog"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// Tickets makes and checks the tickets with which a page of another origin uses a relay.
type Tickets struct {
	Identity      *identity.Guard
	Load          *load.Loader
	Audit         *auditlog.Log
	Reply         *reply.Responder
	PublicOrigins func() []string

	// Identify identifies the person of a request that has no ticket.
	Identify func(http.Handler) http.Handler
}

// ticketProtocol begins the subprotocol that carries a ticket: a page cannot set any
// other header of a handshake.
const ticketProtocol = "duplex.ticket."

// ticketJSON is a ticket with the address and the subprotocol for a page.
type ticketJSON struct {
	Ticket      string `json:"ticket"` // for ?ticket=
	ExpiresAtUS int64  `json:"expires_at_us"`
	URL         string `json:"url"`         // of the relay, without the ticket
	Subprotocol string `json:"subprotocol"` // for new WebSocket(url, [..., subprotocol])
}

// Create makes a ticket for one connection through the relay to a service.
func (h *Tickets) Create(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Service string `json:"service"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	if in.Service == "" {
		return reply.Bad(reply.CodeMissingField, "service")
	}
	s, err := h.Load.Service(r.Context(), in.Service)
	if err != nil {
		return err
	}
	if err := h.Audit.Record(r.Context(), audit.Entry{Action: audit.TicketCreate, Object: auditlog.ServiceObject(&s)}); err != nil {
		return err
	}
	person := identity.Of(r.Context())
	ticket, until, err := h.Identity.MakeTicket(&person, s.ID)
	if errors.Is(err, identity.ErrTooManyTickets) {
		return &reply.Error{Code: reply.CodeTooManyTickets, Cause: err}
	}
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusCreated, ticketJSON{
		Ticket: ticket, ExpiresAtUS: until.UnixMicro(), URL: h.relayURL(r, s.ID), Subprotocol: ticketProtocol + ticket,
	})
}

// relayURL is the address of a relay as browsers reach it.
func (h *Tickets) relayURL(r *http.Request, service string) string {
	origin := reply.FirstOrigin(h.PublicOrigins())
	if own := "http://" + r.Host; h.Identity.AllowsOrigin(own) {
		origin = own // one of the names of this machine
	}
	return strings.Replace(origin, "http", "ws", 1) + "/relay/" + service + "/"
}

// shownTicket is a ticket that came with a handshake.
type shownTicket struct {
	service  string // that it is for
	protocol string // the subprotocol that carried it; "" when it came in the query
}

type ticketKey struct{}

// ticketOf returns the ticket of a handshake, or nil.
func ticketOf(r *http.Request) *shownTicket {
	shown, _ := r.Context().Value(ticketKey{}).(*shownTicket)
	return shown
}

func withTicket(ctx context.Context, shown *shownTicket) context.Context {
	return context.WithValue(ctx, ticketKey{}, shown)
}

// Middleware identifies a person by a ticket or, without one, as every other route does.
// It removes the ticket from the request, so that no target and no log gets it.
func (h *Tickets) Middleware(next http.Handler) http.Handler {
	identified := h.Identify(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		found, protocol := takeTickets(r)
		if len(found) == 0 {
			identified.ServeHTTP(w, r)
			return
		}
		var ticket identity.Ticket
		err := error(&identity.TicketError{Reason: identity.TicketDoubled})
		if len(found) == 1 {
			ticket, err = h.Identity.ByTicket(r, found[0])
		}
		if err != nil {
			h.Reply.Fail(w, r, h.NoteRefused(r, err))
			return
		}
		ctx := identity.With(r.Context(), ticket.Person)
		ctx = withTicket(ctx, &shownTicket{service: ticket.Service, protocol: protocol})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// NoteRefused records the refusal of a ticket, once for each ticket, and returns the
// error to answer with.
func (h *Tickets) NoteRefused(r *http.Request, err error) error {
	refused, ok := errors.AsType[*identity.TicketError](err)
	if !ok {
		return err
	}
	entry := audit.Entry{
		Action: audit.TicketRefused, Outcome: audit.Refused, Detail: refused.Reason, Object: audit.Object{Service: refused.Service},
		Person: audit.Person{ID: refused.Person.ID, Name: refused.Person.Name},
	}
	if refused.Service == "" || refused.Again {
		h.Audit.NoteHourly(r.Context(), entry) // strangers can invent any number of tickets
	} else {
		h.Audit.Note(r.Context(), entry)
	}
	return &reply.Error{Code: reply.CodeTicketRefused, Cause: err}
}

// useTicket refuses a ticket that was made for another service than s, and records its
// use.
func (h *Tickets) useTicket(r *http.Request, s *bridge.Service) error {
	shown := ticketOf(r)
	switch {
	case shown == nil:
		return nil
	case shown.service != s.ID:
		return h.NoteRefused(r, &identity.TicketError{Reason: identity.TicketForeign, Service: shown.service, Person: identity.Of(r.Context())})
	}
	return h.Audit.Record(r.Context(), audit.Entry{Action: audit.TicketUse, Object: auditlog.ServiceObject(s)})
}

// takeTickets removes the tickets from the subprotocols and the query of r, and keeps the
// spelling of the rest. Protocol is the subprotocol that held the last. It finds a ticket
// in every case and escaping of its name, because none may reach the target.
func takeTickets(r *http.Request) (found []string, protocol string) {
	var kept []string
	for _, name := range offeredSubprotocols(r) {
		if ticket, is := cutTicketProtocol(name); is {
			found, protocol = append(found, ticket), name
		} else {
			kept = append(kept, name)
		}
	}
	if protocol != "" {
		r.Header.Del("Sec-WebSocket-Protocol")
		if len(kept) > 0 {
			r.Header.Set("Sec-WebSocket-Protocol", strings.Join(kept, ", "))
		}
	}
	var pieces []string
	for piece := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if ticket, is := parseTicket(piece); is {
			found = append(found, ticket)
		} else {
			pieces = append(pieces, piece)
		}
	}
	if query := strings.Join(pieces, "&"); query != r.URL.RawQuery {
		r.URL.RawQuery = query
		r.URL.ForceQuery = false
		r.RequestURI = r.URL.RequestURI()
	}
	return found, protocol
}

// cutTicketProtocol returns the ticket in a subprotocol.
func cutTicketProtocol(name string) (ticket string, is bool) {
	if len(name) < len(ticketProtocol) || !strings.EqualFold(name[:len(ticketProtocol)], ticketProtocol) {
		return name, false
	}
	return name[len(ticketProtocol):], true
}

// parseTicket returns the ticket in a piece of a query. A service may have a parameter of
// that name for itself.
func parseTicket(piece string) (ticket string, is bool) {
	name, value, _ := strings.Cut(piece, "=")
	ticket, _ = cutTicketProtocol(dial.PlainText(value))
	return ticket, strings.EqualFold(dial.PlainText(name), "ticket") && identity.IsTicket(ticket)
}

// answerTicket chooses the subprotocol that carried the ticket where the target chose
// none and the browser offered no other: a browser that offered subprotocols fails the
// connection when none was chosen.
func answerTicket(w http.ResponseWriter, r *http.Request, chosen string) {
	if shown := ticketOf(r); shown != nil && shown.protocol != "" && chosen == "" && len(offeredSubprotocols(r)) == 0 {
		w.Header().Set("Sec-WebSocket-Protocol", shown.protocol)
	}
}
