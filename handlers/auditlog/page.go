package auditlog

import (
	"context"
	"math"

	"duplex/bridge/audit"
	"duplex/handlers/reply"
)

// The number of entries in one answer.
const (
	DefaultEntries = 100
	MaxEntries     = 1000
)

// ReadFilter reads the filter of entries; the page and the API have the same parameters.
func ReadFilter(q *reply.Query) audit.Filter {
	f := audit.Filter{
		Before: q.Number("before", 0, math.MaxInt64), From: q.Time("from"), To: q.Time("to"),
		Action:  audit.Action(q.Choice("action", Words(audit.Actions())...)),
		Outcome: audit.Outcome(q.Choice("outcome", Words(audit.Outcomes())...)),
		Who:     q.Values.Get("who"), Text: q.Values.Get("q"),
	}
	if len(f.Who) > reply.MaxSearch {
		q.Wrong("who")
	}
	if len(f.Text) > reply.MaxSearch {
		q.Wrong("q")
	}
	return f
}

// Words converts a list of named strings to strings.
func Words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, word := range list {
		out[i] = string(word)
	}
	return out
}

// Page returns at most limit entries, newest first, and the seq to continue before; 0
// when there are no more.
func (l *Log) Page(ctx context.Context, f audit.Filter, limit int) ([]audit.Entry, int64, error) {
	f.Newest, f.Limit = true, limit+1
	entries := []audit.Entry{}
	for e, err := range l.Entries.AuditEntries(ctx, f) {
		if err != nil {
			return nil, 0, err
		}
		entries = append(entries, e)
	}
	if len(entries) <= limit {
		return entries, 0, nil
	}
	return entries[:limit], entries[limit-1].Seq, nil
}

// RecordRead records that the person has read the audit log, at most once an hour.
func (l *Log) RecordRead(ctx context.Context) error {
	return l.recordHourly(ctx, "audit", audit.Entry{Action: audit.AuditRead})
}
