package dialect

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"duplex/bridge/speech"
	"duplex/bridge/transcript"
)

// SoundFormat tells how samples are written.
type SoundFormat struct {
	Encoding Encoding
	Rate     int // Hz; 0 when it is not known
	Channels int
}

// formats holds the format of each audio rule of a dialect, and of the audio that it sends.
// Some are told by messages.
type formats struct {
	d        *Dialect
	user     SoundFormat
	received []SoundFormat // by audio rule
	userSeq  int64         // the message that told the rate of user; 0 is the dialect
	told     []int64       // the same of received
	learns   bool
	values   map[string]string // variables and captures, for the rate that is sent
}

func newFormats(d *Dialect, vars map[string]string) formats {
	f := formats{d: d, values: map[string]string{}}
	for _, v := range d.Vars {
		f.values[v.Name] = v.Default
		if given, ok := vars[v.Name]; ok {
			f.values[v.Name] = given
		}
	}
	for _, rule := range d.Receive.Audio {
		format := SoundFormat{Encoding: rule.Encoding, Rate: rule.Rate, Channels: 1}
		if rule.RateText != nil {
			if rate, err := rule.RateText.Build(&Scope{Vars: f.values}); err == nil {
				format.name(string(rate.Wire))
			}
		}
		f.received = append(f.received, format)
		f.learns = f.learns || !rule.RateFrom.IsZero()
	}
	f.told = make([]int64, len(f.received))
	if d.Audio != nil {
		f.user = SoundFormat{Encoding: d.Audio.Encoding, Channels: max(1, d.Audio.Channels)}
		f.buildUserRate()
	}
	return f
}

// buildUserRate sets the rate of the audio that is sent, once all its values are known.
func (f *formats) buildUserRate() {
	scope := &Scope{Vars: f.values, Session: f.values, Captured: f.values}
	if rate, err := f.d.Audio.Rate.Build(scope); err == nil {
		f.user.name(string(rate.Wire))
	}
}

// learn takes the rates that a received message tells.
func (f *formats) learn(e *Envelope, seq int64) {
	if f.d.Audio != nil && f.user.Rate == 0 {
		f.capture(e)
		if f.user.Rate != 0 {
			f.userSeq = seq
		}
	}
	if !f.learns {
		return
	}
	for i := range f.d.Receive.Audio {
		path := f.d.Receive.Audio[i].RateFrom
		if text, found := path.Text(e); found {
			f.received[i].name(text)
			f.told[i] = seq
		}
	}
}

// capture takes the values that the opening script captures from a message.
func (f *formats) capture(e *Envelope) {
	var wait Match
	for _, step := range f.d.Open {
		if step.Wait != nil {
			wait = step.Wait
		}
		if step.Capture == nil || wait == nil || !wait.Holds(e) {
			continue
		}
		for name, path := range step.Capture {
			if text, found := path.Text(e); found && len(text) <= MaxCapture {
				f.values[name] = text
			}
		}
		f.buildUserRate()
	}
}

// name takes the rate out of a number, or of a name such as "pcm_24000", "ulaw_8000" or
// "audio/pcm;rate=24000", and the encoding where the name has one.
func (f *SoundFormat) name(text string) {
	for number := range strings.FieldsFuncSeq(text, func(c rune) bool { return c < '0' || c > '9' }) {
		if rate, err := strconv.Atoi(number); err == nil && rate >= speech.MinRate && rate <= speech.MaxRate {
			f.Rate = rate
			break
		}
	}
	switch text = strings.ToLower(text); {
	case strings.Contains(text, "ulaw"):
		f.Encoding = MuLaw
	case strings.Contains(text, "alaw"):
		f.Encoding = ALaw
	}
}

// AudioReader takes the audio of one stream of a turn out of messages, one at a time.
type AudioReader struct {
	turn   Turn
	stream Stream
	rules  sentRules
	formats
}

// NewAudioReader returns an AudioReader. vars are as for NewReader.
func NewAudioReader(d *Dialect, vars map[string]string, t Turn, stream Stream) *AudioReader {
	return &AudioReader{turn: t, stream: stream, rules: d.sentRules(), formats: newFormats(d, vars)}
}

