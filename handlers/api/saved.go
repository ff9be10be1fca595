package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"duplex/handlers/load"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

// SavedStore keeps messages with services.
type SavedStore interface {
	// SavedMessages returns the messages of a service, folder by folder, in order.
	SavedMessages(ctx context.Context, service string) ([]bridge.SavedMessage, error)
	// SavedBody opens the bytes of a message for reading anywhere in them;
	// StoreErrors.NotFound.
	SavedBody(ctx context.Context, service, id string) (io.ReadSeekCloser, bridge.SavedMessage, error)
	// SaveMessage keeps a new message when it has no ID, or else replaces it.
	// StoreErrors.NotFound, StoreErrors.Full.
	SaveMessage(ctx context.Context, m *bridge.SavedMessage, body []byte) error
	// ChangeSaved renames or moves a message and returns it; StoreErrors.NotFound.
	ChangeSaved(ctx context.Context, service, id string, change bridge.SavedChange) (bridge.SavedMessage, error)
	// DeleteSaved deletes a message; StoreErrors.NotFound.
	DeleteSaved(ctx context.Context, service, id string) error
}

// Saved answers the calls about saved messages.
type Saved struct {
	Store  SavedStore
	Load   *load.Loader
	Errors *reply.Mapper
}

// Change renames or moves a saved message.
func (h *Saved) Change(w http.ResponseWriter, r *http.Request) error {
	change, err := readSavedChange(w, r)
	if err != nil {
		return err
	}
	s, err := h.Load.Service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	m, err := h.Store.ChangeSaved(r.Context(), s.ID, reply.Param(r, "message"), change)
	if err != nil {
		return h.Errors.MapNotFound(err, reply.CodeSavedNotFound)
	}
	return reply.JSON(w, http.StatusOK, shape.SavedOf(&m))
}

// Delete deletes a saved message.
func (h *Saved) Delete(w http.ResponseWriter, r *http.Request) error {
	s, err := h.Load.Service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	if err := h.Store.DeleteSaved(r.Context(), s.ID, reply.Param(r, "message")); err != nil {
		return h.Errors.MapNotFound(err, reply.CodeSavedNotFound)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// List answers with the saved messages of a service, without payloads.
func (h *Saved) List(w http.ResponseWriter, r *http.Request) error {
	s, err := h.Load.Service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	messages, err := h.Store.SavedMessages(r.Context(), s.ID)
	if err != nil {
		return err
	}
	list := make([]shape.Saved, len(messages))
	for i := range messages {
		list[i] = shape.SavedOf(&messages[i])
	}
	return reply.JSON(w, http.StatusOK, map[string]any{"messages": list})
}

// Read answers with a saved message, without its payload.
func (h *Saved) Read(w http.ResponseWriter, r *http.Request) error {
	body, m, err := h.loadSaved(r)
	if err != nil {
		return err
	}
	_ = body.Close() // the payload is not read
	return reply.JSON(w, http.StatusOK, shape.SavedOf(&m))
}

// ReadBody answers with the bytes of a saved message, or a range of them.
func (h *Saved) ReadBody(w http.ResponseWriter, r *http.Request) error {
	body, m, err := h.loadSaved(r)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	stop := reply.WhileSeen(r, func(ctx context.Context) error { return errorOf(h.Load.Service(ctx, m.ServiceID)) })
	defer stop()
	name := fmt.Sprintf("duplex-%s.%s", m.ID, extensionOf(transcript.Row{Opcode: m.Type.Opcode()}))
	w.Header().Set("Content-Type", "application/octet-stream") // a browser must not interpret the bytes
	w.Header().Set("Content-Disposition", reply.Attachment(name))
	w.Header().Set("ETag", fmt.Sprintf(`"%s-%d"`, m.ID, m.Version))
	http.ServeContent(w, r, "", time.Time{}, body)
	return nil
}

// loadSaved loads the saved message of a request and opens its payload. The caller closes
// it.
func (h *Saved) loadSaved(r *http.Request) (io.ReadSeekCloser, bridge.SavedMessage, error) {
	s, err := h.Load.Service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return nil, bridge.SavedMessage{}, err
	}
	body, m, err := h.Store.SavedBody(r.Context(), s.ID, reply.Param(r, "message"))
	return body, m, h.Errors.MapNotFound(err, reply.CodeSavedNotFound)
}

// Create saves the body of the request as a new message of a service.
func (h *Saved) Create(w http.ResponseWriter, r *http.Request) error {
	s, err := h.Load.Service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	return h.saveMessage(w, r, &s, "", http.StatusCreated)
}

// Replace replaces a saved message, all or nothing.
func (h *Saved) Replace(w http.ResponseWriter, r *http.Request) error {
	s, err := h.Load.Service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	return h.saveMessage(w, r, &s, reply.Param(r, "message"), http.StatusOK)
}

// saveMessage stores the body of the request as a new message, or in place of the message with
// the id.
func (h *Saved) saveMessage(w http.ResponseWriter, r *http.Request, s *bridge.Service, id string, status int) error {
	if err := h.Errors.RequireStorage(); err != nil {
		return err
	}
	m, body, err := readSaved(w, r, s)
	if err != nil {
		return err
	}
	if _, err := h.Load.Service(r.Context(), s.ID); err != nil { // the body may have taken long to come
		return err
	}
	m.ID = id
	if err := h.Store.SaveMessage(r.Context(), &m, body); err != nil {
		return h.Errors.MapNotFound(err, reply.CodeSavedNotFound)
	}
	return reply.JSON(w, status, shape.SavedOf(&m))
}
