package handlers

import (
	"context"
	"net/http"

	"duplex/bridge"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

func (h *Handler) sessionRead(w http.ResponseWriter, r *http.Request) error {
	info, err := h.session(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	info = h.withPin(r, info)
	to := h.readerOf(w, r)
	return reply.JSON(w, http.StatusOK, to.opened(&info))
}

// session returns what is known of a session or relay, live or past, for who may see it.
func (h *Handler) session(ctx context.Context, id string) (bridge.Info, error) {
	info, err := h.known(ctx, id)
	if err == nil {
		err = h.checkSees(ctx, &info)
	}
	if err != nil {
		return bridge.Info{}, err
	}
	return info, nil
}

// listed returns one that is in the lists of whoever asks.
func (h *Handler) listed(ctx context.Context, id string) (bridge.Info, error) {
	info, err := h.known(ctx, id)
	if err != nil {
		return bridge.Info{}, err
	}
	person := identity.Of(ctx)
	lists, err := h.listsSession(ctx, &person, &info)
	if err == nil && !lists {
		err = reply.Bad("session_not_found", "")
	}
	return info, err
}

func (h *Handler) known(ctx context.Context, id string) (bridge.Info, error) {
	if s, live := h.Hub.Session(id); live {
		return s.Info(), nil
	}
	for _, info := range h.Hub.Sessions() {
		if info.ID == id {
			return info, nil
		}
	}
	record, err := h.Store.Session(ctx, id)
	if err != nil {
		return bridge.Info{}, h.errors.MapNotFound(err, "session_not_found")
	}
	return past(record), nil
}

// past is what is true of a session that is in the store alone.
func past(r bridge.Record) bridge.Info { return bridge.Info{Record: r, State: bridge.Closed} }
