package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/transcript"
	"duplex/handlers/auditlog"
	"duplex/handlers/reply"
)

// Export streams the stored messages of a session, also while it runs.
func (h *Sessions) Export(w http.ResponseWriter, r *http.Request) error {
	format, ok := transcript.FormatOf(cmp.Or(r.URL.Query().Get("format"), transcript.DefaultFormat))
	if !ok {
		return reply.Bad(reply.CodeBadValue, "format")
	}
	info, err := h.Load.Session(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	entry := audit.Entry{Action: audit.Export, Object: auditlog.SessionObject(&info), Detail: format.Name}
	if err := h.Audit.Record(r.Context(), entry); err != nil {
		return err
	}
	stop := reply.WhileSeen(r, func(ctx context.Context) error { return errorOf(h.Load.Session(ctx, info.ID)) })
	defer stop()
	header := w.Header()
	header.Set("Content-Type", format.ContentType)
	header.Set("Content-Disposition", reply.Attachment(fmt.Sprintf("duplex-%s.%s", info.ID, format.Name)))
	messages := limitMessages(info.LastSeq, h.Store.Messages(r.Context(), info.ID))
	if err := format.Write(w, headOf(&info), messages); err != nil {
		err = cmp.Or(reply.EndedBy(r.Context()), err)
		h.Log.WarnContext(r.Context(), "export broke off", "session", info.ID, "error", err)
		h.Audit.NoteFailed(r.Context(), entry, err)
		panic(http.ErrAbortHandler) // a file that looks complete would be worse than none
	}
	return nil
}

// errShortened says that a session was deleted while it was read.
var errShortened = errors.New("the end of the log is gone")

// limitMessages ends with the message of seq last: the log of an open session grows while it is
// exported. A log that ends earlier is an error.
func limitMessages(last int64, messages iter.Seq2[transcript.Message, error]) iter.Seq2[transcript.Message, error] {
	return func(yield func(transcript.Message, error) bool) {
		var seq int64
		for m, err := range messages {
			if err == nil && m.Seq > last || !yield(m, err) || err != nil {
				return
			}
			seq = m.Seq
		}
		if seq < last {
			yield(transcript.Message{}, errShortened)
		}
	}
}

func headOf(info *bridge.Info) transcript.Head {
	head := transcript.Head{
		Session: info.ID, Service: info.ServiceName, Address: info.Address, OpenedBy: info.OpenedBy,
		OpenedAt: info.OpenedAt, Report: info.Report,
	}
	if e := info.Ending; e != nil {
		head.EndedAt, head.CloseCode, head.CloseReason = e.At, e.Code, e.Reason
	}
	return head
}
