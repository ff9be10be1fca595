package handlers

import (
	"context"
	"encoding/hex"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"duplex/bridge/audit"
	"duplex/bridge/transcript"
)

const (
	defaultEntries = 100
	maxEntries     = 1000
)

// auditList answers with entries, newest first, or streams all of them, oldest first.
func (h *Handler) auditList(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	f := auditFilter(q)
	limit := q.number("limit", defaultEntries, maxEntries)
	format := q.choice("format", "json", "jsonl")
	if limit == 0 {
		q.wrong("limit")
	}
	if q.err != nil {
		return q.err
	}
	if format == "jsonl" {
		return h.exportAudit(w, r, f)
	}
	if err := h.recordAuditRead(r.Context()); err != nil {
		return err
	}
	entries, next, err := h.auditPage(r.Context(), f, int(limit))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, map[string]any{
		"entries": entries, "next_before": next, "chain": chainJSON(h.Audit.AuditStanding(r.Context())),
	})
}

// auditFilter reads what entries to select; the page and the API have the same words
// for it.
func auditFilter(q *query) audit.Filter {
	f := audit.Filter{
		Before: q.number("before", 0, math.MaxInt64), From: q.time("from"), To: q.time("to"),
		Action:  audit.Action(q.choice("action", words(audit.Actions())...)),
		Outcome: audit.Outcome(q.choice("outcome", words(audit.Outcomes())...)),
		Who:     q.values.Get("who"), Text: q.values.Get("q"),
	}
	if len(f.Who) > maxSearch {
		q.wrong("who")
	}
	if len(f.Text) > maxSearch {
		q.wrong("q")
	}
	return f
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, word := range list {
		out[i] = string(word)
	}
	return out
}

// time reads a time: microseconds since 1970, or a date and time as forms send it, in
// UTC. The zero time when it is not given.
func (q *query) time(name string) time.Time {
	text := q.values.Get(name)
	if text == "" {
		return time.Time{}
	}
	if us, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.UnixMicro(us).UTC()
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC()
		}
	}
	q.wrong(name)
	return time.Time{}
}

// auditPage returns at most limit entries, newest first, and before which seq to go
// on; 0 when there are no more.
func (h *Handler) auditPage(ctx context.Context, f audit.Filter, limit int) ([]audit.Entry, int64, error) {
	f.Newest, f.Limit = true, limit+1
	entries := []audit.Entry{}
	for e, err := range h.Audit.AuditEntries(ctx, f) {
		if err != nil {
			return nil, 0, err
		}
		entries = append(entries, e)
	}
	if len(entries) <= limit {
		return entries, 0, nil
	}
	return entries[:limit], entries[limit-1].Seq, nil
}

func (h *Handler) recordAuditRead(ctx context.Context) error {
	return h.recordSeldom(ctx, "audit", audit.Entry{Action: audit.AuditRead})
}

func (h *Handler) exportAudit(w http.ResponseWriter, r *http.Request, f audit.Filter) error {
	entry := audit.Entry{Action: audit.AuditExport}
	if err := h.record(r.Context(), entry); err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", transcript.TypeJSONL)
	header.Set("Content-Disposition", attachment("duplex-audit.jsonl"))
	if err := audit.WriteJSONL(w, h.Audit.AuditEntries(r.Context(), f)); err != nil {
		h.Log.WarnContext(r.Context(), "audit export broke off", "error", err)
		h.noteFailed(r.Context(), entry, err)
		panic(http.ErrAbortHandler) // a file that looks complete would be worse than none
	}
	return nil
}

// chainJSON says how far the chain was checked, and what breaks it.
func chainJSON(s audit.Standing) map[string]any {
	out := map[string]any{"intact": s.Broken == nil, "checked": s.Checked.Seq, "head": hex.EncodeToString(s.Checked.Hash)}
	if broken, ok := errors.AsType[*audit.BreakError](s.Broken); ok {
		out["broken"] = map[string]any{"seq": broken.Seq, "kind": broken.Kind}
	}
	return out
}
