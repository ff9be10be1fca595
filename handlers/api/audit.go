package api

import (
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"

	"duplex/bridge/audit"
	"duplex/bridge/transcript"
	"duplex/handlers/auditlog"
	"duplex/handlers/reply"
)

// Audit answers the calls about the audit log.
type Audit struct {
	Audit *auditlog.Log
	Log   *slog.Logger
}

// List answers with entries, newest first, or streams all of them, oldest first.
func (h *Audit) List(w http.ResponseWriter, r *http.Request) error {
	q := reply.ReadQuery(r)
	f := auditlog.ReadFilter(q)
	limit := q.Number("limit", auditlog.DefaultEntries, auditlog.MaxEntries)
	format := q.Choice("format", "json", "jsonl")
	if limit == 0 {
		q.Wrong("limit")
	}
	if q.Err != nil {
		return q.Err
	}
	if format == "jsonl" {
		return h.export(w, r, f)
	}
	if err := h.Audit.RecordRead(r.Context()); err != nil {
		return err
	}
	entries, next, err := h.Audit.Page(r.Context(), f, int(limit))
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusOK, map[string]any{
		"entries": entries, "next_before": next, "chain": chainJSON(h.Audit.Entries.AuditStanding(r.Context())),
	})
}

func (h *Audit) export(w http.ResponseWriter, r *http.Request, f audit.Filter) error {
	entry := audit.Entry{Action: audit.AuditExport}
	if err := h.Audit.Record(r.Context(), entry); err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", transcript.TypeJSONL)
	header.Set("Content-Disposition", reply.Attachment("duplex-audit.jsonl"))
	if err := audit.WriteJSONL(w, h.Audit.Entries.AuditEntries(r.Context(), f)); err != nil {
		h.Log.WarnContext(r.Context(), "audit export broke off", "error", err)
		h.Audit.NoteFailed(r.Context(), entry, err)
		panic(http.ErrAbortHandler) // a file that looks complete would be worse than none
	}
	return nil
}

// chainJSON shows how far the chain was checked, and the entry that breaks it.
func chainJSON(s audit.Standing) map[string]any {
	out := map[string]any{"intact": s.Broken == nil, "checked": s.Checked.Seq, "head": hex.EncodeToString(s.Checked.Hash)}
	if broken, ok := errors.AsType[*audit.BreakError](s.Broken); ok {
		out["broken"] = map[string]any{"seq": broken.Seq, "kind": broken.Kind}
	}
	return out
}
