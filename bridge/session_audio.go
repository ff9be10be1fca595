package bridge

import (
	"context"
	"io"
	"time"

	"duplex/bridge/speech"
)

// DialectPace lets the dialect choose the pace of audio.
const DialectPace = -1.0

// PlayState is the stage of audio that is being sent.
type PlayState string

// The stages.
const (
	PlayRunning PlayState = "playing"
	PlayDone    PlayState = "done"
	PlayStopped PlayState = "stopped"
	PlayFailed  PlayState = "failed"
)

// Playing tells how far a clip was sent.
type Playing struct {
	ID          string
	State       PlayState
	Sent, Total time.Duration // of the audio
	Notes       []speech.Note // conversions of the clip, and a pace that was reduced
}

// PlayAudio begins to send a clip by the dialect, one clip at a time. pace 1 is real time, 0 as
// fast as the service may be sent, DialectPace the dialect's own. Errors: those of Ready,
// ErrTakesNoAudio, ErrAudioBusy and *OverLimitError.
func (s *Session) PlayAudio(ctx context.Context, clip *speech.Clip, pace float64) (Playing, error) {
	return Playing{}, ErrNoDialect
}

// Playing returns the clip that was sent last; false when there was none.
func (s *Session) Playing() (Playing, bool) { return Playing{}, false }

// StopAudio ends a clip before its end, with the messages that end audio. It reports whether
// the clip was playing.
func (s *Session) StopAudio(id string) bool { return false }

// Microphone begins live audio: s16le mono samples at rate Hz are written to it, and Close ends
// the audio. Errors: as PlayAudio.
func (s *Session) Microphone(rate int) (io.WriteCloser, error) { return nil, ErrNoDialect }
