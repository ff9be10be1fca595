package api

import (
	"context"
	"math"
	"net/http"
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

// maxTurnsAsked bounds the turns of a page that is asked for.
const maxTurnsAsked = 1000

// List answers with turns of a session, all or a page of them.
func (h *Turns) List(w http.ResponseWriter, r *http.Request) error {
	q := reply.ReadQuery(r)
	before, limit := int(q.Number("before", 0, math.MaxInt32)), int(q.Number("limit", 0, maxTurnsAsked))
	if q.Err != nil {
		return q.Err
	}
	_, turns, last, err := h.load(r, before, limit)
	if err != nil {
		return err
	}
	if turns == nil {
		turns = []dialect.Turn{}
	}
	return reply.JSON(w, http.StatusOK, map[string]any{"turns": turns, "last": last})
}

// Read answers with one turn.
func (h *Turns) Read(w http.ResponseWriter, r *http.Request) error {
	_, turns, err := h.loadNumbered(r, 1)
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusOK, &turns[len(turns)-1])
}

// Pieces answers with the messages that brought the parts of a turn's text.
func (h *Turns) Pieces(w http.ResponseWriter, r *http.Request) error {
	q := reply.ReadQuery(r)
	stream := dialect.Stream(q.Choice("stream", string(dialect.StreamAnswer), string(dialect.StreamUser)))
	if q.Err != nil {
		return q.Err
	}
	info, turns, err := h.loadNumbered(r, 2) // and the one before it
	if err != nil {
		return err
	}
	d, err := h.Load.Dialect(r.Context(), readingOf(r, &info))
	if err != nil {
		return err
	}
	turn, before := &turns[len(turns)-1], (*dialect.Turn)(nil)
	if len(turns) > 1 {
		before = &turns[0]
	}
	stop := reply.WhileSeen(r, func(ctx context.Context) error { return errorOf(h.Load.Session(ctx, info.ID)) })
	defer stop()
	messages := h.Load.Store.MessagesAfter(r.Context(), info.ID, dialect.TraceAfter(turn, before))
	pieces, err := dialect.TracePieces(messages, d, info.Vars, turn, stream)
	if err != nil {
		return err
	}
	if pieces == nil {
		pieces = []dialect.Piece{}
	}
	return reply.JSON(w, http.StatusOK, map[string]any{"pieces": pieces})
}

// loadNumbered loads the turn of the request's number as the last of at most limit turns;
// turn_not_found.
func (h *Turns) loadNumbered(r *http.Request, limit int) (bridge.Info, []dialect.Turn, error) {
	n, err := strconv.Atoi(reply.Param(r, "turn"))
	if err != nil || n < 1 || n >= math.MaxInt32 {
		n = 0
	}
	info, turns, _, err := h.load(r, n+1, limit)
	if err == nil && (len(turns) == 0 || turns[len(turns)-1].N != n) {
		err = reply.Bad(reply.CodeTurnNotFound, "")
	}
	return info, turns, err
}

// load loads the session of a request and a page of its turns, as the dialect of the request
// reads them, else that of the session.
func (h *Turns) load(r *http.Request, before, limit int) (info bridge.Info, turns []dialect.Turn, last int, err error) {
	if info, err = h.Load.Session(r.Context(), reply.Param(r, "session")); err != nil {
		return info, nil, 0, err
	}
	if err := h.Audit.RecordReading(r.Context(), &info); err != nil {
		return info, nil, 0, err
	}
	stop := reply.WhileSeen(r, func(ctx context.Context) error { return errorOf(h.Load.Session(ctx, info.ID)) }) // a long log takes time
	defer stop()
	turns, last, err = h.Load.TurnPage(r.Context(), &info, readingOf(r, &info), before, limit)
	return info, turns, last, err
}

// readingOf returns the name of the dialect that a request reads a session by.
func readingOf(r *http.Request, info *bridge.Info) string {
	if q := r.URL.Query(); q.Has("dialect") {
		return q.Get("dialect")
	}
	return info.Dialect
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
