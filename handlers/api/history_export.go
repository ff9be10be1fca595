package api

import (
	"archive/zip"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/transcript"
	"duplex/handlers/auditlog"
	"duplex/handlers/reply"
)

// maxExported bounds the sessions of one file, so that their ids fit into an address.
const maxExported = 100

// Export streams several sessions as one ZIP file, with a file for each.
func (h *History) Export(w http.ResponseWriter, r *http.Request) error {
	q := reply.ReadQuery(r)
	format, ok := transcript.FormatOf(cmp.Or(q.Values.Get("format"), transcript.DefaultFormat))
	if !ok {
		q.Wrong("format")
	}
	ids := q.Values["session"]
	switch {
	case q.Err != nil:
		return q.Err
	case len(ids) == 0:
		return reply.Bad(reply.CodeMissingField, "session")
	case len(ids) > maxExported:
		return reply.OutOfRange("session", 1, maxExported)
	}
	infos, err := h.exportedSessions(r.Context(), ids)
	if err != nil {
		return err
	}
	stop := reply.WhileSeen(r, func(ctx context.Context) error {
		_, err := h.exportedSessions(ctx, ids)
		return err
	})
	defer stop()
	header := w.Header()
	header.Set("Content-Type", "application/zip")
	header.Set("Content-Disposition", reply.Attachment(fmt.Sprintf("duplex-%d-sessions.%s.zip", len(infos), format.Name)))
	archive := zip.NewWriter(w)
	for i := range infos {
		if err := h.exportOne(r.Context(), archive, &infos[i], format, i == 0); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		h.Sessions.breakOff(r.Context(), exportEntry(&infos[len(infos)-1], format), err)
	}
	return nil
}

// exportedSessions loads the sessions, each once, in the order in which they were opened.
func (h *History) exportedSessions(ctx context.Context, ids []string) ([]bridge.Info, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	infos := make([]bridge.Info, len(ids))
	for i, id := range ids {
		info, err := h.Load.Session(ctx, id)
		if err != nil {
			return nil, err
		}
		infos[i] = info
	}
	slices.SortStableFunc(infos, func(a, b bridge.Info) int { return a.OpenedAt.Compare(b.OpenedAt) })
	return infos, nil
}

func exportEntry(info *bridge.Info, format transcript.Format) audit.Entry {
	return audit.Entry{Action: audit.Export, Object: auditlog.SessionObject(info), Detail: format.Name}
}

// exportOne adds the file of one session. Only the first can still be refused with an error:
// after that the answer has begun.
func (h *History) exportOne(ctx context.Context, archive *zip.Writer, info *bridge.Info, format transcript.Format, first bool) error {
	entry := exportEntry(info, format)
	err := h.Sessions.Audit.Record(ctx, entry)
	var head transcript.Head
	if err == nil {
		head, err = h.Sessions.exportedHead(ctx, info, format.Name != transcript.DefaultFormat)
	}
	if err != nil && first {
		return err
	}
	if err == nil {
		modified := info.OpenedAt.Truncate(time.Second)
		file, failed := archive.CreateHeader(&zip.FileHeader{Name: exportName(info, format), Method: zip.Deflate, Modified: modified})
		if err = failed; err == nil {
			err = format.Write(file, head, limitMessages(info.LastSeq, h.Sessions.Store.Messages(ctx, info.ID)))
		}
	}
	if err != nil {
		h.Sessions.breakOff(ctx, entry, err)
	}
	return nil
}
