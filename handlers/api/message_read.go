package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"duplex/handlers/reply"
)

// Read answers with the exact bytes of a message, or a range of them. They
// never change, so browsers may keep them, but have to ask before they show them: the
// next person at the same browser may not see them.
func (h *Messages) Read(w http.ResponseWriter, r *http.Request) error {
	session := reply.Param(r, "session")
	seq, err := strconv.ParseInt(reply.Param(r, "seq"), 10, 64)
	if err != nil {
		return reply.Bad(reply.CodeBadValue, "seq")
	}
	info, err := h.Load.Session(r.Context(), session)
	if err != nil {
		return err
	}
	if err := h.Audit.RecordReading(r.Context(), &info); err != nil {
		return err
	}
	body, row, err := h.Store.Body(r.Context(), session, seq)
	if err != nil {
		return h.Errors.MapNotFound(err, reply.CodeMessageNotFound)
	}
	defer func() { _ = body.Close() }()
	stop := reply.WhileSeen(r, func(ctx context.Context) error { return errorOf(h.Load.Session(ctx, session)) })
	defer stop()
	header := w.Header()
	header.Set("Content-Type", "application/octet-stream") // a browser must not interpret the bytes of a target
	header.Set("Content-Disposition", reply.Attachment(fmt.Sprintf("duplex-%s-%d.%s", session, seq, extensionOf(row))))
	header.Set("Cache-Control", "private, no-cache")
	header.Set("ETag", fmt.Sprintf(`"%s-%d"`, session, seq))
	http.ServeContent(w, r, "", time.Time{}, body)
	return nil
}
