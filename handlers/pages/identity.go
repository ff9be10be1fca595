package pages

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"duplex/handlers/identity"
	"duplex/views"
	"duplex/views/text"
)

// IdentitySettings shows the names of the headers that arrive, never their values, so
// that an operator finds a wrong proxy quickly.
func (h *Pages) IdentitySettings(w http.ResponseWriter, r *http.Request) error {
	side, err := h.loadSidebar(r.Context())
	if err != nil {
		return err
	}
	known, err := h.Load.People(r)
	if err != nil {
		return err
	}
	person, t := identity.Of(r.Context()), h.Reply.Catalogue(w, r)
	m := views.IdentityModel{
		Shell: h.shell(r, t, t.Say("identity.page", nil)), Services: side.serviceLinks(""), Sessions: side.sessionLinks(""),
		Facts: h.identityFacts(t),
	}
	if came := person.Arrival; came != nil {
		m.This = h.arrivalRow(t, came)
	}
	for _, a := range h.Identity.Refusals() {
		m.Refusals = append(m.Refusals, h.arrivalRow(t, &a))
	}
	for _, k := range known {
		m.People = append(m.People, views.PersonRow{
			ID: k.ID, Name: k.Name, Email: k.Email, Role: keptRole(t, k.Role), Groups: k.Groups, Seen: k.Seen, SignIns: k.SignIns,
			Self: k.ID == person.ID,
		})
	}
	return h.render(w, r, http.StatusOK, views.Identity(m))
}

// identityFacts lists the settings of identification.
func (h *Pages) identityFacts(t *text.Catalogue) []views.Fact {
	s := &h.Identity.Settings
	facts := []views.Fact{{Name: t.Say("identity.fact.mode", nil), Value: strings.TrimSpace(string(s.Mode) + " " + s.Preset)}}
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, views.Fact{Name: t.Say("identity.fact."+key, nil), Value: value})
		}
	}
	add("proxies", prefixTexts(s.Proxies))
	add("headers", strings.Join(h.Identity.Reads(), ", "))
	add("issuer", s.Token.Issuer+s.Provider.Issuer)
	add("audience", s.Token.Audience+s.Provider.ClientID)
	add("keys", s.Token.KeysURL)
	add("origins", strings.Join(h.PublicOrigins(), ", "))
	if s.Mode != identity.ModeNone {
		add("lease", t.Say("identity.lease.length", map[string]string{"lease": s.Lease.String(), "grace": s.Grace.String()}))
		add("admins", strings.Join(s.Roles.Admins, ", "))
		add("members", strings.Join(s.Roles.Members, ", "))
		add("viewers", strings.Join(s.Roles.Viewers, ", "))
		add("others", keptRole(t, s.Roles.Default.String()))
	}
	return facts
}

func prefixTexts(list []netip.Prefix) string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.String()
	}
	return strings.Join(texts, ", ")
}

// keptRole names a stored role in the words of t.
func keptRole(t *text.Catalogue, role string) string {
	if role == "" {
		return t.Say("identity.role.none", nil)
	}
	return t.Say("identity.role."+role, nil)
}

func (h *Pages) arrivalRow(t *text.Catalogue, a *identity.Arrival) views.ArrivalRow {
	row := views.ArrivalRow{
		At: a.At, Request: a.Method + " " + a.Path, Peer: a.Peer, Host: a.Host, Accepted: a.Code == "",
		Verdict: t.Say("identity.accepted", nil), Detail: a.Detail, Person: a.Name,
	}
	if a.Code != "" {
		row.Verdict, row.Why = t.Say("identity.refused", map[string]string{"code": a.Code}), t.Say("identity.why."+a.Code, nil)
	}
	if a.Name != "" {
		row.Role = keptRole(t, a.Role.String())
		if a.RoleBy != "" {
			row.Role += " (" + a.RoleBy + ")"
		}
	}
	reads := h.Identity.Reads()
	for _, name := range a.Headers {
		read := slices.ContainsFunc(reads, func(own string) bool { return strings.EqualFold(own, name) })
		row.Headers = append(row.Headers, views.HeaderName{Name: name, Read: read})
	}
	slices.SortStableFunc(row.Headers, func(a, b views.HeaderName) int { // read headers first
		switch {
		case a.Read == b.Read:
			return 0
		case a.Read:
			return -1
		}
		return 1
	})
	return row
}
