package pages

import (
	"net/http"

	"duplex/handlers/identity"
	"duplex/handlers/reply"
	"duplex/views"
)

// Account is the page of the person's account and access tokens.
func (h *Pages) Account(w http.ResponseWriter, r *http.Request) error {
	side, err := h.loadSidebar(r.Context())
	if err != nil {
		return err
	}
	person, t := identity.Of(r.Context()), h.Reply.Catalogue(w, r)
	tokens, err := h.Load.Tokens(r)
	if err != nil {
		return err
	}
	return h.render(w, r, http.StatusOK, views.Account(views.AccountModel{
		Shell: h.shell(r, t, t.Say("identity.account", nil)), Services: side.serviceLinks(""), Sessions: side.sessionLinks(""),
		Email: person.Email, Role: reply.RoleName(t, person.Role), RoleBy: person.RoleBy, Groups: person.Groups,
		SignsOut: h.Identity.Settings.Mode != identity.ModeNone, Tokens: tokenRows(tokens), Scopes: h.tokenScopes(),
	}))
}

// tokenScopes returns the scopes for new tokens; none with one local user.
func (h *Pages) tokenScopes() []string {
	if h.Identity.Store == nil {
		return nil
	}
	return scopeNames(identity.Scopes())
}

func tokenRows(tokens []identity.AccessToken) []views.TokenRow {
	rows := make([]views.TokenRow, len(tokens))
	for i, t := range tokens {
		rows[i] = views.TokenRow{ID: t.ID, Name: t.Name, Scopes: scopeNames(t.Scopes), Until: t.Until, Used: t.Used}
	}
	return rows
}

func scopeNames(scopes []identity.Scope) []string {
	names := make([]string, len(scopes))
	for i, scope := range scopes {
		names[i] = string(scope)
	}
	return names
}
