package bridge

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"time"

	"duplex/bridge/dialect"
	"duplex/bridge/speech"
)

// DialectPace lets the dialect choose the pace of audio.
const DialectPace = dialect.DialectPace

// PlayState is the stage of audio that is being sent.
type PlayState string

// The stages.
const (
	PlayRunning PlayState = "playing"
	PlayDone    PlayState = "done"
	PlayStopped PlayState = "stopped" // by a person
	PlayFailed  PlayState = "failed"  // the connection ended
)

// PlayStates returns all stages.
func PlayStates() []PlayState { return []PlayState{PlayRunning, PlayDone, PlayStopped, PlayFailed} }

// Playing tells how far audio was sent.
type Playing struct {
	ID          string
	State       PlayState
	Live        bool          // from a microphone
	Paused      bool          // by a person
	Sent, Total time.Duration // of the audio; of live audio Total is what has come so far
	Pace        float64       // 1 is real time, 0 as fast as possible
	Notes       []speech.Note // conversions of the clip
}

// playing is audio with its request.
type playing struct {
	Playing

	request *request
	stopped bool
}

// PlayAudio begins to send a clip by the dialect, one clip at a time. pace 1 is real time, 0 as
// fast as the service may be sent, DialectPace the dialect's own; the service's rate
// limits it. Errors: those of Ready, ErrTakesNoAudio, ErrAudioBusy and *OverLimitError.
func (s *Session) PlayAudio(ctx context.Context, clip *speech.Clip, pace float64) (Playing, error) {
	if err := s.takesAudio(); err != nil {
		return Playing{}, err
	}
	if err := s.Ready(ctx); err != nil {
		return Playing{}, err
	}
	format, err := s.AudioFormat() // the service may tell the rate when it opens
	if err != nil {
		return Playing{}, err
	}
	clip, notes := clip.Convert(format.Rate, format.Channels)
	if err := s.Limits().Check(Planned{Audio: clip.Length()}); err != nil {
		return Playing{}, err
	}
	p := s.speaker
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.play(Playing{Total: clip.Length(), Notes: notes, Pace: pace}, clip.Samples)
}

// AudioFormat returns the form of the audio that is sent. Errors: ErrNoDialect,
// ErrTakesNoAudio, and those of dialect.Driver.AudioFormat.
func (s *Session) AudioFormat() (dialect.SendFormat, error) {
	if err := s.takesAudio(); err != nil {
		return dialect.SendFormat{}, err
	}
	s.speaker.mu.Lock()
	defer s.speaker.mu.Unlock()
	return s.speaker.driver.AudioFormat()
}

// takesAudio returns ErrNoDialect or ErrTakesNoAudio where no audio can be sent.
func (s *Session) takesAudio() error {
	switch {
	case s.speaker == nil:
		return ErrNoDialect
	case s.speaker.dialect.Audio == nil:
		return ErrTakesNoAudio
	}
	return nil
}

// play gives audio to the driver. The caller holds mu.
func (p *speaker) play(as Playing, samples []int16) (Playing, error) {
	if p.closed {
		return Playing{}, ErrClosed
	}
	if p.playing != nil && p.playing.State == PlayRunning {
		return Playing{}, ErrAudioBusy
	}
	r := p.newRequest("")
	as.ID, as.State, as.Pace = strconv.FormatInt(r.id, 10), PlayRunning, p.dialect.Pace(as.Pace)
	p.playing = &playing{Playing: as, request: r}
	p.take(p.driver.Play(r.id, samples, as.Live, as.Pace, p.now()))
	p.announce()
	return as, nil
}

// notePlaying brings the progress of audio up to date. The caller holds mu.
func (p *speaker) notePlaying() {
	now := p.playing
	if now == nil || now.State != PlayRunning {
		return
	}
	if sent, total := p.driver.Progress(now.request.id); total > 0 {
		now.Sent, now.Total = sent, total
	}
	if !now.request.isEnded {
		return
	}
	switch {
	case now.request.err != nil:
		now.State = PlayFailed
	case now.stopped:
		now.State = PlayStopped
	default:
		now.State, now.Sent = PlayDone, now.Total
	}
	p.announce()
}

