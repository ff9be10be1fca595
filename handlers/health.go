package handlers

import (
	"context"
	"net/http"
	"time"

	"duplex/bridge"
)

// readyTime is how long the store may take to be called reachable.
const readyTime = 2 * time.Second

// healthz says that the process lives.
func (h *Handler) healthz(w http.ResponseWriter, _ *http.Request) error {
	return answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether new sessions are welcome.
func (h *Handler) readyz(w http.ResponseWriter, r *http.Request) error {
	if h.leaving.Load() || h.Hub.Draining() {
		return bad("draining", "")
	}
	if c := h.condition(); c.Code != "" {
		return &fault{code: c.Code, values: c.Values}
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	if _, err := h.Store.Sessions(ctx, bridge.SessionFilter{Limit: 1}); err != nil {
		return &fault{code: "store_unavailable", cause: err}
	}
	if err := h.Hub.PingStore(ctx); err != nil {
		return &fault{code: "store_unavailable", cause: err}
	}
	return answer(w, http.StatusOK, map[string]string{"status": "ready"})
}
