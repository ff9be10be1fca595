package api

import (
	"net/http"
	"time"

	"duplex/bridge/wire"
	"duplex/handlers/load"
	"duplex/handlers/reply"
)

// History answers the calls about many sessions at once.
type History struct {
	Sessions *Sessions
	Load     *load.Loader
}

// dayJSON is a day with the sessions that were opened on it.
type dayJSON struct {
	Day      string `json:"day"` // 2026-11-29
	FromUS   int64  `json:"from_us"`
	ToUS     int64  `json:"to_us"`
	Sessions int64  `json:"sessions"`
}

// Days counts the sessions of each day of a time zone.
func (h *History) Days(w http.ResponseWriter, r *http.Request) error {
	q := reply.ReadQuery(r)
	f, zone := load.SessionFilter(q), q.Zone("zone")
	if q.Err != nil {
		return q.Err
	}
	days, err := h.Load.Days(r.Context(), f, zone)
	if err != nil {
		return err
	}
	out, total := make([]dayJSON, len(days)), int64(0)
	for i, d := range days {
		out[i] = dayJSON{Day: d.From.Format(time.DateOnly), FromUS: wire.Micros(d.From), ToUS: wire.Micros(d.To), Sessions: d.Sessions}
		total += d.Sessions
	}
	return reply.JSON(w, http.StatusOK, map[string]any{"days": out, "sessions": total})
}
