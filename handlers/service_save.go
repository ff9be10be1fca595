package handlers

import (
	"net/http"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/vault"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

func (h *Handler) serviceCreate(w http.ResponseWriter, r *http.Request) error {
	return h.saveService(w, r, &bridge.Service{Owner: identity.Of(r.Context()).ID, Shared: true}, http.StatusCreated)
}

func (h *Handler) serviceReplace(w http.ResponseWriter, r *http.Request) error {
	saved, err := h.changed(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	return h.saveService(w, r, &saved, http.StatusOK)
}

// saveService saves what the request holds, all or nothing.
func (h *Handler) saveService(w http.ResponseWriter, r *http.Request, saved *bridge.Service, status int) error {
	s, credential, err := h.readService(w, r, saved)
	if err != nil {
		return err
	}
	if saved.ID != "" { // the body may have taken long to come
		if _, err := h.changed(r.Context(), saved.ID); err != nil {
			return err
		}
	}
	if err := h.mayTurnOffChecks(r.Context(), &s, saved); err != nil {
		return err
	}
	if err := bindSecrets(&s, credential.secrets, identity.Of(r.Context()).ID); err != nil {
		return err
	}
	entry, err := h.recordSave(r.Context(), &s, saved, &credential)
	if err != nil {
		return err
	}
	if err := h.Store.SaveService(r.Context(), &s, credential.secrets, credential.keep); err != nil {
		h.noteFailed(r.Context(), entry, err)
		return h.errors.MapNotFound(err, "service_not_found")
	}
	if saved.Shared && !s.Shared {
		h.endAccess(r.Context(), &s, false)
		h.announce(s.ID)
	}
	return reply.JSON(w, status, jsonOf(r.Context(), &s))
}

// bindSecrets lets secrets that are entered for a service go there, and nowhere else.
func bindSecrets(s *bridge.Service, secrets map[string]vault.Secret, owner string) error {
	if len(secrets) == 0 {
		return nil
	}
	binding, err := s.Binding(owner)
	if err != nil {
		return err
	}
	ofKey, err := s.ClientKeyBinding(owner)
	if err != nil {
		return err
	}
	ofRow := binding
	ofRow.Endpoint = "" // it is not exchanged for anything
	for name, secret := range secrets {
		switch {
		case name == dial.ClientKeyField:
			secrets[name] = secret.Bind(ofKey)
		case bridge.IsRowField(name):
			secrets[name] = secret.Bind(ofRow)
		default:
			secrets[name] = secret.Bind(binding)
		}
	}
	return nil
}
