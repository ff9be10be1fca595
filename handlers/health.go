package handlers

import (
	"context"
	"net/http"
	"runtime"
	"time"

	"duplex/bridge"
	"duplex/handlers/reply"
)

// readyTime bounds the check of the store.
const readyTime = 2 * time.Second

// healthz answers 200 while the process runs.
func (h *Handler) healthz(w http.ResponseWriter, _ *http.Request) error {
	return reply.JSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// version answers with the version of the program.
func (h *Handler) version(w http.ResponseWriter, _ *http.Request) error {
	return reply.JSON(w, http.StatusOK, map[string]string{"version": h.Version, "go": runtime.Version()})
}

// readyz answers 200 when the process takes new sessions.
func (h *Handler) readyz(w http.ResponseWriter, r *http.Request) error {
	if h.leaving.Load() || h.Hub.Draining() {
		return reply.Bad(reply.CodeDraining, "")
	}
	if c := h.errors.Condition(); c.Code != "" {
		return &reply.Error{Code: c.Code, Values: c.Values}
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	if _, err := h.Store.Sessions(ctx, bridge.SessionFilter{Limit: 1}); err != nil {
		return &reply.Error{Code: reply.CodeStoreUnavailable, Cause: err}
	}
	if err := h.Hub.PingStore(ctx); err != nil {
		return &reply.Error{Code: reply.CodeStoreUnavailable, Cause: err}
	}
	return reply.JSON(w, http.StatusOK, map[string]string{"status": "ready"})
}
