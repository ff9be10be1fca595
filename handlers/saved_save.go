package handlers

import (
	"net/http"

	"duplex/bridge"
	"duplex/handlers/reply"
)

func (h *Handler) savedCreate(w http.ResponseWriter, r *http.Request) error {
	s, err := h.service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	return h.saveMessage(w, r, &s, "", http.StatusCreated)
}

func (h *Handler) savedReplace(w http.ResponseWriter, r *http.Request) error {
	s, err := h.service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	return h.saveMessage(w, r, &s, reply.Param(r, "message"), http.StatusOK)
}

// saveMessage saves what the request holds: a new message, or in place of the one
// with the id.
func (h *Handler) saveMessage(w http.ResponseWriter, r *http.Request, s *bridge.Service, id string, status int) error {
	if err := h.errors.RequireStorage(); err != nil {
		return err
	}
	m, body, err := readSaved(w, r, s)
	if err != nil {
		return err
	}
	if _, err := h.service(r.Context(), s.ID); err != nil { // the body may have taken long to come
		return err
	}
	m.ID = id
	if err := h.Store.SaveMessage(r.Context(), &m, body); err != nil {
		return h.errors.MapNotFound(err, "saved_not_found")
	}
	return reply.JSON(w, status, savedJSONOf(&m))
}
