package diagnose

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"duplex/bridge/dial"
	"duplex/bridge/sign"
)

// clues holds the evidence, parsed once for all rules.
type clues struct {
	Evidence
	answer answer
	said   said
	status int // of the target's response, or of the one that issued no token
	url    *url.URL
	hidden map[string]bool   // lower-case names of headers and parameters that hold the credential
	skew   time.Duration     // our clock minus the target's; 0 when unknown
	values map[string]string // the values for sentences and facts; none is empty
}

func parseEvidence(e Evidence) *clues {
	if e.Report == nil {
		e.Report = &dial.Report{}
	}
	c := &clues{Evidence: e, answer: parseAnswer(e.Report), status: e.Report.Status, hidden: map[string]bool{}}
	if iam, ok := errors.AsType[*dial.IAMError](e.Err); ok {
		c.answer, c.status = answer{code: iam.Code, message: iam.Message, lower: strings.ToLower(iam.Message), words: strings.ToLower(iam.Message)}, iam.Status
	}
	c.url, _ = url.Parse(e.Report.URL)
	if c.url == nil {
		c.url = &url.URL{}
	}
	if mint := c.mint(); mint != nil {
		c.answer, c.status = answer{message: mint.Message, lower: strings.ToLower(mint.Message), words: strings.ToLower(mint.Message)}, mint.Status
	}
	for _, h := range e.Report.RequestHeader {
		c.hide(h.Name, h.Value)
	}
	for pair := range strings.SplitSeq(c.url.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		c.hide(name, value)
	}
	c.skew = skewOf(e.Report)
	c.said = c.readSaid()
	c.values = c.collectValues()
	return c
}

// failed reports whether the connection never opened.
func (c *clues) failed() bool {
	return c.Closing == nil && (c.Err != nil || c.Report.Phase != dial.PhaseOpen)
}

// hide adds a name if the report masks its value.
func (c *clues) hide(name, value string) {
	if strings.Contains(value, sign.Masked) {
		c.hidden[strings.ToLower(name)] = true
	}
}

// skewOf returns our clock minus the Date of the response. Date has whole seconds and is
// written between request and response, so a small difference means nothing.
func skewOf(r *dial.Report) time.Duration {
	date, err := http.ParseTime(header(r.ResponseHeader, "Date"))
	if err != nil || r.SentAt.IsZero() {
		return 0
	}
	return r.SentAt.Sub(date)
}

func header(pairs []dial.Pair, name string) string {
	for _, p := range pairs {
		if strings.EqualFold(p.Name, name) {
			return p.Value
		}
	}
	return ""
}
