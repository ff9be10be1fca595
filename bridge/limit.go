package bridge

import (
	"net/url"
	"strings"
	"time"

	"duplex/bridge/dialect"
)

// LimitName names a limit of a service, in the API.
type LimitName string

// The limits.
const (
	LimitMessage LimitName = "message_bytes"
	LimitRequest LimitName = "request_ms"
	LimitIdle    LimitName = "idle_ms"
	LimitSession LimitName = "session_ms"
	LimitAudio   LimitName = "audio_ms"
	LimitChars   LimitName = "chars"
)

// LimitNames returns all limits.
func LimitNames() []LimitName {
	return []LimitName{LimitMessage, LimitRequest, LimitIdle, LimitSession, LimitAudio, LimitChars}
}

// Limits are the limits of a service that are known before sending; 0 is none.
type Limits struct {
	Message int64         // bytes of one message that is sent
	Request time.Duration // from the mark of a turn to its end
	Idle    time.Duration // without a message
	Session time.Duration
	Audio   time.Duration // of one turn
	Chars   int           // of one text
	Rate    float64       // of audio; 1 is real time
}

// Planned is a request to check before it is sent. Zero fields are not checked.
type Planned struct {
	Bytes int64 // of a message
	Chars int   // of a text
	Audio time.Duration
}

// Usage is the share of a limit that a request takes.
type Usage struct {
	Limit      LimitName
	Value, Max int64 // bytes, characters or milliseconds
}

// warnFrom is the share of a limit, in percent, from which a person is warned.
const warnFrom = 80

// Over reports whether the limit is exceeded.
func (u Usage) Over() bool { return u.Value > u.Max }

// Near reports whether the limit is nearly reached: 80 % of it.
func (u Usage) Near() bool { return u.Value*100 >= u.Max*warnFrom }

// Usages returns the share of each limit that a request takes.
func (l Limits) Usages(p Planned) []Usage {
	var all []Usage
	for _, u := range []Usage{
		{LimitMessage, p.Bytes, l.Message},
		{LimitChars, int64(p.Chars), int64(l.Chars)},
		{LimitAudio, p.Audio.Milliseconds(), l.Audio.Milliseconds()},
	} {
		if u.Max > 0 && u.Value > 0 {
			all = append(all, u)
		}
	}
	return all
}

// Check returns an *OverLimitError for the first limit that a request exceeds.
func (l Limits) Check(p Planned) error {
	for _, u := range l.Usages(p) {
		if u.Over() {
			return &OverLimitError{Limit: u.Limit, Value: u.Value, Max: u.Max}
		}
	}
	return nil
}

// Limits of ModelArts (Huawei Cloud, "Real-time services", size and time of a request). In the
// second generation both are set for each service: 1 to 50 MB and 1 to 7200 s. Only the longest
// time is known here, and no size.
const (
	modelArts1Message = 12 << 20
	modelArts1Request = 40 * time.Second
	modelArts2Request = 7200 * time.Second
)

// LimitsOf returns the limits of a service by its address and its dialect, which may be nil.
// most is the maximum size of a message in bytes; one that is not the default is a setting of
// the service, which counts more than its address.
func LimitsOf(u *url.URL, d *dialect.Dialect, most int64) Limits {
	l := Limits{Message: most}
	switch path := u.Path; {
	case strings.HasPrefix(path, "/v1/infers/"):
		l.Request = modelArts1Request
		if most == MaxMessageBytes {
			l.Message = modelArts1Message
		}
	case strings.HasPrefix(path, "/v2/infers/"), strings.HasPrefix(path, "/v2/infer/"):
		l.Request = modelArts2Request
	}
	if d == nil {
		return l
	}
	own := d.Limits
	if own.Message > 0 {
		l.Message = min(l.Message, own.Message)
	}
	if own.Request > 0 {
		l.Request = own.Request
	}
	l.Idle, l.Session, l.Audio, l.Chars, l.Rate = own.Idle, own.Session, own.Audio, own.Chars, own.Rate
	return l
}

// Limits returns the limits of the service.
func (s *Session) Limits() Limits { return s.limits }
