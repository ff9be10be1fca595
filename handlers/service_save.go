package handlers

import (
	"net/http"

	"duplex/bridge"
)

func (h *Handler) serviceCreate(w http.ResponseWriter, r *http.Request) error {
	return h.saveService(w, r, &bridge.Service{}, http.StatusCreated)
}

func (h *Handler) serviceReplace(w http.ResponseWriter, r *http.Request) error {
	saved, err := h.service(r.Context(), param(r, "service"))
	if err != nil {
		return err
	}
	return h.saveService(w, r, &saved, http.StatusOK)
}

// saveService saves what the request holds, all or nothing.
func (h *Handler) saveService(w http.ResponseWriter, r *http.Request, saved *bridge.Service, status int) error {
	s, credential, err := readService(w, r, saved)
	if err != nil {
		return err
	}
	if err := h.Store.SaveService(r.Context(), &s, credential.secrets, credential.keep); err != nil {
		return h.absent(err, "service_not_found")
	}
	return answer(w, status, jsonOf(&s))
}
