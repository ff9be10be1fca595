package dialect

import (
	"math"
	"time"

	"duplex/bridge/speech"
	"duplex/bridge/transcript"
)

// Sound describes the audio of one message.
type Sound struct {
	Encoding Encoding `json:"encoding"`
	Rate     int      `json:"rate,omitempty"`     // Hz; 0 when it is not known
	Channels int      `json:"channels,omitempty"` // 0 when they are not known
	US       int64    `json:"us,omitempty"`       // length; 0 when it is not known
	LevelDB  int      `json:"level_db,omitempty"` // RMS below full scale; 0 when it is not known
	Path     string   `json:"path,omitempty"`     // of the base64 in JSON, "*" for the longest one; "@name" of a field of a frame; "" where the message is the audio
}

// SilenceDB is the level of samples that are all 0.
const SilenceDB = -96

// soundIn measures the audio of a message; nil when it has none. The payload may be the
// beginning of size bytes: then the level is that of the beginning.
func (n *Noter) soundIn(m *transcript.Message, e *Envelope, size int64) *Sound {
	if m.Direction == transcript.Sent {
		if n.d.Audio == nil {
			return nil
		}
		kind, holes := n.sent.recognise(m, e.Payload)
		if kind != sentAudio || len(holes.Chunk) == 0 {
			return nil
		}
		s := soundOf(n.formats.user, holes.Chunk, lengthIn(e, holes.Chunk, size))
		switch {
		case m.Opcode == transcript.Text:
			s.Path = "*"
		case len(holes.Chunk) != len(e.Payload):
			s.Path = "@chunk"
		}
		return s
	}
	for i := range n.d.Receive.Audio {
		rule := &n.d.Receive.Audio[i]
		found, data := rule.find(e)
		if found == 0 {
			continue
		}
		audio := data()
		s := soundOf(n.formats.received[i], audio, lengthIn(e, audio, size))
		if s.Path = rule.Path.String(); rule.Field != "" {
			s.Path = "@" + rule.Field
		}
		return s
	}
	return nil
}

// lengthIn returns the bytes of the audio of a message of size bytes, of which the envelope has
// the beginning; -1 when it cannot be known.
func lengthIn(e *Envelope, audio []byte, size int64) int64 {
	switch {
	case size <= int64(len(e.Payload)):
		return int64(len(audio))
	case len(audio) == len(e.Payload):
		return size
	}
	return -1
}

func soundOf(f SoundFormat, audio []byte, length int64) *Sound {
	s := &Sound{Encoding: f.Encoding, Rate: f.Rate, Channels: f.Channels}
	if f.Encoding == Opus {
		var ogg speech.OggLength
		ogg.Add(audio)
		s.US = ogg.Length().Microseconds()
		return s
	}
	width, err := speech.SampleBytes(string(f.Encoding))
	if err != nil {
		return s
	}
	if perSecond := int64(width * max(1, f.Channels) * f.Rate); perSecond > 0 && length > 0 {
		s.US = (time.Duration(length) * time.Second / time.Duration(perSecond)).Microseconds()
	}
	if samples, _, err := speech.Decode(string(f.Encoding), audio); err == nil && len(samples) > 0 {
		s.LevelDB = levelOf(samples)
	}
	return s
}

// levelOf returns the RMS of samples in dB below full scale, at most -1.
func levelOf(samples []int16) int {
	var sum float64
	for _, v := range samples {
		sum += float64(v) * float64(v)
	}
	if sum == 0 {
		return SilenceDB
	}
	rms := math.Sqrt(sum/float64(len(samples))) / (1 << 15)
	return max(SilenceDB, min(-1, int(math.Round(20*math.Log10(rms)))))
}
