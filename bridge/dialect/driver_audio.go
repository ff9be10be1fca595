package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"duplex/bridge/speech"
)

// Times of sending audio.
const (
	// AudioLead is the time before a frame is due at which Tick returns it, so that it can be
	// stored before it is sent.
	AudioLead = 25 * time.Millisecond

	jitter = 40 * time.Millisecond // of live audio that waits beside a whole frame before the first is sent
)

// fastFrames is the number of frames that one Tick returns when audio has no pace.
const fastFrames = 16

// DialectPace lets the dialect choose the pace of audio.
const DialectPace = -1.0

// SendFormat is the form of the audio that a dialect sends.
type SendFormat struct {
	Rate     int // Hz
	Channels int
	Encoding Encoding
	Frame    time.Duration
	unit     int // samples of one frame, of all channels
	width    int // bytes of a sample
}

// AudioFormat returns the form of the audio to send. The error is a *TemplateError, or says
// that the rate or the encoding cannot be used.
func (d *Driver) AudioFormat() (SendFormat, error) {
	in := d.dialect.Audio
	built, err := in.Rate.Build(d.scope)
	if err != nil {
		return SendFormat{}, fmt.Errorf("rate of audio: %w", err)
	}
	f := SendFormat{Channels: max(in.Channels, 1), Encoding: in.Encoding}
	if f.Rate = hertz(string(built.Wire)); f.Rate == 0 {
		return SendFormat{}, fmt.Errorf("rate of audio: %q is no number of Hz", built.Shown)
	}
	if f.width, err = speech.SampleBytes(string(in.Encoding)); err != nil {
		return SendFormat{}, err
	}
	frames := in.FrameSize / (f.width * f.Channels)
	if in.FrameSize <= 0 {
		frames = int(int64(in.Frame) * int64(f.Rate) / int64(time.Second))
	}
	f.unit = max(frames, 1) * f.Channels
	f.Frame = f.length(f.unit)
	return f, nil
}

// hertz reads a rate: a number, or the name of a format that ends in one, such as "pcm_16000",
// which some services tell at run time. 0 means that there is none.
func hertz(text string) int {
	text = strings.TrimSpace(text)
	rate, err := strconv.Atoi(text[strings.LastIndexByte(text, '_')+1:])
	if err != nil || rate < 0 {
		return 0
	}
	return rate
}

// length returns the duration of a number of samples.
func (f *SendFormat) length(samples int) time.Duration {
	return time.Duration(int64(samples/f.Channels) * int64(time.Second) / int64(f.Rate))
}

// samples returns the number of samples of a duration.
func (f *SendFormat) samples(d time.Duration) int {
	return int(int64(d)*int64(f.Rate)/int64(time.Second)) * f.Channels
}

// Pace returns the pace at which audio is sent: the dialect's for DialectPace, and at most the
// rate that the service allows. 1 is real time, 0 as fast as possible.
func (d *Dialect) Pace(asked float64) float64 {
	pace := asked
	if pace < 0 {
		pace = d.Audio.Pace
	}
	if most := d.Limits.Rate; most > 0 && (pace == 0 || pace > most) {
		return most
	}
	return pace
}

// audioJob is the progress of a clip or of live audio.
type audioJob struct {
	SendFormat

	request int64
	live    bool
	pace    float64
	waiting []int16 // to be sent, interleaved
	closed  bool    // no more will come

	start time.Time // when the sample number base is due; zero before the first frame and while live audio pauses
	base  int
	taken int // samples sent
	quiet int // samples of silence sent in pauses
	pause bool
	count int // frames sent
	last  bool
	end   *script // after the last frame; nil before
}

// begun reports whether a frame was sent.
func (j *audioJob) begun() bool { return j.count > 0 || j.end != nil }

// due returns when the next frame, or the end, is to be sent: by the first frame's time, so
// that delays do not add up.
func (j *audioJob) due() time.Time {
	if j.pace == 0 {
		return j.start
	}
	return j.start.Add(time.Duration(float64(j.length(j.taken+j.quiet-j.base)) / j.pace))
}

// Play begins to send samples, interleaved, in the rate and the channels of AudioFormat. Live
// audio has none yet: they come by Feed. A running audio ends first, which the caller avoids.
func (d *Driver) Play(request int64, samples []int16, live bool, pace float64, now time.Time) Actions {
	format, err := d.AudioFormat()
	switch {
	case err == nil && d.err != nil:
		err = d.err
	case err == nil && d.ended:
		err = ErrFinished
	}
	if err != nil {
		d.end(request, err)
		return d.take()
	}
	d.audio = &audioJob{SendFormat: format, request: request, live: live, pace: d.dialect.Pace(pace), waiting: samples}
	if !live {
		d.audio.close(d.dialect.Audio.Silence)
	}
	d.run(now)
	return d.take()
}

