package handlers

import (
	"net/http"

	"duplex/bridge/wire"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// personJSON is somebody who has been here.
type personJSON struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Email    string   `json:"email"`
	Role     string   `json:"role"`
	Groups   []string `json:"groups"`
	SeenAtUS int64    `json:"seen_at_us"`
	SignIns  int      `json:"sign_ins"`
}

func (h *Handler) peopleList(w http.ResponseWriter, r *http.Request) error {
	people, err := h.people(r)
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

// people is who has been here; with one local user nobody is written down.
func (h *Handler) people(r *http.Request) ([]identity.Known, error) {
	if h.Identity.Store == nil {
		return nil, nil
	}
	return h.Identity.Store.People(r.Context())
}

// personSignOut signs somebody out everywhere.
func (h *Handler) personSignOut(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Person string `json:"person"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	if in.Person == "" {
		return reply.Bad("missing_field", "person")
	}
	by := identity.Of(r.Context())
	if err := h.Identity.SignOutEverywhere(r, &by, in.Person); err != nil {
		return err
	}
	return reply.JSON(w, http.StatusOK, map[string]string{"person": in.Person})
}
