package handlers

import (
	"context"
	"encoding/hex"
	"errors"
	"math"
	"net/http"

	"duplex/bridge/audit"
	"duplex/bridge/transcript"
	"duplex/handlers/reply"
)

const (
	defaultEntries = 100
	maxEntries     = 1000
)

// auditList answers with entries, newest first, or streams all of them, oldest first.
func (h *Handler) auditList(w http.ResponseWriter, r *http.Request) error {
	q := reply.ReadQuery(r)
	f := auditFilter(q)
	limit := q.Number("limit", defaultEntries, maxEntries)
	format := q.Choice("format", "json", "jsonl")
	if limit == 0 {
		q.Wrong("limit")
	}
	if q.Err != nil {
		return q.Err
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
	return reply.JSON(w, http.StatusOK, map[string]any{
		"entries": entries, "next_before": next, "chain": chainJSON(h.Audit.AuditStanding(r.Context())),
	})
}

// auditFilter reads what entries to select; the page and the API have the same words
// for it.
func auditFilter(q *reply.Query) audit.Filter {
	f := audit.Filter{
		Before: q.Number("before", 0, math.MaxInt64), From: q.Time("from"), To: q.Time("to"),
		Action:  audit.Action(q.Choice("action", words(audit.Actions())...)),
		Outcome: audit.Outcome(q.Choice("outcome", words(audit.Outcomes())...)),
		Who:     q.Values.Get("who"), Text: q.Values.Get("q"),
	}
	if len(f.Who) > maxSearch {
		q.Wrong("who")
	}
	if len(f.Text) > maxSearch {
		q.Wrong("q")
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
	header.Set("Content-Disposition", reply.Attachment("duplex-audit.jsonl"))
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
