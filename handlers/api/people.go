package api

import (
	"net/http"
	"time"

	"duplex/handlers/load"

	"duplex/bridge/wire"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// People answers the calls about people and their sign-ins.
type People struct {
	Identity *identity.Guard
	Load     *load.Loader
	Now      func() time.Time
}

// Lease answers with the person and the end of their proof of identity; null is no end.
// Like every other request it renews the lease of the person's sockets.
func (h *People) Lease(w http.ResponseWriter, r *http.Request) error {
	person := identity.Of(r.Context())
	var until *string
	var again *int64
	if !person.Until.IsZero() {
		text, wait := person.Until.UTC().Format(time.RFC3339Nano), person.Until.Sub(h.Now()).Milliseconds()/identity.LeaseParts
		until, again = &text, &wait
	}
	return reply.JSON(w, http.StatusOK, map[string]any{
		"person":     map[string]string{"id": person.ID, "name": person.Name, "role": person.Role.String()},
		"expires_at": until, "renew_in_ms": again,
	})
}

// personJSON is a person who has used the console.
type personJSON struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Email    string   `json:"email"`
	Role     string   `json:"role"`
	Groups   []string `json:"groups"`
	SeenAtUS int64    `json:"seen_at_us"`
	SignIns  int      `json:"sign_ins"`
}

// List answers with the people who have signed in, for admins.
func (h *People) List(w http.ResponseWriter, r *http.Request) error {
	people, err := h.Load.People(r)
	if err != nil {
		return err
	}
	list := make([]personJSON, len(people))
	for i, k := range people {
		list[i] = personJSON{
			ID: k.ID, Name: k.Name, Email: k.Email, Role: k.Role, Groups: append([]string{}, k.Groups...),
			SeenAtUS: wire.Micros(k.Seen), SignIns: k.SignIns,
		}
	}
	return reply.JSON(w, http.StatusOK, map[string]any{"people": list})
}

// SignOutPerson signs somebody out everywhere.
func (h *People) SignOutPerson(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Person string `json:"person"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	if in.Person == "" {
		return reply.Bad(reply.CodeMissingField, "person")
	}
	by := identity.Of(r.Context())
	if err := h.Identity.SignOutEverywhere(r, &by, in.Person); err != nil {
		return err
	}
	return reply.JSON(w, http.StatusOK, map[string]string{"person": in.Person})
}

// SignOut signs the person out: in this browser, or everywhere. The answer has the
// address at which the page also ends the sign-in of the provider.
func (h *People) SignOut(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Everywhere bool `json:"everywhere"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	person := identity.Of(r.Context())
	if in.Everywhere {
		if err := h.Identity.SignOutEverywhere(r, &person, person.ID); err != nil {
			return err
		}
	}
	location, err := h.Identity.SignOut(w, r, &person)
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusOK, map[string]string{"location": location})
}
