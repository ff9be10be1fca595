package emulate

import "time"

// Options tell an emulated service how to behave. The zero value works.
type Options struct {
	Answer   string                              // of a chat or a voice agent, and the text that a recogniser hears
	Heard    string                              // what a voice agent hears
	Voice    func(text string, rate int) []int16 // speaks; nil is Voice
	Word     time.Duration                       // of audio for each word that is heard; 0 is 300 ms
	Interval time.Duration                       // between two pieces of an answer; 0 is 30 ms, negative is none
	Scale    float64                             // shortens the time limits of the service: 0.01 for 1 %; 0 is 1
	Fault    string                              // the error to give in place of an answer, one of Emulator.Faults
	Record   *Record                             // notes what happens; nil is nowhere
	Now      func() time.Time                    // the clock that signatures and expiries are compared with; nil is time.Now
}

// The texts of a service that was told none.
const (
	usualAnswer = "Good morning. This voice belongs to no model: the demo service speaks it, piece by piece, as a voice agent does. " +
		"Say or write something else, and you get the same answer."
	usualHeard = "good morning who am I talking to"
)

func (o Options) withDefaults() Options {
	if o.Answer == "" {
		o.Answer = usualAnswer
	}
	if o.Heard == "" {
		o.Heard = usualHeard
	}
	if o.Voice == nil {
		o.Voice = Voice
	}
	if o.Word == 0 {
		o.Word = 300 * time.Millisecond
	}
	if o.Interval == 0 {
		o.Interval = 30 * time.Millisecond
	}
	if o.Scale == 0 {
		o.Scale = 1
	}
	if o.Record == nil {
		o.Record = &Record{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// limit returns a time limit of the service, shortened by Scale.
func (o Options) limit(d time.Duration) time.Duration {
	return time.Duration(float64(d) * o.Scale)
}
