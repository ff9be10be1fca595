package pages

import (
	"strconv"
	"time"

	"duplex/views"
	"duplex/views/text"
)

// Retention limits the ended sessions that are kept; the zero value keeps all.
type Retention struct {
	Age   time.Duration // since the end; 0 is for ever
	Bytes int64         // of all messages; 0 is no bound
}

// Sentence says when sessions are deleted.
func (r Retention) Sentence(t *text.Catalogue) string {
	days := int64(r.Age.Hours() / 24)
	values := map[string]string{"size": views.Size(r.Bytes), "count": strconv.FormatInt(days, 10)}
	switch {
	case days > 0 && r.Bytes > 0:
		return t.Plural("history.retention.both", days, values)
	case days > 0:
		return t.Plural("history.retention.days", days, values)
	case r.Bytes > 0:
		return t.Say("history.retention.bytes", values)
	}
	return t.Say("history.retention.never", nil)
}
