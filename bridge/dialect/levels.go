package dialect

import (
	"math"

	"duplex/bridge/speech"
	"duplex/bridge/transcript"
)

// MaxLevelFrames is the number of frames that Levels has at most.
const MaxLevelFrames = 3000

const (
	levelPart   = 20  // ms of audio that one level is for
	levelSilent = 255 // the power of silence
)

// Levels tells how loud the audio of one side of a turn is, in frames: messages with audio. A
// frame has Parts equal parts of about 20 ms, each with a byte in Peaks (255 is full scale)
// and in Powers (255 is silence, else twice the power below full scale in dB).
type Levels struct {
	Seq     []int64   `json:"seq"`
	AtUS    []int64   `json:"at_us"`
	MS      []float64 `json:"ms"`
	Parts   []int     `json:"parts"`
	Peaks   []byte    `json:"peaks"`
	Powers  []byte    `json:"powers"`
	Bytes   int64     `json:"bytes"`
	Clipped int64     `json:"clipped"` // samples at full scale
	Next    int64     `json:"next"`    // the message before the next frames
	Ended   bool      `json:"ended"`   // no more will come
}

// NewLevels returns Levels without frames.
func NewLevels(after int64) *Levels {
	return &Levels{Seq: []int64{}, AtUS: []int64{}, MS: []float64{}, Parts: []int{}, Peaks: []byte{}, Powers: []byte{}, Next: after}
}

// Add adds the audio of a message. Opus has no levels. The error is an *speech.EncodingError.
func (l *Levels) Add(m *transcript.Message, data []byte, f SoundFormat) error {
	l.Next = m.Seq
	if len(data) == 0 || f.Encoding == Opus || f.Rate <= 0 {
		return nil
	}
	samples, _, err := speech.Decode(string(f.Encoding), data)
	if err != nil {
		return err
	}
	if len(samples) == 0 {
		return nil
	}
	ms := float64(len(samples)) * 1000 / float64(max(1, f.Channels)*f.Rate)
	parts := max(1, min(len(samples), int(ms/levelPart+0.5)))
	l.Seq, l.AtUS = append(l.Seq, m.Seq), append(l.AtUS, m.At.UnixMicro())
	l.MS, l.Parts, l.Bytes = append(l.MS, ms), append(l.Parts, parts), l.Bytes+int64(len(data))
	for i := range parts {
		l.measure(samples[len(samples)*i/parts : len(samples)*(i+1)/parts])
	}
	return nil
}

// measure adds the level of a part.
func (l *Levels) measure(samples []int16) {
	peak, sum := 0, 0.0
	for _, sample := range samples {
		v := int(sample)
		if v < 0 {
			v = -v
		}
		if v >= math.MaxInt16 {
			l.Clipped++
		}
		peak = max(peak, v)
		sum += float64(sample) * float64(sample)
	}
	power := levelSilent
	if sum > 0 {
		db := -10 * math.Log10(sum/float64(len(samples))/(1<<30))
		power = max(0, min(levelSilent-1, int(2*db+0.5)))
	}
	l.Peaks = append(l.Peaks, byte(min(255, (peak*255+math.MaxInt16/2)/math.MaxInt16)))
	l.Powers = append(l.Powers, byte(power))
}

// IsFull reports whether no more frames fit.
func (l *Levels) IsFull() bool { return len(l.Seq) >= MaxLevelFrames }
