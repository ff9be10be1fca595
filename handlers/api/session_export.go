package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/transcript"
	"duplex/handlers/auditlog"
	"duplex/handlers/reply"
)

// Export streams the stored messages of a session, also while it runs.
func (h *Sessions) Export(w http.ResponseWriter, r *http.Request) error {
	name := cmp.Or(r.URL.Query().Get("format"), transcript.DefaultFormat)
	format, ok := transcript.FormatOf(name)
	if !ok && name != formatWAV {
		return reply.Bad(reply.CodeBadValue, "format")
	}
	info, err := h.Load.Session(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	if name == formatWAV {
		return h.exportAudio(w, r, &info)
	}
	q := reply.ReadQuery(r)
	withTurns := q.Flag("turns") || format.Name != transcript.DefaultFormat
	if q.Err != nil {
		return q.Err
	}
	entry := audit.Entry{Action: audit.Export, Object: auditlog.SessionObject(&info), Detail: format.Name}
	if err := h.Audit.Record(r.Context(), entry); err != nil {
		return err
	}
	stop := reply.WhileSeen(r, func(ctx context.Context) error { return errorOf(h.Load.Session(ctx, info.ID)) })
	defer stop()
	head, err := h.exportedHead(r.Context(), &info, withTurns)
	if err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", format.ContentType)
	header.Set("Content-Disposition", reply.Attachment(exportName(&info, format)))
	messages := limitMessages(info.LastSeq, h.Store.Messages(r.Context(), info.ID))
	if err := format.Write(w, head, messages); err != nil {
		h.breakOff(r.Context(), entry, err)
	}
	return nil
}

func exportName(info *bridge.Info, format transcript.Format) string {
	return fmt.Sprintf("duplex-%s.%s", info.ID, format.Name)
}

// exportedHead returns the head of an export, with the turns of a session that has a dialect.
func (h *Sessions) exportedHead(ctx context.Context, info *bridge.Info, withTurns bool) (head transcript.Head, err error) {
	head = headOf(info)
	if withTurns && info.Dialect != "" {
		head.Turns, err = h.exportedTurns(ctx, info)
	}
	return head, err
}

// breakOff ends an answer that has begun: a file that looks complete would be worse than none.
func (h *Sessions) breakOff(ctx context.Context, entry audit.Entry, err error) {
	err = cmp.Or(reply.EndedBy(ctx), err)
	h.Log.WarnContext(ctx, "export broke off", "session", entry.Object.Session, "error", err)
	h.Audit.NoteFailed(ctx, entry, err)
	panic(http.ErrAbortHandler)
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

// exportedTurns returns the turns of a session; none when its dialect was deleted.
func (h *Sessions) exportedTurns(ctx context.Context, info *bridge.Info) ([]transcript.Turn, error) {
	turns, err := h.Load.Turns(ctx, info, info.Dialect)
	if reply.IsMissing(err, reply.CodeDialectNotFound) {
		return nil, nil
	}
	out := make([]transcript.Turn, len(turns))
	for i := range turns {
		t := &turns[i]
		raw, err := json.Marshal(t)
		if err != nil {
			return nil, fmt.Errorf("encode turn: %w", err)
		}
		out[i] = transcript.Turn{N: t.N, Asked: cmp.Or(t.Text.User, t.Request), Answer: t.Text.Answer, State: string(t.State), JSON: raw}
		if t.Error != nil {
			out[i].Error = strings.TrimSpace(t.Error.Code + " " + t.Error.Message)
		}
	}
	return out, err
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
