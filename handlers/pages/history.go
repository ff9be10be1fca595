package pages

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"duplex/bridge"
	"duplex/handlers/access"
	"duplex/handlers/identity"
	"duplex/handlers/load"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
	"duplex/views"
	"duplex/views/text"
)

// historyRows is the number of sessions on a page of the history.
const historyRows = 50

// zoneCookie has the IANA name of the browser's time zone, so that the first paint has the
// reader's days and times.
const zoneCookie = "duplex_zone"

// zoneOf returns the time zone of the browser; UTC when it is unknown.
func zoneOf(r *http.Request) *time.Location {
	cookie, err := r.Cookie(zoneCookie)
	if err != nil {
		return time.UTC
	}
	name, _ := url.QueryUnescape(cookie.Value)
	zone, _ := reply.ZoneOf(name)
	return zone
}

// History is the page of past and open sessions, with its filter.
func (h *Pages) History(w http.ResponseWriter, r *http.Request) error {
	side, err := h.loadSidebar(r.Context())
	if err != nil {
		return err
	}
	l := historyList{h: h, t: h.Reply.Catalogue(w, r), zone: zoneOf(r), now: h.Now(), side: &side}
	if err := l.readInput(r); err != nil {
		return err
	}
	people, err := h.Load.Openers(r.Context())
	if err != nil {
		return err
	}
	person := identity.Of(r.Context())
	m := views.HistoryModel{
		Shell: h.shell(r, l.t, l.t.Say("page.history", nil)), Services: side.serviceLinks(""), Sessions: side.sessionLinks(""),
		Filter: l.shown, Zone: l.zone.String(), People: people, Retention: h.Retention.Sentence(l.t), MayChange: access.IsAdmin(&person),
	}
	if err := l.fill(r.Context(), r.URL.Query(), &m); err != nil {
		return err
	}
	return h.render(w, r, http.StatusOK, views.History(m))
}

// historyList makes a page of the list in the words and the time zone of a person.
type historyList struct {
	h      *Pages
	t      *text.Catalogue
	zone   *time.Location
	now    time.Time
	filter bridge.SessionFilter
	shown  views.HistoryFilter
	side   *sidebar
}

// readInput reads the form. Its times are ISO 8601: with a zone from the script, without
// one in UTC.
func (l *historyList) readInput(r *http.Request) error {
	q := reply.ReadQuery(r)
	f := load.SessionFilter(q)
	f.From, f.To = q.Time("from"), q.Time("to")
	f.Before, f.After = q.SessionID("before"), q.SessionID("after")
	l.shown = views.HistoryFilter{ // the search itself checks the text
		Text: q.Values.Get("q"), InAnswers: q.Choice("in", "messages", "answers") != "messages", Regex: q.Flag("regex"), MatchCase: q.Flag("case"),
		Service: f.Service, State: q.Values.Get("state"), OpenedBy: f.OpenedBy, From: f.From, To: f.To,
	}
	if days := q.Number("days", 0, 3660); days > 0 {
		l.shown.Days = strconv.FormatInt(days, 10)
		y, m, d := l.now.In(l.zone).Date()
		f.From = time.Date(y, m, d-int(days)+1, 0, 0, 0, 0, l.zone)
	}
	l.filter = f
	return q.Err
}

