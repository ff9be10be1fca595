package dialect

import (
	"encoding/json"
	"slices"

	"duplex/bridge/transcript"
)

// maxGrowth bounds the texts of a Growth.
const maxGrowth = 500

// Growth tells how the text of a sentence came, and what was sent and received meanwhile: since
// the sentence before.
type Growth struct {
	Texts         []GrowthText `json:"texts"`
	Messages      int64        `json:"messages"`
	Frames        int64        `json:"frames"`      // messages with audio that were sent
	FrameBytes    int64        `json:"frame_bytes"` // of their audio
	SentMS        int64        `json:"sent_ms"`     // the length of their audio
	Late          int64        `json:"late"`        // frames that were written after they were due
	FrameGapP95US int64        `json:"frame_gap_p95_us"`
	LargestGapUS  int64        `json:"largest_gap_us"`  // between received messages
	LargestGapSeq int64        `json:"largest_gap_seq"` // the message after it
}

// GrowthText is the text of a sentence after a message.
type GrowthText struct {
	Seq  int64  `json:"seq"`
	AtUS int64  `json:"at_us"`
	Text string `json:"text"`
}

// GrowthReader reads a turn message by message, from First to Last, and follows one sentence.
type GrowthReader struct {
	reader *Reader
	stream Stream
	whole  bool    // the sentence is the whole text of the stream
	now    Segment // as the turn has it
	before int64   // the last message of the sentence before
	first  int64   // the first message to read

	growth   Growth
	meter    audioMeter
	gaps     []int64
	lastSent int64
	lastGot  int64
	sent     map[int64]bool // frames
}

// NewGrowthReader returns a GrowthReader for the segment of a turn that begins with firstSeq,
// or for all of its text when there is none. vars are as for NewReader.
func NewGrowthReader(d *Dialect, vars map[string]string, t *Turn, stream Stream, firstSeq int64) *GrowthReader {
	g := &GrowthReader{reader: NewReader(d, vars), stream: stream, before: t.FirstSeq - 1, first: t.FirstSeq, sent: map[int64]bool{}}
	own := slices.DeleteFunc(slices.Clone(t.Segments), func(s Segment) bool { return side(s.Stream) != side(stream) })
	at := slices.IndexFunc(own, func(s Segment) bool { return s.FirstSeq == firstSeq })
	if at < 0 {
		g.whole, g.now = true, Segment{Seq: t.LastSeq}
		return g
	}
	g.now = own[at]
	if at > 0 {
		g.before = own[at-1].Seq
		g.first = min(g.before+1, g.now.FirstSeq)
	}
	return g
}

// First returns the seq of the first message to read: what comes before the sentence does not
// matter.
func (g *GrowthReader) First() int64 { return g.first }

// Last returns the seq of the last message to read.
func (g *GrowthReader) Last() int64 { return g.now.Seq }

// Read takes the next message of the turn.
func (g *GrowthReader) Read(m *transcript.Message) {
	r := g.reader
	bytes := r.userBytes()
	r.Read(m)
	if m.Seq <= g.before {
		return
	}
	g.measure(m, r.userBytes()-bytes)
	if m.Direction != transcript.Received || len(g.growth.Texts) >= maxGrowth {
		return
	}
	text, found := g.textNow()
	if last := len(g.growth.Texts) - 1; found && (last < 0 || g.growth.Texts[last].Text != text) {
		g.growth.Texts = append(g.growth.Texts, GrowthText{Seq: m.Seq, AtUS: m.At.UnixMicro(), Text: text})
	}
}

// userBytes returns the audio that was sent in the last turn.
func (r *Reader) userBytes() int64 {
	if t := r.current(); t != nil {
		return t.audio[1].bytes
	}
	return 0
}

// textNow returns the text of the sentence so far; false before its beginning.
func (g *GrowthReader) textNow() (string, bool) {
	t := g.reader.current()
	if t == nil || t.isWhole {
		return "", false
	}
	j := &t.text[side(g.stream)]
	if g.whole {
		text := j.text()
		return text, text != ""
	}
	for _, s := range slices.Backward(j.parts()) {
		if s.FirstSeq == g.now.FirstSeq {
			return s.Text, true
		}
	}
	return "", false
}

// measure counts a message and its audio.
func (g *GrowthReader) measure(m *transcript.Message, audio int64) {
	at := m.At.UnixMicro()
	switch m.Direction {
	case transcript.Sent:
		g.growth.Messages++
		if audio <= 0 {
			return
		}
		g.meter.add(g.reader.formats.user, at, int(audio), func() []byte { return nil })
		g.sent[m.Seq] = true
		if g.lastSent > 0 {
			g.gaps = append(g.gaps, at-g.lastSent)
		}
		g.lastSent = at
	case transcript.Received:
		g.growth.Messages++
		if gap := at - g.lastGot; g.lastGot > 0 && gap > g.growth.LargestGapUS {
			g.growth.LargestGapUS, g.growth.LargestGapSeq = gap, m.Seq
		}
		g.lastGot = at
	case transcript.Event:
		var o occurrence
		if m.Event == "sent_late" && json.Unmarshal(m.Payload, &o) == nil && g.sent[o.Seq] {
			g.growth.Late++
		}
	}
}

// Growth returns what was read.
func (g *GrowthReader) Growth() Growth {
	out := g.growth
	if out.Texts == nil {
		out.Texts = []GrowthText{}
	}
	out.Frames, out.FrameBytes, out.SentMS = g.meter.chunks, g.meter.bytes, g.meter.milliseconds()
	if n := len(g.gaps); n > 0 {
		slices.Sort(g.gaps)
		out.FrameGapP95US = g.gaps[min(n-1, n*95/100)]
	}
	return out
}
