package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"mime"
	"net/http"
	"time"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/transcript"
	"duplex/handlers/identity"
)

// seenTime is how long an export goes on before it is asked again who may see it.
const seenTime = time.Second

// exportTypes is the media type of each format.
var exportTypes = map[string]string{
	"jsonl": "application/x-ndjson", "har": "application/json", "txt": "text/plain; charset=utf-8",
}

// sessionExport streams what is stored of a session, also while it runs.
func (h *Handler) sessionExport(w http.ResponseWriter, r *http.Request) error {
	format := r.URL.Query().Get("format")
	if format == "" {
		format = "jsonl"
	}
	export, known := transcript.Formats()[format]
	if !known {
		return bad("bad_value", "format")
	}
	info, err := h.session(r.Context(), param(r, "session"))
	if err != nil {
		return err
	}
	entry := audit.Entry{Action: audit.Export, Object: objectOf(&info), Detail: format}
	if err := h.record(r.Context(), entry); err != nil {
		return err
	}
	person := identity.Of(r.Context())
	held, release := h.Identity.Hold(r.Context(), &person) // whoever reads slowly holds it open as they do a socket
	defer release()
	header := w.Header()
	header.Set("Content-Type", exportTypes[format])
	header.Set("Content-Disposition", attachment(fmt.Sprintf("duplex-%s.%s", info.ID, format)))
	messages := h.whileSeen(held, info.ID, upTo(info.LastSeq, h.Store.Messages(held, info.ID)))
	if err := export(w, headOf(&info), messages); err != nil {
		err = cmp.Or(refusalOf(held), err)
		h.Log.WarnContext(r.Context(), "export broke off", "session", info.ID, "error", err)
		h.noteFailed(r.Context(), entry, err)
		panic(http.ErrAbortHandler) // a file that looks complete would be worse than none
	}
	return nil
}

// errShortened says that a session was deleted while it was read.
var errShortened = errors.New("the end of the log is gone")

// upTo ends with the message of that seq: the export of a session that runs would
// otherwise go after its growing end. A log that ends before it is an error.
func upTo(last int64, messages iter.Seq2[transcript.Message, error]) iter.Seq2[transcript.Message, error] {
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

// whileSeen breaks off what whoever asks may no longer see.
func (h *Handler) whileSeen(ctx context.Context, session string, messages iter.Seq2[transcript.Message, error]) iter.Seq2[transcript.Message, error] {
	return func(yield func(transcript.Message, error) bool) {
		seen := h.Now()
		for m, err := range messages {
			if now := h.Now(); err == nil && now.Sub(seen) >= seenTime {
				_, err = h.session(ctx, session)
				seen = now
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

func attachment(name string) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
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