// close adds the silence after the audio. It takes no more samples.
func (j *audioJob) close(silence time.Duration) {
	if !j.closed {
		j.closed = true
		j.waiting = append(slices.Clip(j.waiting), make([]int16, j.samples(silence))...)
	}
}

// Feed adds samples of live audio.
func (d *Driver) Feed(request int64, samples []int16, now time.Time) Actions {
	if j := d.audio; j != nil && j.request == request && !j.closed {
		j.waiting = append(j.waiting, samples...)
		d.run(now)
	}
	return d.take()
}

// CloseAudio ends live audio when all samples are sent.
func (d *Driver) CloseAudio(request int64, now time.Time) Actions {
	if j := d.audio; j != nil && j.request == request {
		j.pause = false
		j.close(d.dialect.Audio.Silence)
		d.run(now)
	}
	return d.take()
}

// StopAudio drops the samples that were not sent, and ends the audio.
func (d *Driver) StopAudio(request int64, now time.Time) Actions {
	if j := d.audio; j != nil && j.request == request {
		j.waiting, j.closed, j.pause = nil, true, false
		if !j.begun() {
			d.endAudio(nil)
		}
		d.run(now)
	}
	return d.take()
}

// Progress returns the audio that was sent, and all that is known so far; zero for another
// request than the present one.
func (d *Driver) Progress(request int64) (sent, total time.Duration) {
	j := d.audio
	if j == nil || j.request != request {
		return 0, 0
	}
	return j.length(j.taken), j.length(j.taken + len(j.waiting))
}

// AudioAt returns when the last frame of audio was due; before the first it is the beginning
// of the connection.
func (d *Driver) AudioAt() time.Time { return d.audioAt }

// endAudio reports the outcome of the audio.
func (d *Driver) endAudio(err error) {
	d.end(d.audio.request, err)
	d.audio = nil
}

// audioDue returns when runAudio is to be called; zero is never.
func (d *Driver) audioDue() time.Time {
	j := d.audio
	switch {
	case j == nil, d.held, j.end != nil, j.start.IsZero():
		return time.Time{}
	case j.over(), j.starving():
		return j.due()
	}
	return j.due().Add(-AudioLead)
}

// over reports whether all frames were sent.
func (j *audioJob) over() bool { return j.closed && len(j.waiting) == 0 }

// starving reports whether live audio has no whole frame.
func (j *audioJob) starving() bool { return j.live && !j.closed && len(j.waiting) < j.unit }

// runAudio sends what is due.
func (d *Driver) runAudio(now time.Time) {
	for burst := 0; d.audio != nil && !d.held; burst++ {
		j := d.audio
		if j.start.IsZero() && !j.begin(now) {
			return
		}
		if j.end != nil {
			if d.advance(j.end, now) {
				d.endAudio(j.end.err)
			}
			return
		}
		if now.Before(d.audioDue()) || j.pace == 0 && burst == fastFrames {
			return
		}
		var err error
		switch {
		case j.pause && !(d.fillsPauses() && j.count > 0 && j.pace > 0):
			j.rest()
			return
		case j.pause:
			err = d.sendQuiet(now)
		case j.over():
			err = d.endFrames(now)
		case !j.starving():
			err = d.sendFrame(now)
		case d.fillsPauses():
			j.waiting = append(j.waiting, make([]int16, j.unit-len(j.waiting))...)
			continue
		default:
			j.rest()
			return
		}
		if err != nil {
			d.endAudio(err)
		}
	}
}

// PauseAudio pauses audio, or goes on. Where the service ends a connection without audio,
// silence is sent in the pause.
func (d *Driver) PauseAudio(request int64, on bool, now time.Time) Actions {
	if j := d.audio; j != nil && j.request == request && j.pause != on {
		j.pause = on
		if !on && j.start.IsZero() {
			j.start = now.Add(AudioLead)
		}
		d.run(now)
	}
	return d.take()
}

// rest stops the clock of the frames: the next one is due anew.
func (j *audioJob) rest() { j.start, j.base = time.Time{}, j.taken+j.quiet }

// begin sets the time of the next frame. Live audio waits for enough samples, so that the
// frames after it are not late.
func (j *audioJob) begin(now time.Time) bool {
	if j.pause {
		return false
	}
	if j.live && !j.closed && len(j.waiting) < j.unit+j.samples(jitter) {
		return false
	}
	j.start = now
	if j.pace > 0 {
		j.start = now.Add(AudioLead)
	}
	return true
}

// fillsPauses reports whether silence is sent while live audio pauses, because the service
// ends a connection without audio.
func (d *Driver) fillsPauses() bool { return d.dialect.Limits.Idle > 0 || d.dialect.Limits.Gap > 0 }

