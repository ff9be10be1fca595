package pages

import (
	"context"
	"net/http"
	"net/url"

	"duplex/bridge"
	"duplex/handlers/access"
	"duplex/handlers/load"
	"duplex/handlers/reply"
	"duplex/views"
)

// historyRows is the number of sessions on a page of the history.
const historyRows = 50

// History is the page of past and open sessions, with its filter.
func (h *Pages) History(w http.ResponseWriter, r *http.Request) error {
	side, err := h.loadSidebar(r.Context())
	if err != nil {
		return err
	}
	f, shown, err := historyInput(r)
	if err != nil {
		return err
	}
	t := h.Reply.Catalogue(w, r)
	m := views.HistoryModel{
		Shell: h.shell(r, t, t.Say("page.history", nil)), Services: side.serviceLinks(""), Sessions: side.sessionLinks(""), Filter: shown,
	}
	if err := h.historyPage(r.Context(), f, r.URL.Query(), &m); err != nil {
		return err
	}
	return h.render(w, r, http.StatusOK, views.History(m))
}

// historyInput reads the form. Its times are ISO 8601: with a zone from the script,
// without one in UTC.
func historyInput(r *http.Request) (bridge.SessionFilter, views.HistoryFilter, error) {
	q := reply.ReadQuery(r)
	f := load.SessionFilter(q)
	f.From, f.To = q.Time("from"), q.Time("to")
	f.Before, f.After = q.SessionID("before"), q.SessionID("after")
	return f, views.HistoryFilter{ // the search itself checks the text
		Text: q.Values.Get("q"), Regex: q.Flag("regex"), MatchCase: q.Flag("case"),
		Service: f.Service, State: q.Values.Get("state"), OpenedBy: f.OpenedBy, From: f.From, To: f.To,
	}, q.Err
}

// historyPage lists a page of the sessions that are selected.
func (h *Pages) historyPage(ctx context.Context, f bridge.SessionFilter, values url.Values, m *views.HistoryModel) error {
	infos, err := h.historySessions(ctx, &f)
	if err != nil {
		return err
	}
	if m.Count, _, err = h.Store.CountSessions(ctx, access.VisibleSessions(ctx, f)); err != nil {
		return err
	}
	more := len(infos) > historyRows
	if more && f.After != "" { // the extra session is the newest
		infos = infos[1:]
	}
	infos = infos[:min(len(infos), historyRows)]
	for i := range infos {
		m.Rows = append(m.Rows, h.historyRow(&infos[i]))
	}
	if len(infos) == 0 {
		return nil
	}
	if f.Before != "" || f.After != "" {
		m.Newer = historyAddress(values, "after", infos[0].ID)
	}
	if more || f.After != "" {
		m.Older = historyAddress(values, "before", infos[len(infos)-1].ID)
	}
	return nil
}

// historySessions returns a page of sessions and one more, if there is one. A page of
// newer ones that is not full is the first page.
func (h *Pages) historySessions(ctx context.Context, f *bridge.SessionFilter) ([]bridge.Info, error) {
	f.Limit = historyRows + 1
	infos, err := h.Load.Sessions(ctx, *f)
	if err != nil || f.After == "" || len(infos) > historyRows {
		return infos, err
	}
	f.After = ""
	return h.Load.Sessions(ctx, *f)
}

// historyAddress returns the address of the same list from another place.
func historyAddress(values url.Values, direction, id string) string {
	next := url.Values{direction: {id}}
	for _, name := range []string{"service", "state", "by", "from", "to"} {
		if value := values.Get(name); value != "" {
			next.Set(name, value)
		}
	}
	return "/history?" + next.Encode()
}

func (h *Pages) historyRow(info *bridge.Info) views.HistoryRow {
	row := views.HistoryRow{
		ID: info.ID, Name: info.ServiceName, Address: info.Address, State: string(info.State),
		Sent: info.Counts.Sent, Received: info.Counts.Received, OpenedBy: info.OpenedBy, OpenedAt: info.OpenedAt,
		Duration: h.Now().Sub(info.OpenedAt), Pinned: info.Pinned,
	}
	if e := info.Ending; e != nil {
		row.Duration, row.CloseCode, row.Clean = e.At.Sub(info.OpenedAt), e.Code, e.Clean
	}
	return row
}
