package api

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"slices"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
	"duplex/handlers/reply"
)

const (
	maxLabels     = 100 // of one filter
	maxLabelBytes = 400 // a label has at most 80 characters
	maxCounted    = 500 // labels in one answer
)

// labelCount is a label of messages and how many have it.
type labelCount struct {
	Label string `json:"label"`
	Count int64  `json:"count"`
}

// labelsJSON counts the labels of a part of a log.
type labelsJSON struct {
	Labels    []labelCount `json:"labels"`     // the most frequent first
	NextAfter int64        `json:"next_after"` // the messages up to it are counted
	More      bool         `json:"more,omitempty"`
}

// Labels counts the labels that the dialect gives to the messages of a session, until the time
// of the request is over.
func (h *Messages) Labels(w http.ResponseWriter, r *http.Request) error {
	q := reply.ReadQuery(r)
	after, allowed := q.Number("after", 0, math.MaxInt64), readSearchTime(q)
	if q.Err != nil {
		return q.Err
	}
	info, err := h.Load.Session(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	if err := h.Audit.RecordReading(r.Context(), &info); err != nil {
		return err
	}
	stop := reply.WhileSeen(r, func(ctx context.Context) error { return errorOf(h.Load.Session(ctx, info.ID)) })
	defer stop()
	out, err := h.countLabels(r.Context(), &info, after, h.Logs.newBudget(allowed))
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusOK, out)
}

func (h *Messages) countLabels(ctx context.Context, info *bridge.Info, after int64, b budget) (labelsJSON, error) {
	noter := h.Load.RowNoter(ctx, info)
	out := labelsJSON{Labels: []labelCount{}, NextAfter: max(after, info.LastSeq)}
	if noter == nil {
		return out, nil
	}
	counts := map[string]int64{}
	for out.NextAfter = after; out.NextAfter < info.LastSeq; {
		rows, err := h.Store.Rows(ctx, info.ID, transcript.Query{After: out.NextAfter, Before: info.LastSeq + 1, Limit: bridge.MaxRows, Heads: true})
		if err != nil {
			return out, err
		}
		if len(rows) == 0 {
			out.NextAfter = info.LastSeq
			break
		}
		for i := range rows {
			if rows[i].Direction != transcript.Event {
				counts[labelOf(noter, &rows[i])]++
			}
		}
		if out.NextAfter = rows[len(rows)-1].Seq; b.over(false) {
			break
		}
	}
	for label, n := range counts {
		out.Labels = append(out.Labels, labelCount{label, n})
	}
	slices.SortFunc(out.Labels, func(a, b labelCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Label, b.Label))
	})
	if out.More = len(out.Labels) > maxCounted; out.More {
		out.Labels = out.Labels[:maxCounted]
	}
	return out, nil
}

func labelOf(noter *dialect.Noter, row *transcript.Row) string {
	m := row.Message(row.Head)
	return noter.Label(&m)
}

// keepRow selects rows; nil keeps all.
type keepRow func(*transcript.Row) bool

func (keep keepRow) of(rows []transcript.Row) []transcript.Row {
	if keep == nil {
		return rows
	}
	return slices.DeleteFunc(rows, func(row transcript.Row) bool { return !keep(&row) })
}

// labelled keeps the messages with one of the labels; nil for no label. Without a dialect no
// message has one.
func labelled(noter *dialect.Noter, labels []string) keepRow {
	if len(labels) == 0 {
		return nil
	}
	return func(row *transcript.Row) bool {
		return row.Direction != transcript.Event && slices.Contains(labels, labelOf(noter, row))
	}
}

// readLabels reads the labels to filter by; "" stands for messages without one.
func readLabels(q *reply.Query) []string {
	labels := q.Values["label"]
	if len(labels) > maxLabels || slices.ContainsFunc(labels, func(l string) bool { return len(l) > maxLabelBytes }) {
		q.Wrong("label")
	}
	return labels
}
