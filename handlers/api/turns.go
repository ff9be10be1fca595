package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/dialect"
	"duplex/handlers/auditlog"
	"duplex/handlers/load"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

// ReadingStore keeps the dialect that a session is read by.
type ReadingStore interface {
	// SetDialect keeps the name of the dialect of a session; StoreErrors.NotFound.
	SetDialect(ctx context.Context, session, name string) error
}

// Turns answers the calls about the turns of a session.
type Turns struct {
	Hub     *bridge.Hub
	Store   ReadingStore
	Load    *load.Loader
	Audit   *auditlog.Log
	Readers *shape.Readers
	Errors  *reply.Mapper
}

// List answers with the turns of a session.
func (h *Turns) List(w http.ResponseWriter, r *http.Request) error {
	_, turns, err := h.load(r)
	if err != nil {
		return err
	}
	if turns == nil {
		turns = []dialect.Turn{}
	}
	return reply.JSON(w, http.StatusOK, map[string]any{"turns": turns})
}

// Read answers with one turn.
func (h *Turns) Read(w http.ResponseWriter, r *http.Request) error {
	_, turns, err := h.load(r)
	if err != nil {
		return err
	}
	turn, err := numbered(r, turns)
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusOK, turn)
}

// load loads the session of a request and its turns, as the dialect of the request reads them,
// else that of the session.
func (h *Turns) load(r *http.Request) (bridge.Info, []dialect.Turn, error) {
	info, err := h.Load.Session(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return info, nil, err
	}
	if err := h.Audit.RecordReading(r.Context(), &info); err != nil {
		return info, nil, err
	}
	stop := reply.WhileSeen(r, func(ctx context.Context) error { return errorOf(h.Load.Session(ctx, info.ID)) }) // a long log takes time
	defer stop()
	turns, err := h.Load.Turns(r.Context(), &info, readingOf(r, &info))
	return info, turns, err
}

// readingOf returns the name of the dialect that a request reads a session by.
func readingOf(r *http.Request, info *bridge.Info) string {
	if q := r.URL.Query(); q.Has("dialect") {
		return q.Get("dialect")
	}
	return info.Dialect
}

// numbered returns the turn of the request's number; turn_not_found.
func numbered(r *http.Request, turns []dialect.Turn) (*dialect.Turn, error) {
	n, err := strconv.Atoi(reply.Param(r, "turn"))
	at := slices.IndexFunc(turns, func(t dialect.Turn) bool { return t.N == n })
	if err != nil || at < 0 {
		return nil, reply.Bad(reply.CodeTurnNotFound, "")
	}
	return &turns[at], nil
}

// ChooseDialect sets the dialect that a session is read by from now on, and reads its turns, so
// that searches find them. A session that runs goes on speaking the dialect that it was opened
// with.
func (h *Turns) ChooseDialect(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Dialect *string `json:"dialect"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	if in.Dialect == nil {
		return reply.Bad(reply.CodeMissingField, "dialect")
	}
	info, err := h.Load.SessionToManage(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	if _, err := h.Load.Dialect(r.Context(), *in.Dialect); err != nil {
		return err
	}
	entry := audit.Entry{Action: audit.SessionDialect, Object: auditlog.SessionObject(&info), Detail: *in.Dialect}
	if err := h.Audit.Record(r.Context(), entry); err != nil {
		return err
	}
	if err := h.Store.SetDialect(r.Context(), info.ID, *in.Dialect); err != nil {
		h.Audit.NoteFailed(r.Context(), entry, err)
		return h.Errors.MapNotFound(err, reply.CodeSessionNotFound) // a relay that is not recorded, or a deleted session
	}
	if now, live := h.Hub.ReadBy(info.ID, *in.Dialect); live {
		info = now
	}
	info.Dialect = *in.Dialect
	if info.State == bridge.Closed && info.Dialect != "" {
		if _, err := h.Load.Turns(r.Context(), &info, info.Dialect); err != nil {
			return err
		}
	}
	to := h.Readers.Of(w, r)
	return reply.JSON(w, http.StatusOK, to.State(&info))
}
