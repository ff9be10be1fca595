package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"duplex/handlers/load"

	"duplex/bridge/wire"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// Tokens answers the calls about the access tokens of a person.
type Tokens struct {
	Identity *identity.Guard
	Load     *load.Loader
	Now      func() time.Time
}

// usualTokenDays is the default life of a token, in days.
const usualTokenDays = 90

// tokenJSON is an access token as it is shown: never the token itself.
type tokenJSON struct {
	ID       string           `json:"id"`
	Name     string           `json:"name"`
	Scopes   []identity.Scope `json:"scopes"`
	MadeAtUS int64            `json:"made_at_us"`
	UntilUS  int64            `json:"until_us"`
	UsedAtUS int64            `json:"used_at_us"`      // 0 when never
	Token    string           `json:"token,omitempty"` // once, in the answer that makes it
}

func tokenOf(t *identity.AccessToken) tokenJSON {
	return tokenJSON{
		ID: t.ID, Name: t.Name, Scopes: t.Scopes, MadeAtUS: wire.Micros(t.Made), UntilUS: wire.Micros(t.Until), UsedAtUS: wire.Micros(t.Used),
	}
}

// List lists the access tokens of the person.
func (h *Tokens) List(w http.ResponseWriter, r *http.Request) error {
	tokens, err := h.Load.Tokens(r)
	if err != nil {
		return err
	}
	list := make([]tokenJSON, len(tokens))
	for i := range tokens {
		list[i] = tokenOf(&tokens[i])
	}
	return reply.JSON(w, http.StatusOK, map[string]any{"tokens": list})
}

// Create makes an access token. Only this answer holds the token itself.
func (h *Tokens) Create(w http.ResponseWriter, r *http.Request) error {
	asked, err := h.readToken(w, r)
	if err != nil {
		return err
	}
	have, err := h.Load.Tokens(r)
	switch {
	case err != nil:
		return err
	case len(have) >= identity.MaxTokens:
		return reply.Bad(reply.CodeTooManyTokens, "")
	}
	person := identity.Of(r.Context())
	made, token, err := h.Identity.MakeToken(r, &person, asked)
	if errors.Is(err, identity.ErrNoTokens) {
		return reply.Bad(reply.CodeNoTokens, "")
	}
	if err != nil {
		return err
	}
	shown := tokenOf(&made)
	shown.Token = token
	return reply.JSON(w, http.StatusCreated, shown)
}

// readToken reads the name, scopes and life of a new token.
func (h *Tokens) readToken(w http.ResponseWriter, r *http.Request) (t identity.AccessToken, err error) {
	in := struct {
		Name   string           `json:"name"`
		Scopes []identity.Scope `json:"scopes"`
		Days   int              `json:"days"`
	}{Days: usualTokenDays}
	if err := reply.Decode(w, r, &in); err != nil {
		return t, err
	}
	in.Name = strings.TrimSpace(in.Name)
	if err := reply.RequireName(in.Name); err != nil {
		return t, err
	}
	if len(in.Scopes) == 0 {
		return t, reply.Bad(reply.CodeMissingField, "scopes")
	}
	for _, scope := range in.Scopes {
		if !slices.Contains(identity.Scopes(), scope) {
			return t, reply.Bad(reply.CodeBadValue, "scopes")
		}
	}
	life := time.Duration(in.Days) * 24 * time.Hour
	if in.Days < 1 || life > identity.MaxTokenLife {
		return t, reply.OutOfRange("days", 1, int64(identity.MaxTokenLife/(24*time.Hour)))
	}
	slices.Sort(in.Scopes)
	return identity.AccessToken{Name: in.Name, Scopes: slices.Compact(in.Scopes), Until: h.Now().Add(life)}, nil
}

// Revoke ends an access token of the person.
func (h *Tokens) Revoke(w http.ResponseWriter, r *http.Request) error {
	person := identity.Of(r.Context())
	found, err := h.Identity.RevokeToken(r, &person, reply.Param(r, "token"))
	switch {
	case err != nil:
		return err
	case !found:
		return reply.Bad(reply.CodeTokenNotFound, "")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
