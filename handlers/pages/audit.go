package pages

import (
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"duplex/bridge/audit"
	"duplex/handlers/auditlog"
	"duplex/handlers/reply"
	"duplex/views"
	"duplex/views/text"
)

// AuditLog shows the audit log. Its form and its links carry the filter in the
// address, so a view of it can be passed on.
func (h *Pages) AuditLog(w http.ResponseWriter, r *http.Request) error {
	side, err := h.loadSidebar(r.Context())
	if err != nil {
		return err
	}
	q := reply.ReadQuery(r)
	f := auditlog.ReadFilter(q)
	if q.Err != nil {
		return q.Err
	}
	if err := h.Audit.RecordRead(r.Context()); err != nil {
		return err
	}
	entries, next, err := h.Audit.Page(r.Context(), f, auditlog.DefaultEntries)
	if err != nil {
		return err
	}
	t := h.Reply.Catalogue(w, r)
	m := views.AuditModel{
		Shell: h.shell(r, t, t.Say("page.audit", nil)), Services: side.serviceLinks(""), Sessions: side.sessionLinks(""),
		Filter: auditForm(q), Actions: filterChoices(t, "page.audit.action.", auditlog.Words(audit.Actions())),
		Outcomes: filterChoices(t, "page.audit.outcome.", auditlog.Words(audit.Outcomes())), Chain: auditChain(t, h.Audit.Entries.AuditStanding(r.Context())),
		Export: auditLink("/api/audit", q, url.Values{"format": {"jsonl"}}),
	}
	without := withoutLog(entries)
	for i := range entries {
		row := auditRow(t, &entries[i])
		row.HasLog = row.Session != "" && !without[row.Session]
		m.Rows = append(m.Rows, row)
	}
	if next > 0 {
		m.Older = auditLink("/audit", q, url.Values{"before": {strconv.FormatInt(next, 10)}})
	}
	if f.Before > 0 {
		m.Newest = auditLink("/audit", q, nil)
	}
	return h.render(w, r, http.StatusOK, views.Audit(m))
}

// withoutLog returns the sessions among entries that have no log: their dial failed, they
// were deleted, or they are relays, which most services do not record.
func withoutLog(entries []audit.Entry) map[string]bool {
	out := map[string]bool{}
	for i := range entries {
		switch entries[i].Action {
		case audit.SessionRefused, audit.PolicyDenied, audit.SessionDelete, audit.RelayOpen, audit.RelayRefused, audit.RelayClose:
			out[entries[i].Object.Session] = true
		default:
		}
	}
	return out
}

// auditFields are the parameters of the form.
var auditFields = []string{"who", "action", "outcome", "from", "to", "q"}

func auditForm(q *reply.Query) map[string]string {
	form := map[string]string{}
	for _, name := range auditFields {
		form[name] = q.Values.Get(name)
	}
	for _, name := range []string{"from", "to"} {
		form[name] = views.Minute(q.Time(name))
	}
	return form
}

// auditLink returns path with the filter of q and more parameters.
func auditLink(path string, q *reply.Query, more url.Values) string {
	for _, name := range auditFields {
		if value := q.Values.Get(name); value != "" {
			if more == nil {
				more = url.Values{}
			}
			more.Set(name, value)
		}
	}
	if len(more) == 0 {
		return path
	}
	return path + "?" + more.Encode()
}

func filterChoices(t *text.Catalogue, prefix string, words []string) []views.Choice {
	list := make([]views.Choice, len(words))
	for i, word := range words {
		list[i] = views.Choice{Value: word, Label: t.Say(prefix+word, nil)}
	}
	return list
}

func auditRow(t *text.Catalogue, e *audit.Entry) views.AuditRow {
	person := e.Person.Name
	switch {
	case person == "" && e.Person.ID == "":
		person = t.Say("page.audit.program", nil)
	case person == "":
		person = e.Person.ID
	}
	return views.AuditRow{
		Seq: e.Seq, At: e.At, Person: person, PersonID: e.Person.ID, Peer: e.Peer,
		Action: string(e.Action), ActionName: t.Say("page.audit.action."+string(e.Action), nil),
		Service: e.Object.Service, ServiceName: e.Object.ServiceName, Target: e.Object.Target, Session: e.Object.Session,
		Outcome: string(e.Outcome), OutcomeName: t.Say("page.audit.outcome."+string(e.Outcome), nil),
		Detail: e.Detail, Request: e.Request, Hash: hex.EncodeToString(e.Hash),
	}
}

// auditChain describes the last check of the chain.
func auditChain(t *text.Catalogue, s audit.Standing) views.AuditChain {
	values := map[string]string{"seq": strconv.FormatInt(s.Checked.Seq, 10), "head": hex.EncodeToString(s.Checked.Hash)}
	c := views.AuditChain{State: "intact", Text: t.Say("page.audit.intact", values), Head: values["head"]}
	if broken, ok := errors.AsType[*audit.BreakError](s.Broken); ok {
		values["seq"], values["key"] = strconv.FormatInt(broken.Seq, 10), broken.Key
		c.State, c.Text = "broken", t.Say("page.audit.broken."+string(broken.Kind), values)
	}
	return c
}