// sendFrame sends the next frame.
func (d *Driver) sendFrame(now time.Time) error {
	in, j := d.dialect.Audio, d.audio
	due := j.due()
	head, err := d.header()
	if err != nil {
		return &StepError{Step: "in.audio", Err: err}
	}
	if j.count == 0 && in.Container == ContainerKeep {
		if err := d.sendChunk(d.frameMessage(false), head, due, false, now); err != nil {
			return err
		}
	}
	n, final := j.cut(d.dialect.Limits)
	chunk, err := speech.Encode(string(j.Encoding), j.pad(j.waiting[:n], d.dialect.Limits.FrameMin))
	if err != nil {
		return &StepError{Step: "in.audio", Err: err}
	}
	if j.count == 0 && in.Container == ContainerWAVStream {
		chunk = append(head, chunk...)
	}
	m := d.frameMessage(final)
	j.last = m.message == in.Last && in.Last != nil
	mark := final && !in.MarkEnd && (in.Last == nil || j.last)
	j.taken, j.waiting = j.taken+n, j.waiting[n:]
	return d.sendChunk(m, chunk, due, mark, now)
}

// sendQuiet sends a frame of silence in a pause.
func (d *Driver) sendQuiet(now time.Time) error {
	j := d.audio
	due := j.due()
	chunk, err := speech.Encode(string(j.Encoding), make([]int16, j.unit))
	if err == nil {
		_, err = d.header()
	}
	if err != nil {
		return &StepError{Step: "in.audio", Err: err}
	}
	j.quiet += j.unit
	return d.sendChunk(d.frameMessage(false), chunk, due, false, now)
}

// header returns the header of a WAV file with the audio, and sets it for templates.
func (d *Driver) header() ([]byte, error) {
	j := d.audio
	size := int64(-1)
	if d.dialect.Audio.Container == ContainerKeep && !j.live {
		size = int64(len(j.waiting)+j.taken) * int64(j.width)
	}
	if d.audio.count > 0 {
		return d.scope.Head, nil
	}
	head, err := speech.EncodedWAVHeader(string(j.Encoding), j.Rate, j.Channels, size)
	d.scope.Head = head
	return head, err
}

// cut returns the number of samples of the next frame, and whether it is the last. A rest
// below the service's least size goes with the frame before it.
func (j *audioJob) cut(l Limits) (n int, final bool) {
	n = min(j.unit, len(j.waiting))
	if !j.closed {
		return n, false
	}
	rest, all := int64((len(j.waiting)-n)*j.width), int64(len(j.waiting)*j.width)
	if rest > 0 && rest < l.FrameMin && (l.FrameMax == 0 || all <= l.FrameMax) {
		n, rest = len(j.waiting), 0
	}
	return n, rest == 0
}

// pad adds silence to a frame below the service's least size in bytes.
func (j *audioJob) pad(samples []int16, least int64) []int16 {
	lack := (int(least) + j.width - 1) / j.width
	if len(samples) == 0 || len(samples) >= lack {
		return samples
	}
	lack = (lack + j.Channels - 1) / j.Channels * j.Channels
	return append(slices.Clip(samples), make([]int16, lack-len(samples))...)
}

// audioMessage is a message for a frame, with its place in the dialect.
type audioMessage struct {
	message *Message
	place   string
}

// frameMessage returns the message for the next frame. The first frame is never the last one,
// and the last has audio only if its template takes it.
func (d *Driver) frameMessage(final bool) audioMessage {
	in := d.dialect.Audio
	switch {
	case d.audio.count == 0 && in.First != nil:
		return audioMessage{in.First, "in.audio.first"}
	case final && in.Last != nil && in.Last.HasChunk():
		return audioMessage{in.Last, "in.audio.last"}
	}
	return audioMessage{in.Each, "in.audio.frame"}
}

// sendChunk sends audio that is due at a time.
func (d *Driver) sendChunk(m audioMessage, chunk []byte, due time.Time, mark bool, now time.Time) error {
	d.scope.Chunk = chunk
	as := Outgoing{Request: d.audio.request, Mark: mark}
	if d.audio.pace > 0 {
		as.At = due
	}
	if err := d.emit(m.message, as, now); err != nil {
		return &StepError{Step: m.place, Err: err}
	}
	d.audio.count++
	d.audioAt = due
	return nil
}

// endFrames sends the last message if no frame has been it, and begins the messages after it.
func (d *Driver) endFrames(now time.Time) error {
	in, j := d.dialect.Audio, d.audio
	j.end = &script{request: j.request, place: "in.audio.end", steps: in.End, mark: noMark}
	if in.Last == nil || j.last {
		return nil
	}
	if _, err := d.header(); err != nil {
		return &StepError{Step: "in.audio", Err: err}
	}
	return d.sendChunk(audioMessage{in.Last, "in.audio.last"}, nil, j.due(), !in.MarkEnd, now)
}
