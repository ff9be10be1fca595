package emulate

import (
	"slices"
	"sync"
	"time"
)

// Record notes what an emulated service receives and sends, by its own clock: the measure for
// the times that a caller computes. It is safe for concurrent use.
type Record struct {
	mu     sync.Mutex // guards all below
	frames []Frame
	turns  []Turn
}

// Turn is one answer of the service.
type Turn struct {
	Mark       time.Time // the message that asked for it came in
	FirstText  time.Time
	FirstAudio time.Time
	Done       time.Time
	Sent       []time.Time // every message after the mark
	Text       string      // the reference of the joined answer
	User       string      // what a voice agent heard
	Audio      []byte      // the reference of the joined audio
}

// Frame is one frame of received audio.
type Frame struct {
	At    time.Time
	Audio []byte
}

// Frames returns the received audio.
func (r *Record) Frames() []Frame {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.frames)
}

// Turns returns the answers so far.
func (r *Record) Turns() []Turn {
	r.mu.Lock()
	defer r.mu.Unlock()
	turns := slices.Clone(r.turns)
	for i, t := range turns {
		turns[i].Sent = slices.DeleteFunc(slices.Clone(t.Sent), t.Mark.After)
	}
	return turns
}

// frame notes received audio.
func (r *Record) frame(at time.Time, audio []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.frames = append(r.frames, Frame{at, slices.Clone(audio)})
}

// mark notes that the message which asks for an answer came in at that time. It begins a turn,
// unless text came before it, as from a recogniser.
func (r *Record) mark(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.turns); n == 0 || !r.turns[n-1].Mark.IsZero() {
		r.turns = append(r.turns, Turn{})
	}
	r.turns[len(r.turns)-1].Mark = at
}

// update changes the last turn, or begins one when it is done.
func (r *Record) update(change func(*Turn)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.turns); n == 0 || !r.turns[n-1].Done.IsZero() {
		r.turns = append(r.turns, Turn{})
	}
	change(&r.turns[len(r.turns)-1])
}

// sent notes a message to the caller. Messages between turns belong to none.
func (r *Record) sent() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.turns); n > 0 {
		r.turns[n-1].Sent = append(r.turns[n-1].Sent, time.Now())
	}
}
