// Package api answers the JSON calls under /api, one file for each noun.
package api

import (
	"net/http"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/handlers/auditlog"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

// Delete deletes a service and ends the access of other people to its sessions.
func (h *Services) Delete(w http.ResponseWriter, r *http.Request) error {
	s, err := h.Load.ServiceToChange(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	entry := audit.Entry{Action: audit.ServiceDelete, Object: auditlog.ServiceObject(&s)}
	if err := h.Audit.Record(r.Context(), entry); err != nil {
		return err
	}
	if err := h.Store.DeleteService(r.Context(), s.ID); err != nil {
		h.Audit.NoteFailed(r.Context(), entry, err)
		return h.Errors.MapNotFound(err, reply.CodeServiceNotFound)
	}
	h.endAccess(r.Context(), &s, true)
	h.announceAccess(s.ID)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// List answers with the services that the person may see.
func (h *Services) List(w http.ResponseWriter, r *http.Request) error {
	services, err := h.Load.Services(r.Context())
	if err != nil {
		return err
	}
	list := make([]*shape.Service, len(services))
	for i := range services {
		list[i] = shape.ServiceOf(r.Context(), &services[i])
	}
	return reply.JSON(w, http.StatusOK, map[string]any{"services": list})
}

// Read answers with a service. Of its secrets it shows no values.
func (h *Services) Read(w http.ResponseWriter, r *http.Request) error {
	s, err := h.Load.Service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusOK, shape.ServiceOf(r.Context(), &s))
}

// Create saves a new service. The person becomes its owner, and the team shares it by
// default.
func (h *Services) Create(w http.ResponseWriter, r *http.Request) error {
	return h.saveService(w, r, &bridge.Service{Owner: identity.Of(r.Context()).ID, Shared: true}, http.StatusCreated)
}

// Replace replaces a service, all or nothing.
func (h *Services) Replace(w http.ResponseWriter, r *http.Request) error {
	saved, err := h.Load.ServiceToChange(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	return h.saveService(w, r, &saved, http.StatusOK)
}

// saveService stores the service of the request, all or nothing.
func (h *Services) saveService(w http.ResponseWriter, r *http.Request, saved *bridge.Service, status int) error {
	s, credential, err := h.Connect.ReadService(w, r, saved)
	if err != nil {
		return err
	}
	if saved.ID != "" { // the body may have taken long to come
		if _, err := h.Load.ServiceToChange(r.Context(), saved.ID); err != nil {
			return err
		}
	}
	if s.Folder, err = h.Load.SpellFolder(r.Context(), s.Folder); err != nil {
		return err
	}
	if err := h.Connect.RequireVerification(r.Context(), &s, saved); err != nil {
		return err
	}
	if err := h.Connect.BindSecrets(r.Context(), &s, credential.Secrets); err != nil {
		return err
	}
	entry, err := h.recordSave(r.Context(), &s, saved, &credential)
	if err != nil {
		return err
	}
	if err := h.Store.SaveService(r.Context(), &s, credential.Secrets, credential.Keep); err != nil {
		h.Audit.NoteFailed(r.Context(), entry, err)
		return h.Errors.MapNotFound(err, reply.CodeServiceNotFound)
	}
	if saved.Shared && !s.Shared {
		h.endAccess(r.Context(), &s, false)
		h.announceAccess(s.ID)
	}
	return reply.JSON(w, status, shape.ServiceOf(r.Context(), &s))
}