// fill lists a page of the sessions that are selected.
func (l *historyList) fill(ctx context.Context, values url.Values, m *views.HistoryModel) error {
	f := l.filter
	infos, err := l.sessions(ctx, &f)
	if err != nil {
		return err
	}
	days, err := l.h.Load.Days(ctx, l.filter, l.zone)
	if err != nil {
		return err
	}
	more := len(infos) > historyRows
	if more && f.After != "" { // the extra session is the newest
		infos = infos[1:]
	}
	infos = infos[:min(len(infos), historyRows)]
	m.Days, m.Total = l.days(ctx, infos, days), l.count("history.count", totalOf(days))
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

func totalOf(days []load.Day) (total int64) {
	for _, d := range days {
		total += d.Sessions
	}
	return total
}

// sessions returns a page of sessions and one more, if there is one. A page of newer ones
// that is not full is the first page.
func (l *historyList) sessions(ctx context.Context, f *bridge.SessionFilter) ([]bridge.Info, error) {
	f.Limit = historyRows + 1
	infos, err := l.h.Load.Sessions(ctx, *f)
	if err != nil || f.After == "" || len(infos) > historyRows {
		return infos, err
	}
	f.After = ""
	return l.h.Load.Sessions(ctx, *f)
}

// historyAddress returns the address of the same list from another place.
func historyAddress(values url.Values, direction, id string) string {
	next := url.Values{direction: {id}}
	for _, name := range []string{"service", "state", "by", "days", "from", "to"} {
		if value := values.Get(name); value != "" {
			next.Set(name, value)
		}
	}
	return "/history?" + next.Encode()
}

// days groups sessions by the day on which they were opened.
func (l *historyList) days(ctx context.Context, infos []bridge.Info, counted []load.Day) []views.HistoryDay {
	var out []views.HistoryDay
	for i := range infos {
		at := infos[i].OpenedAt
		if len(out) == 0 || at.Before(out[len(out)-1].From) {
			out = append(out, l.day(at, counted))
		}
		day := &out[len(out)-1]
		day.Rows = append(day.Rows, l.row(ctx, &infos[i]))
	}
	return out
}

func (l *historyList) day(at time.Time, counted []load.Day) views.HistoryDay {
	y, m, d := at.In(l.zone).Date()
	day := views.HistoryDay{From: time.Date(y, m, d, 0, 0, 0, 0, l.zone), To: time.Date(y, m, d+1, 0, 0, 0, 0, l.zone)}
	day.Name, day.Full = l.dayName(day.From)
	if i := slices.IndexFunc(counted, func(c load.Day) bool { return c.From.Equal(day.From) }); i >= 0 {
		day.Count = l.count("history.count", counted[i].Sessions)
	}
	return day
}

// dayName names a day as static/src/text/format.ts does: a word for a near one, with its
// date, else the date.
func (l *historyList) dayName(at time.Time) (name, full string) {
	y, m, d := l.now.In(l.zone).Date()
	date := l.date(at)
	weekday := l.t.Say("time.weekday."+strconv.Itoa(int(at.Weekday())), nil)
	for ago := range 7 {
		if !at.Equal(time.Date(y, m, d-ago, 0, 0, 0, 0, l.zone)) {
			continue
		}
		switch ago {
		case 0:
			name = l.t.Say("time.today", nil)
		case 1:
			name = l.t.Say("time.yesterday", nil)
		default:
			return weekday, date
		}
		return name, l.t.Say("time.weekday_date", map[string]string{"weekday": weekday, "date": date})
	}
	return date, ""
}

// date writes a day with its month, and its year unless it is this one.
func (l *historyList) date(at time.Time) string {
	values := map[string]string{
		"day": strconv.Itoa(at.Day()), "month": l.t.Say("time.month."+strconv.Itoa(int(at.Month())), nil), "year": strconv.Itoa(at.Year()),
	}
	if at.Year() == l.now.In(l.zone).Year() {
		return l.t.Say("time.date", values)
	}
	return l.t.Say("time.date_year", values)
}

// count says a number of things.
func (l *historyList) count(key string, n int64) string { return l.t.Count(key, n) }

func (l *historyList) row(ctx context.Context, info *bridge.Info) views.HistoryRow {
	person := identity.Of(ctx)
	row := views.HistoryRow{
		ID: info.ID, Name: cmp.Or(info.Name, info.ServiceName), Address: info.Address, OpenedAt: info.OpenedAt, Clock: info.OpenedAt.In(l.zone).Format("15:04"),
		State: string(info.State), OpenedBy: info.OpenedBy, Pinned: info.Pinned, MayManage: access.ManagesSession(&person, info),
		Messages: l.count("history.messages", info.Counts.Sent+info.Counts.Received),
	}
	row.Service = l.side.naming(info)
	switch {
	case info.Turns.Sentences > 0:
		row.What = l.count("history.sentences", int64(info.Turns.Sentences))
	case info.Turns.Turns > 0:
		row.What = l.count("history.turns", int64(info.Turns.Turns))
	}
	until := l.now
	if e := info.Ending; e != nil {
		until = e.At
	}
	row.Lasted = views.Elapsed(until.Sub(info.OpenedAt))
	if row.Outcome, row.Failed = shape.Outcome(l.t, info); row.Outcome == "" {
		row.Outcome = l.t.Say("page.state."+row.State, nil)
	}
	return row
}
