package diagnose

import (
	"time"

	"duplex/bridge/dial"
)

// Known is the explanation of an error that the dialect of a session has, by language
// ("en"). A language may be missing.
type Known struct {
	Cause map[string]string `json:"cause,omitempty"`
	Fix   map[string]string `json:"fix,omitempty"`
}

// Limits are the limits of a service; 0 is none.
type Limits struct {
	Message int64         // bytes
	Request time.Duration // from the question to the end of its answer
	Idle    time.Duration
	Session time.Duration
}

// dialectRule is the name of the rule for errors that the dialect of a session explains.
const dialectRule = "dialect_error"

// limitRules explain ends that a limit of the service has caused.
var limitRules = []rule{
	{"limit_message", when("", byTarget, unanswered, afterSending(0, atOnce), func(c *clues) bool {
		return c.Closing.Limits.Message > 0 && c.Closing.LastSentSize > c.Closing.Limits.Message
	})},
	{"limit_request", when(ActionReconnect, byTarget, func(c *clues) bool { return reaches(c.Closing.Waiting, c.Closing.Limits.Request) })},
	{"limit_idle", when(ActionReconnect, byTarget, func(c *clues) bool { return reaches(c.Closing.Idle, c.Closing.Limits.Idle) })},
	{"limit_session", when(ActionReconnect, byTarget, func(c *clues) bool { return reaches(c.Closing.OpenFor, c.Closing.Limits.Session) })},
}

// reaches reports whether a connection that ended after a time ended because of a limit. Its
// clock and ours begin at different moments, and services look at their clock now and then.
func reaches(after, limit time.Duration) bool {
	return limit > 0 && after >= limit-limit/20-200*time.Millisecond && after <= limit+limit/6+time.Second
}

// limitValues returns the limits for sentences.
func (e *Closing) limitValues() map[string]string {
	l := e.Limits
	values := map[string]string{}
	if l.Message > 0 {
		values["limit_message"] = limitSize(l.Message)
	}
	for name, d := range map[string]time.Duration{
		"limit_request": l.Request, "limit_idle": l.Idle, "limit_session": l.Session, "waiting": e.Waiting,
	} {
		if d > 0 {
			values[name] = span(d)
		}
	}
	return values
}

// explained holds if the dialect explains the error or the close.
func explained(c *clues) bool { return c.Closing.Known != nil }

// Reported returns the finding for an error that a service reported inside a message of an
// open connection. Secrets in it are masked already; k is nil when the dialect does not
// explain it.
func Reported(report *dial.Report, e ServiceError, k *Known) Finding {
	c := parseEvidence(Evidence{Report: report, Closing: &Closing{Code: 1000, Sent: 1, LastError: e, Known: k}})
	finding := Finding{Rule: dialectRule}
	if t := topicOfSaid(c.said); k == nil && t.rule != "" {
		finding.Rule = t.rule
	}
	finding.Known, finding.By, finding.MessageSeq = k, ByService, e.Seq
	finding.Values = map[string]string{"code": redact(e.Code), "words": redact(e.Words)}
	if words := c.saidFact(); words != nil {
		finding.Said = &Fact{Key: withCode("said.open", e.Code), Values: words.Values}
		delete(finding.Said.Values, "close_code")
	}
	return finding
}
