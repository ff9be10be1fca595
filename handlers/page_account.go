package handlers

import (
	"net/http"

	"duplex/handlers/identity"
	"duplex/views"
)

// pageAccount is about the person who asks.
func (h *Handler) pageAccount(w http.ResponseWriter, r *http.Request) error {
	side, err := h.sidebar(r.Context())
	if err != nil {
		return err
	}
	person, t := identity.Of(r.Context()), h.words(w, r)
	return h.render(w, r, http.StatusOK, views.Account(views.AccountModel{
		Shell: h.shell(r, t, t.Say("identity.account", nil)), Services: side.serviceLinks(""), Sessions: side.sessionLinks(""),
		Email: person.Email, Role: roleWord(t, person.Role), RoleBy: person.RoleBy, Groups: person.Groups,
		SignsOut: h.Identity.Settings.Mode != identity.ModeNone,
	}))
}