// Playing returns the audio that was sent last; false when there was none.
func (s *Session) Playing() (Playing, bool) {
	p := s.speaker
	if p == nil {
		return Playing{}, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.playing == nil {
		return Playing{}, false
	}
	p.notePlaying()
	return p.playing.Playing, true
}

// StopAudio ends audio before its end, with the messages that end audio. It reports whether
// it was playing.
func (s *Session) StopAudio(id string) bool {
	p := s.speaker
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.playing == nil || p.playing.ID != id || p.playing.State != PlayRunning {
		return false
	}
	p.playing.stopped = true
	p.take(p.driver.StopAudio(p.playing.request.id, p.now()))
	return true
}

// PauseAudio pauses the audio that is being sent, or goes on. Where the service ends a
// connection without audio, silence is sent in the pause. It reports whether audio is being
// sent.
func (s *Session) PauseAudio(on bool) (Playing, bool) {
	p := s.speaker
	if p == nil {
		return Playing{}, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.playing == nil || p.playing.State != PlayRunning {
		return Playing{}, false
	}
	p.playing.Paused = on
	p.take(p.driver.PauseAudio(p.playing.request.id, on, p.now()))
	p.notePlaying()
	p.announce()
	return p.playing.Playing, true
}

// maxLag bounds the live audio that waits to be sent.
const maxLag = 30 * time.Second

// ErrAudioLag says that live audio comes faster than it can be sent.
var ErrAudioLag = errors.New("live audio comes faster than it is sent")

// Microphone begins live audio: s16le mono samples at rate Hz are written to it, and Close ends
// the audio. It waits until the service takes requests. Writes fail with ErrClosed after the
// audio has ended, and with ErrAudioLag. Errors: as PlayAudio.
func (s *Session) Microphone(rate int) (io.WriteCloser, error) {
	format, err := s.AudioFormat()
	if err != nil {
		return nil, err
	}
	p := s.speaker
	p.mu.Lock()
	defer p.mu.Unlock()
	as, err := p.play(Playing{Live: true, Pace: 1}, nil)
	if err != nil {
		return nil, err
	}
	return &microphone{speaker: p, id: as.ID, request: p.playing.request, format: format, resampler: speech.NewResampler(rate, format.Rate)}, nil
}

// microphone converts live audio. It is for one goroutine.
type microphone struct {
	speaker   *speaker
	id        string
	request   *request
	format    dialect.SendFormat
	resampler *speech.Resampler
	odd       []byte // the first byte of a sample
	closed    bool
}

// Write implements io.Writer.
func (m *microphone) Write(b []byte) (int, error) {
	data := b
	if len(m.odd) > 0 {
		data = append(m.odd, b...)
	}
	samples := make([]int16, len(data)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(data[2*i:])) //nolint:gosec // its bits are the sample
	}
	m.odd = append([]byte(nil), data[2*len(samples):]...)
	if err := m.feed(m.resampler.Add(samples)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// feed gives samples to the driver.
func (m *microphone) feed(mono []int16) error {
	samples := mono
	if n := m.format.Channels; n > 1 {
		samples = make([]int16, 0, n*len(mono))
		for _, sample := range mono {
			for range n {
				samples = append(samples, sample)
			}
		}
	}
	p := m.speaker
	p.mu.Lock()
	defer p.mu.Unlock()
	if m.closed || p.closed || m.request.isEnded {
		return ErrClosed
	}
	if sent, total := p.driver.Progress(m.request.id); total-sent > maxLag {
		return ErrAudioLag
	}
	p.take(p.driver.Feed(m.request.id, samples, p.now()))
	return nil
}

// Close implements io.Closer. The audio that waits is sent.
func (m *microphone) Close() error {
	if m.closed {
		return nil
	}
	err := m.feed(m.resampler.Finish())
	p := m.speaker
	p.mu.Lock()
	defer p.mu.Unlock()
	m.closed = true
	p.take(p.driver.CloseAudio(m.request.id, p.now()))
	if errors.Is(err, ErrClosed) {
		return nil
	}
	return err
}
