package handlers

import (
	"context"
	"net/http"
	"slices"

	"duplex/bridge"
	"duplex/bridge/wire"
)

const (
	defaultSessions = 50
	maxSessions     = 200
)

func (h *Handler) sessionList(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	limit := q.number("limit", defaultSessions, maxSessions)
	before := q.values.Get("before")
	if limit == 0 {
		q.wrong("limit")
	}
	if !wire.ValidClientID(before) { // of the same characters as an id
		q.wrong("before")
	}
	if q.err != nil {
		return q.err
	}
	infos, err := h.sessions(r.Context(), int(limit), before)
	if err != nil {
		return err
	}
	t, list := h.words(w, r), make([]*wire.State, len(infos))
	for i := range infos {
		list[i] = wireState(t, &infos[i])
	}
	return answer(w, http.StatusOK, map[string]any{"sessions": list})
}

// sessions lists sessions and relays, newest first. What is live says so itself;
// relays that nobody records are known to the hub alone.
func (h *Handler) sessions(ctx context.Context, limit int, before string) ([]bridge.Info, error) {
	live := h.Hub.Sessions() // before the store is asked: what ends in between is in the store
	records, err := h.Store.Sessions(ctx, limit, before)
	if err != nil {
		return nil, err
	}
	known := map[string]bridge.Info{}
	for _, info := range live {
		known[info.ID] = info
	}
	var infos []bridge.Info
	for _, record := range records {
		info, running := known[record.ID]
		if !running {
			info = past(record)
		}
		delete(known, record.ID)
		infos = append(infos, info)
	}
	if before != "" {
		return infos, nil
	}
	for _, info := range known {
		if info.Kind == "relay" {
			infos = append(infos, info)
		}
	}
	slices.SortStableFunc(infos, func(a, b bridge.Info) int { return b.OpenedAt.Compare(a.OpenedAt) })
	return infos[:min(len(infos), limit)], nil
}