// Read returns the audio of a message and its format; none for messages outside the turn. It
// also learns rates, from messages before the turn too.
func (a *AudioReader) Read(m *transcript.Message) ([]byte, SoundFormat) {
	switch m.Direction {
	case transcript.Sent:
		if a.stream == StreamUser && m.Event != notSent && a.holds(m, a.turn.AudioStartUS, a.turn.AudioEndUS) {
			payload := payloadOf(m)
			if kind, holes := a.rules.recognise(m, payload); kind == sentAudio {
				return holes.Chunk, a.user
			}
		}
	case transcript.Received:
		return a.received(m)
	case transcript.Event:
	}
	return nil, SoundFormat{}
}

// holds reports whether a message belongs to the turn: parts of the next request may come
// before its end.
func (a *AudioReader) holds(m *transcript.Message, firstUS, lastUS int64) bool {
	at := m.At.UnixMicro()
	ended := a.turn.State != TurnOpen
	return m.Seq >= a.turn.FirstSeq && at >= firstUS && (!ended || m.Seq <= a.turn.LastSeq && (lastUS == 0 || at <= lastUS))
}

func (a *AudioReader) received(m *transcript.Message) ([]byte, SoundFormat) {
	if !a.tells() && !a.holds(m, a.turn.FirstAudioUS, 0) {
		return nil, SoundFormat{}
	}
	e, _ := a.d.Unpack(m.Opcode, payloadOf(m)) // what could be read of it is enough
	if e == nil {
		return nil, SoundFormat{}
	}
	a.learn(e, m.Seq)
	if !a.holds(m, a.turn.FirstAudioUS, 0) {
		return nil, SoundFormat{}
	}
	var all []byte
	var format SoundFormat
	for i := range a.d.Receive.Audio {
		rule := &a.d.Receive.Audio[i]
		if side(rule.Stream) != side(a.stream) {
			continue
		}
		if size, data := rule.find(e); size > 0 {
			all, format = append(all, data()...), a.formats.received[i]
		}
	}
	return all, format
}

// Learns reports whether messages tell the format of the audio: they must be read from the
// first one on.
func (a *AudioReader) Learns() bool { return a.tells() }

// tells reports whether messages before the turn may tell the format of its audio.
func (a *AudioReader) tells() bool {
	if a.stream == StreamUser {
		return a.user.Rate == 0
	}
	return a.learns
}

// withoutHeader returns the samples of a first frame that begins with the header of a WAV file.
func withoutHeader(chunk []byte) []byte {
	if len(chunk) < 44 || string(chunk[:4]) != "RIFF" || string(chunk[8:12]) != "WAVE" {
		return chunk
	}
	if at := bytes.Index(chunk, []byte("data")); at >= 0 && at+8 <= len(chunk) {
		return chunk[at+8:]
	}
	return chunk
}

// AudioWriter writes the audio of a turn: samples as a WAV file of s16le, Ogg Opus as it came.
type AudioWriter struct {
	to      io.Writer
	bytes   int64 // of the samples as s16le; negative when not known
	started bool
	rest    []byte // a sample that is not whole
}

// NewAudioWriter returns an AudioWriter. bytes is the length of the samples as s16le, for the
// header; a negative one is not known yet.
func NewAudioWriter(to io.Writer, bytes int64) *AudioWriter {
	return &AudioWriter{to: to, bytes: bytes}
}

// Write writes the next audio. The format of the first audio is that of the file.
func (w *AudioWriter) Write(data []byte, f SoundFormat) error {
	if len(data) == 0 {
		return nil
	}
	if f.Encoding == Opus {
		return w.put(data)
	}
	if !w.started {
		w.started = true
		if err := w.put(speech.WAVHeader(f.Rate, max(1, f.Channels), w.bytes)); err != nil {
			return err
		}
	}
	if f.Encoding == S16LE {
		return w.put(data)
	}
	samples, rest, err := speech.Decode(string(f.Encoding), append(w.rest, data...))
	if err != nil {
		return fmt.Errorf("decode audio: %w", err)
	}
	w.rest = bytes.Clone(rest)
	if data, err = speech.Encode(string(S16LE), samples); err != nil {
		return fmt.Errorf("encode audio: %w", err)
	}
	return w.put(data)
}

