package dialect

import (
	"fmt"
	"time"

	"duplex/bridge/speech"
)

// reply answers a received message. At most MaxReplyRate replies a second are sent, so that
// two services which answer each other do not loop.
func (d *Driver) reply(e *Envelope, now time.Time) {
	for i := range d.dialect.Replies {
		r := &d.dialect.Replies[i]
		if !r.When.Holds(e) {
			continue
		}
		if !d.mayReply(now) {
			d.out.Dropped++
			continue
		}
		d.scope.Message = e
		if err := d.emit(r.Send, Outgoing{Reply: true}, now); err != nil {
			d.out.Failed = append(d.out.Failed, &StepError{Step: fmt.Sprintf("reply[%d]", i), Err: err})
		}
		d.scope.Message = nil
	}
}

// mayReply counts a reply.
func (d *Driver) mayReply(now time.Time) bool {
	for len(d.replies) > 0 && now.Sub(d.replies[0]) >= time.Second {
		d.replies = d.replies[1:]
	}
	if len(d.replies) >= MaxReplyRate {
		return false
	}
	d.replies = append(d.replies, now)
	return true
}

// keepaliveAt returns when the next keep-alive message is due; zero is never.
func (d *Driver) keepaliveAt() time.Time {
	k := d.dialect.Keepalive
	if k == nil || k.Every <= 0 || d.ended || d.open != nil || d.err != nil {
		return time.Time{}
	}
	since := d.keptAt
	switch k.When {
	case WhenIdleSent:
		since = later(since, d.sentAt)
	case WhenIdleAudio:
		since = later(since, d.audioAt)
	case WhenAlways:
	}
	return since.Add(k.Every)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// keepalive sends the keep-alive message when it is due.
func (d *Driver) keepalive(now time.Time) {
	due := d.keepaliveAt()
	if due.IsZero() || now.Before(due) {
		return
	}
	d.keptAt = now
	m, err := d.dialect.Keepalive.Send, error(nil)
	if d.dialect.Keepalive.Silence {
		m, err = d.silence()
	}
	if err == nil {
		err = d.emit(m, Outgoing{Reply: true}, now)
	}
	if err != nil {
		d.out.Failed = append(d.out.Failed, &StepError{Step: "keepalive", Err: err})
	}
}

// silence returns the message for a frame of silence, which becomes the chunk of templates.
func (d *Driver) silence() (*Message, error) {
	format, err := d.AudioFormat()
	if err != nil {
		return nil, err
	}
	d.scope.Chunk, err = speech.Encode(string(format.Encoding), make([]int16, format.unit))
	return d.dialect.Audio.Each, err
}
