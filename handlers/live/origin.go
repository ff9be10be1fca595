package live

import (
	"net/http"
	"slices"

	"duplex/bridge/audit"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// requireOrigin lets only the console's own pages open sockets. Browsers say where a
// handshake comes from, and do not keep other sites from making one; whoever says
// nothing is refused too.
func (h *Viewers) requireOrigin(r *http.Request) error {
	origin := r.Header.Values("Origin")
	if len(origin) == 0 && identity.Of(r.Context()).Token != nil {
		return nil // no browser adds such a token by itself, so no page can misuse it
	}
	if len(origin) != 1 || !slices.Contains(h.PublicOrigins(), origin[0]) {
		h.Audit.NoteHourly(r.Context(), audit.Entry{Action: audit.PolicyDenied, Outcome: audit.Refused, Detail: "origin_refused"})
		return &reply.Fault{Code: "origin_refused", Values: map[string]string{"origin": reply.FirstOrigin(h.PublicOrigins())}}
	}
	return nil
}

// requireOrigin lets programs, the console's own pages and the pages that are listed
// use the relay. A program sends no Origin, and every browser does, so a missing one
// keeps no page out. A browser adds the person's cookies also to a request of a listed
// page of another origin: where people are told apart, such a page has to show a
// ticket, or a token of its own, as well.
func (h *Relays) requireOrigin(r *http.Request) error {
	values := r.Header.Values("Origin")
	switch {
	case len(values) == 0:
		return nil
	case len(values) == 1 && slices.Contains(h.PublicOrigins(), values[0]):
		return nil
	case len(values) > 1 || !h.allowsRelay(r, values[0]):
		h.Audit.NoteHourly(r.Context(), audit.Entry{Action: audit.PolicyDenied, Outcome: audit.Refused, Detail: "origin_refused"})
		return &reply.Fault{Code: "origin_refused", Values: map[string]string{"origin": reply.FirstOrigin(h.PublicOrigins())}}
	}
	if person := identity.Of(r.Context()); h.Identity.Settings.Mode != identity.ModeNone && ticketOf(r) == nil && person.Token == nil {
		h.Audit.NoteHourly(r.Context(), audit.Entry{Action: audit.PolicyDenied, Outcome: audit.Refused, Detail: "ticket_required"})
		return reply.Bad("ticket_required", "")
	}
	return nil
}

// allowsRelay reports whether a page of another origin may use the relay that r asks
// for. Whether there is such a service shows in neither answer.
func (h *Relays) allowsRelay(r *http.Request, origin string) bool {
	if slices.Contains(h.RelayOrigins, origin) {
		return true
	}
	s, err := h.Load.Service(r.Context(), reply.Param(r, "service"))
	return err == nil && slices.Contains(s.RelayOrigins, origin)
}
