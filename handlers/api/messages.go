package api

import (
	"context"
	"math"
	"net/http"
	"regexp"
	"time"

	"duplex/handlers/auditlog"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
	"duplex/handlers/load"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

// Messages answers the calls about the messages of a session.
type Messages struct {
	Hub    *bridge.Hub
	Store  MessageStore
	Load   *load.Loader
	Audit  *auditlog.Log
	Logs   *LogSearch
	Errors *reply.Mapper
}

// rowsJSON is a list of rows and the places to continue.
type rowsJSON struct {
	Messages   []wire.Row  `json:"messages"`
	NextAfter  int64       `json:"next_after"`
	NextBefore int64       `json:"next_before,omitempty"` // of latest rows that were searched for
	AtSeq      int64       `json:"at_seq,omitempty"`      // the row at the requested place
	SlowSeq    int64       `json:"slow_seq,omitempty"`    // a message that takes longer to search than the request allowed
	Turns      []foundTurn `json:"turns,omitempty"`       // whose joined text matches, in the first answer of a search
	SkippedSeq int64       `json:"skipped_seq,omitempty"` // a message that was left out because its search takes too long
}

// List answers with rows of a session's log: a page, the rows around a place, or the
// matches of a search.
func (h *Messages) List(w http.ResponseWriter, r *http.Request) error {
	in, err := rowInput(r)
	if err != nil {
		return err
	}
	info, err := h.Load.Session(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	if err := h.Audit.RecordReading(r.Context(), &info); err != nil {
		return err
	}
	stop := reply.WhileSeen(r, func(ctx context.Context) error { return errorOf(h.Load.Session(ctx, info.ID)) }) // a search may take long
	defer stop()
	out, err := h.loadRows(r.Context(), &info, in)
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusOK, out)
}

func (h *Messages) loadRows(ctx context.Context, info *bridge.Info, in rowRequest) (rowsJSON, error) {
	seq, err := h.resolvePlace(ctx, info, &in)
	if err != nil {
		return rowsJSON{}, err
	}
	noter := h.Load.RowNoter(ctx, info)
	in.query.Heads = noter != nil
	if !isFilteredQuery(in.query) && len(in.labels) == 0 {
		rows, err := h.Store.Rows(ctx, info.ID, in.query)
		return rowsJSON{Messages: shape.Rows(rows, noter), NextAfter: nextAfter(in.query, rows, info.LastSeq), AtSeq: seq}, err
	}
	var turns []foundTurn
	if q := in.query; q.Text != "" && q.After == 0 && q.Before == 0 && (q.Direction == "" || q.Direction == transcript.Received) {
		if turns, err = h.Logs.findTurns(ctx, info, q); err != nil {
			return rowsJSON{}, err
		}
	}
	b := h.Logs.newBudget(in.time)
	found, err := h.Logs.search(ctx, info.ID, in.query, info.LastSeq, b, labelled(noter, in.labels))
	if err != nil {
		return rowsJSON{}, err
	}
	out := rowsJSON{NextAfter: max(found.after, in.query.After), AtSeq: seq, SlowSeq: found.slow, SkippedSeq: found.skipped, Turns: turns}
	if in.query.Latest {
		out.NextAfter, out.NextBefore = nextAfter(in.query, found.rows, info.LastSeq), found.before
	}
	out.Messages, err = h.Logs.foundRows(ctx, info.ID, in.query, found.rows, noter, b)
	return out, err
}

// resolvePlace turns a place in the log, a seq or a time, into the range around it.
func (h *Messages) resolvePlace(ctx context.Context, info *bridge.Info, in *rowRequest) (seq int64, err error) {
	seq = min(in.around, info.LastSeq)
	if !in.at.IsZero() {
		if seq, err = h.Store.SeqAt(ctx, info.ID, in.at); err != nil {
			return 0, h.Errors.MapNotFound(err, reply.CodeSessionNotFound)
		}
	}
	if seq > 0 {
		in.query.After = max(0, seq-1-int64(in.query.Limit/2))
	}
	return seq, nil
}

// rowRequest selects rows, by a query and a place in the log.
type rowRequest struct {
	query  transcript.Query
	around int64     // the rows around this seq; 0 is not asked for
	at     time.Time // the rows around this time; zero is not asked for
	time   time.Duration
	labels []string // only rows with one of them; none is all
}

// eventName matches the names of events, also of newer versions.
var eventName = regexp.MustCompile(`^[a-z_]{0,64}$`)

func rowInput(r *http.Request) (rowRequest, error) {
	q := reply.ReadQuery(r)
	in := rowRequest{
		query: transcript.Query{
			After:  q.Number("after", 0, math.MaxInt64),
			Before: q.Number("before", 0, math.MaxInt64),
			Limit:  int(q.Number("limit", transcript.DefaultLimit, bridge.MaxRows)),
			Direction: transcript.Direction(q.Choice("direction",
				string(transcript.Sent), string(transcript.Received), string(transcript.Event))),
			Opcode: transcript.Opcode(q.Choice("opcode", string(transcript.Text), string(transcript.Binary))),
			Event:  q.Values.Get("event"),
			Latest: q.Flag("latest"),
		},
		around: q.Number("around", 0, math.MaxInt64),
		at:     q.Micros("at_us"),
		time:   readSearchTime(q),
		labels: readLabels(q),
	}
	readSearch(q, &in.query)
	if in.query.Limit == 0 {
		q.Wrong("limit")
	}
	if !eventName.MatchString(in.query.Event) {
		q.Wrong("event")
	}
	if isPlace := in.around > 0 || !in.at.IsZero(); isPlace && (in.query.After > 0 || in.query.Before > 0 || in.query.Latest) {
		q.Wrong("around")
	}
	return in, q.Err
}

// isFilteredQuery reports whether a query selects some rows of its range only.
func isFilteredQuery(q transcript.Query) bool {
	return q.Text != "" || q.Direction != "" || q.Opcode != "" || q.Event != ""
}

// nextAfter returns the seq to continue after: the last row when the range may hold more,
// else the end of the searched range. Last is the newest seq before the store was asked.
func nextAfter(q transcript.Query, rows []transcript.Row, last int64) int64 {
	var next int64
	if len(rows) > 0 {
		next = rows[len(rows)-1].Seq
	}
	if !q.Latest && len(rows) == q.Limit {
		return next
	}
	if q.Before > 0 {
		last = min(last, q.Before-1)
	}
	return max(next, last, q.After)
}
