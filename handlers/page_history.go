package handlers

import (
	"net/http"

	"duplex/bridge"
	"duplex/views"
)

func (h *Handler) pageHistory(w http.ResponseWriter, r *http.Request) error {
	side, err := h.sidebar(r.Context())
	if err != nil {
		return err
	}
	infos, err := h.sessions(r.Context(), bridge.SessionFilter{Limit: maxSessions})
	if err != nil {
		return err
	}
	rows := make([]views.HistoryRow, len(infos))
	for i := range infos {
		rows[i] = h.historyRow(&infos[i])
	}
	t := h.words(w, r)
	return h.render(w, r, http.StatusOK, views.History(views.HistoryModel{
		Shell: h.shell(r, t, t.Say("page.history", nil)), Services: side.serviceLinks(""), Sessions: side.sessionLinks(""), Rows: rows,
	}))
}

func (h *Handler) historyRow(info *bridge.Info) views.HistoryRow {
	row := views.HistoryRow{
		ID: info.ID, Name: info.ServiceName, Address: info.Address, State: string(info.State),
		Sent: info.Counts.Sent, Received: info.Counts.Received, OpenedBy: info.OpenedBy, OpenedAt: info.OpenedAt,
		Duration: h.Now().Sub(info.OpenedAt),
	}
	if e := info.Ending; e != nil {
		row.Duration, row.CloseCode, row.Clean = e.At.Sub(info.OpenedAt), e.Code, e.Clean
	}
	return row
}