func (w *AudioWriter) put(data []byte) error {
	if _, err := w.to.Write(data); err != nil {
		return fmt.Errorf("write audio: %w", err)
	}
	return nil
}

// Part bounds a part of the audio of a turn. The zero value is all of it. Times count from the
// first audio of the message FromSeq, or of the turn; ToMS 0 is the end.
type Part struct{ FromSeq, FromMS, ToMS int64 }

// TurnSound is the audio of one stream of a turn that has ended, for a file.
type TurnSound struct {
	Format SoundFormat // of the first message; the zero value when there is no audio
	Size   int64       // bytes of the file

	part Part

	reader   func() *AudioReader
	messages iter.Seq2[transcript.Message, error]
	samples  int64 // bytes as s16le
}

// SoundOf measures the audio of a stream of a turn. messages is the log from its beginning, or
// from the turn where no message before tells a rate; it is read here and again by WriteTo.
// vars are as for NewReader. The error is that of the log, or an *speech.EncodingError.
//
// part is the part of the audio that is wanted.
func SoundOf(d *Dialect, vars map[string]string, t Turn, stream Stream, part Part, messages iter.Seq2[transcript.Message, error]) (*TurnSound, error) {
	s := &TurnSound{part: part, messages: messages, reader: func() *AudioReader { return NewAudioReader(d, vars, t, stream) }}
	counter := &countingWriter{}
	w := NewAudioWriter(counter, -1)
	err := s.each(func(data []byte, f SoundFormat) error {
		if len(data) > 0 && s.Format == (SoundFormat{}) {
			s.Format = f
		}
		return w.Write(data, f)
	})
	s.Size = counter.n
	if w.started {
		s.samples = s.Size - int64(len(speech.WAVHeader(s.Format.Rate, 1, 0)))
	}
	return s, err
}

// countingWriter counts bytes.
type countingWriter struct{ n int64 }

// Write implements io.Writer.
func (c *countingWriter) Write(data []byte) (int, error) {
	c.n += int64(len(data))
	return len(data), nil
}

// WriteTo writes the file: WAV, or Ogg when the format is Opus.
func (s *TurnSound) WriteTo(to io.Writer) (int64, error) {
	counter := &countingWriter{}
	err := s.each(NewAudioWriter(io.MultiWriter(to, counter), s.samples).Write)
	return counter.n, err
}

// each calls do with the audio of each message of the turn.
func (s *TurnSound) each(do func([]byte, SoundFormat) error) error {
	r := s.reader()
	var passed int64 // bytes of audio
	for m, err := range s.messages {
		if err != nil {
			return fmt.Errorf("read audio: %w", err)
		}
		if m.Seq > r.turn.LastSeq {
			break
		}
		data, format := r.Read(&m)
		if m.Seq < s.part.FromSeq {
			continue
		}
		wanted, isOver := s.cut(data, format, passed)
		passed += int64(len(data))
		if err := do(wanted, format); err != nil || isOver {
			return err
		}
	}
	return nil
}

// cut returns the wanted part of data, which follows passed bytes of audio.
func (s *TurnSound) cut(data []byte, f SoundFormat, passed int64) (wanted []byte, isOver bool) {
	width, err := speech.SampleBytes(string(f.Encoding))
	if err != nil || f.Rate <= 0 || s.part.FromMS == 0 && s.part.ToMS == 0 {
		return data, false
	}
	frame := int64(width * max(1, f.Channels))
	place := func(ms int64) int64 { return ms * int64(f.Rate) / 1000 * frame }
	length := int64(len(data))
	from, to := min(max(0, place(s.part.FromMS)-passed), length), length
	if s.part.ToMS > 0 {
		to = min(max(from, place(s.part.ToMS)-passed), length)
		isOver = passed+length >= place(s.part.ToMS)
	}
	return data[from:to], isOver
}
