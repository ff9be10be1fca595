package api

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/handlers/auditlog"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

// DialectStore keeps the dialects of the team.
type DialectStore interface {
	// Dialect returns a dialect, built-in or of the team; StoreErrors.NotFound.
	Dialect(ctx context.Context, name string) (*dialect.Dialect, error)
	// SavedDialect returns a dialect of the team; StoreErrors.NotFound.
	SavedDialect(ctx context.Context, name string) (bridge.SavedDialect, error)
	// SavedDialects returns the listed dialects of the team by name.
	SavedDialects(ctx context.Context) ([]bridge.SavedDialect, error)
	// CreateDialect keeps a new dialect; StoreErrors.DialectTaken, StoreErrors.TooManyDialects.
	CreateDialect(ctx context.Context, d *bridge.SavedDialect) error
	// ReplaceDialect replaces a dialect of the team; StoreErrors.NotFound.
	ReplaceDialect(ctx context.Context, d *bridge.SavedDialect) error
	// DeleteDialect deletes a dialect of the team; StoreErrors.NotFound.
	DeleteDialect(ctx context.Context, name string) error
}

// Dialects answers the calls about dialects.
type Dialects struct {
	Store  DialectStore
	Audit  *auditlog.Log
	Reply  *reply.Responder
	Errors *reply.Mapper
}

// List answers with the built-in dialects and those of the team, by name. The parameter
// address marks the dialects that recognise it.
func (h *Dialects) List(w http.ResponseWriter, r *http.Request) error {
	all := slices.Clone(dialect.Builtins())
	saved, err := h.Store.SavedDialects(r.Context())
	if err != nil {
		return err
	}
	for i := range saved {
		d, err := h.Store.Dialect(r.Context(), saved[i].Name)
		switch {
		case errors.Is(err, h.Errors.StoreErrors.NotFound): // deleted since
		case err != nil: // an earlier version accepted it
			all = append(all, &dialect.Dialect{Name: saved[i].Name})
		default:
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b *dialect.Dialect) int { return strings.Compare(a.Name, b.Name) })
	address, _ := dial.ParseAddress(r.URL.Query().Get("address")) // nothing is suggested for one that cannot be read
	words, list := h.Reply.Catalogue(w, r), make([]shape.DialectSummary, len(all))
	for i, d := range all {
		list[i] = shape.DialectSummaryOf(words, d)
		list[i].Suggested = address != nil && d.Recognise.Suits(address)
	}
	return reply.JSON(w, http.StatusOK, map[string]any{"dialects": list})
}

// Read answers with a dialect.
func (h *Dialects) Read(w http.ResponseWriter, r *http.Request) error {
	name := reply.Param(r, "dialect")
	if d, builtin := dialect.Builtin(name); builtin {
		return reply.JSON(w, http.StatusOK, shape.DialectOf(h.Reply.Catalogue(w, r), d, nil))
	}
	return h.answerSaved(w, r, name, http.StatusOK)
}

// answerSaved answers with a dialect of the team.
func (h *Dialects) answerSaved(w http.ResponseWriter, r *http.Request, name string, status int) error {
	saved, err := h.Store.SavedDialect(r.Context(), name)
	if err != nil {
		return h.Errors.MapNotFound(err, reply.CodeDialectNotFound)
	}
	d, err := h.Store.Dialect(r.Context(), name)
	if err != nil {
		return h.Errors.MapNotFound(err, reply.CodeDialectNotFound)
	}
	return reply.JSON(w, status, shape.DialectOf(h.Reply.Catalogue(w, r), d, &saved))
}

// Schema answers with the JSON Schema of dialects.
func (h *Dialects) Schema(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/schema+json")
	_, err := w.Write(dialect.Schema())
	return err
}

// Create keeps a new dialect of the team under the name that is written in it.
func (h *Dialects) Create(w http.ResponseWriter, r *http.Request) error {
	d, err := readDialect(w, r)
	if err != nil {
		return err
	}
	if _, builtin := dialect.Builtin(d.Name); builtin {
		return reply.Bad(reply.CodeDialectTaken, "name")
	}
	return h.save(w, r, d, audit.DialectCreate, h.Store.CreateDialect, http.StatusCreated)
}

// Replace replaces a dialect of the team. Its name stays.
func (h *Dialects) Replace(w http.ResponseWriter, r *http.Request) error {
	name, err := h.requireSaved(r)
	if err != nil {
		return err
	}
	d, err := readDialect(w, r)
	if err != nil {
		return err
	}
	if d.Name != name {
		return reply.Bad(reply.CodeBadValue, "name")
	}
	return h.save(w, r, d, audit.DialectUpdate, h.Store.ReplaceDialect, http.StatusOK)
}

// Delete deletes a dialect of the team.
func (h *Dialects) Delete(w http.ResponseWriter, r *http.Request) error {
	name, err := h.requireSaved(r)
	if err != nil {
		return err
	}
	entry := audit.Entry{Action: audit.DialectDelete, Detail: name}
	if err := h.Audit.Record(r.Context(), entry); err != nil {
		return err
	}
	if err := h.Store.DeleteDialect(r.Context(), name); err != nil {
		h.Audit.NoteFailed(r.Context(), entry, err)
		return h.Errors.MapNotFound(err, reply.CodeDialectNotFound)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// save keeps a dialect by one of the two calls of the store.
func (h *Dialects) save(w http.ResponseWriter, r *http.Request, d *dialect.Dialect, action audit.Action,
	put func(context.Context, *bridge.SavedDialect) error, status int,
) error {
	entry := audit.Entry{Action: action, Detail: d.Name}
	if err := h.Audit.Record(r.Context(), entry); err != nil {
		return err
	}
	saved := bridge.SavedDialect{Name: d.Name, Source: d.Bytes(), Sum: d.Sum(), Listed: true, Owner: identity.Of(r.Context()).ID}
	if err := put(r.Context(), &saved); err != nil {
		h.Audit.NoteFailed(r.Context(), entry, err)
		return h.Errors.MapNotFound(err, reply.CodeDialectNotFound)
	}
	return h.answerSaved(w, r, d.Name, status)
}

// requireSaved returns the name of the request if it is that of a listed dialect of the team.
func (h *Dialects) requireSaved(r *http.Request) (string, error) {
	name := reply.Param(r, "dialect")
	if _, builtin := dialect.Builtin(name); builtin {
		return "", reply.Bad(reply.CodeDialectBuiltin, "")
	}
	saved, err := h.Store.SavedDialect(r.Context(), name)
	if err == nil && !saved.Listed {
		return "", reply.Bad(reply.CodeDialectNotFound, "")
	}
	return name, h.Errors.MapNotFound(err, reply.CodeDialectNotFound)
}

// readDialect reads the body of a request: YAML or JSON.
func readDialect(w http.ResponseWriter, r *http.Request) (*dialect.Dialect, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains([]string{"application/yaml", "application/x-yaml", "text/yaml", "application/json"}, kind) {
		return nil, reply.Bad(reply.CodeUnsupportedMediaType, "")
	}
	source, err := reply.ReadPayload(w, r, dialect.MaxSource, reply.CodeRequestTooLarge)
	if err != nil {
		return nil, err
	}
	return dialect.Parse(source)
}
