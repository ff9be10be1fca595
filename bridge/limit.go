package bridge

import (
	"net/url"
	"strings"
	"time"

	"duplex/bridge/dialect"
)

// LimitName names a limit of a service, in the API.
type LimitName string

// The limits that a request is checked by.
const (
	LimitMessage LimitName = "message_bytes"
	LimitChars   LimitName = "chars"
	LimitAudio   LimitName = "audio_ms"
)

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

// Check returns an *OverLimitError for the first limit that a request exceeds.
func (l Limits) Check(p Planned) error {
	for _, limit := range []OverLimitError{
		{LimitMessage, p.Bytes, l.Message},
		{LimitChars, int64(p.Chars), int64(l.Chars)},
		{LimitAudio, p.Audio.Milliseconds(), l.Audio.Milliseconds()},
	} {
		if limit.Max > 0 && limit.Value > limit.Max {
			return &limit
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
