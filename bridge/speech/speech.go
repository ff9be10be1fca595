// Package speech reads, converts and writes audio: WAV files, sample encodings, sample rates
// and the length of Ogg Opus. It opens no file and no connection.
package speech

import (
	"fmt"
	"math"
	"time"
)

// Clip is audio in memory.
type Clip struct {
	Rate     int     // samples of one channel a second
	Channels int     // at least 1
	Samples  []int16 // interleaved
	Notes    []Note  // of reading
}

// Length returns the duration of c.
func (c *Clip) Length() time.Duration {
	return lengthOf(int64(len(c.Samples)), c.Rate*c.Channels)
}

// lengthOf returns the duration of units that come at a rate a second, at most the longest one.
func lengthOf(units int64, rate int) time.Duration {
	if rate <= 0 {
		return 0
	}
	whole, rest := units/int64(rate), units%int64(rate)
	if whole >= int64(math.MaxInt64/time.Second) {
		return math.MaxInt64 // a position that a peer made up
	}
	return time.Duration(whole)*time.Second + time.Duration(rest)*time.Second/time.Duration(rate)
}

// NoteCode names a change of audio that its sender must know.
type NoteCode string

// The codes of notes.
const (
	NoteResampled NoteCode = "resampled"  // From and To are rates in Hz
	NoteMixedDown NoteCode = "mixed_down" // From and To are numbers of channels
	NoteMixedUp   NoteCode = "mixed_up"   // From and To are numbers of channels
	NoteTruncated NoteCode = "truncated"  // From is the number of bytes that a file announces, To that of bytes it has
)

// NoteCodes returns all codes.
func NoteCodes() []NoteCode {
	return []NoteCode{NoteResampled, NoteMixedDown, NoteMixedUp, NoteTruncated}
}

// Note is a change of audio that its sender must know.
type Note struct {
	Code NoteCode `json:"code"`
	From int64    `json:"from"`
	To   int64    `json:"to"`
}

// String returns the code with its values: "resampled: 44100 -> 16000".
func (n Note) String() string { return fmt.Sprintf("%s: %d -> %d", n.Code, n.From, n.To) }
