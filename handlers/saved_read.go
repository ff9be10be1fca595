package handlers

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/handlers/reply"
)

func (h *Handler) savedRead(w http.ResponseWriter, r *http.Request) error {
	body, m, err := h.saved(r)
	if err != nil {
		return err
	}
	_ = body.Close() // nothing of it was read
	return reply.JSON(w, http.StatusOK, savedJSONOf(&m))
}

// savedBody answers with the bytes of a saved message, or a range of them.
func (h *Handler) savedBody(w http.ResponseWriter, r *http.Request) error {
	body, m, err := h.saved(r)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	stop := reply.WhileSeen(r, func(ctx context.Context) error { return errorOf(h.service(ctx, m.ServiceID)) })
	defer stop()
	name := fmt.Sprintf("duplex-%s.%s", m.ID, ending(transcript.Row{Opcode: m.Type.Opcode()}))
	w.Header().Set("Content-Type", "application/octet-stream") // nothing a browser should interpret
	w.Header().Set("Content-Disposition", reply.Attachment(name))
	w.Header().Set("ETag", fmt.Sprintf(`"%s-%d"`, m.ID, m.Version))
	http.ServeContent(w, r, "", time.Time{}, body)
	return nil
}

// saved finds the saved message of a request; its bytes wait to be read.
func (h *Handler) saved(r *http.Request) (io.ReadSeekCloser, bridge.SavedMessage, error) {
	s, err := h.service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return nil, bridge.SavedMessage{}, err
	}
	body, m, err := h.Store.SavedBody(r.Context(), s.ID, reply.Param(r, "message"))
	return body, m, h.errors.MapNotFound(err, "saved_not_found")
}
