package handlers

import (
	"math"
	"net/http"

	"duplex/bridge/transcript"
)

const (
	maxRows   = 1000
	maxSearch = 1000 // bytes
)

func (h *Handler) messageList(w http.ResponseWriter, r *http.Request) error {
	q, err := rowQuery(r)
	if err != nil {
		return err
	}
	info, err := h.session(r.Context(), param(r, "session"))
	if err != nil {
		return err
	}
	rows, err := h.Store.Rows(r.Context(), info.ID, q)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, map[string]any{
		"messages": wireRows(rows), "next_after": nextAfter(q, rows, info.LastSeq),
	})
}

func rowQuery(r *http.Request) (transcript.Query, error) {
	q := queryOf(r)
	out := transcript.Query{
		After:  q.number("after", 0, math.MaxInt64),
		Before: q.number("before", 0, math.MaxInt64),
		Limit:  int(q.number("limit", transcript.DefaultLimit, maxRows)),
		Direction: transcript.Direction(q.choice("direction",
			string(transcript.Sent), string(transcript.Received), string(transcript.Event))),
		Latest: q.flag("latest"), Text: q.values.Get("q"), Regex: q.flag("regex"), FoldCase: q.flag("fold"),
	}
	if out.Limit == 0 {
		q.wrong("limit")
	}
	if len(out.Text) > maxSearch {
		q.wrong("q")
	}
	return out, q.err
}

// nextAfter is where to go on: behind the last row when there may be more in the
// range, else behind all that was looked at. Last is the newest seq before the
// store was asked.
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
