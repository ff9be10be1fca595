package shape

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
	"duplex/views/text"
)

// DialectSummary names a dialect in a list.
type DialectSummary struct {
	Name      string `json:"name"`
	Title     string `json:"title"`
	Builtin   bool   `json:"builtin"`
	Suggested bool   `json:"suggested,omitempty"` // it recognises an address
}

// Dialect describes a dialect.
type Dialect struct {
	DialectSummary

	YAML       string            `json:"yaml"`
	Source     string            `json:"source,omitempty"`
	Checked    string            `json:"checked,omitempty"`
	Until      string            `json:"until,omitempty"`
	Owner      string            `json:"owner,omitempty"`
	UpdatedAt  int64             `json:"updated_at_us,omitempty"`
	Vars       []Var             `json:"vars"`
	Secrets    []DialectSecret   `json:"secrets"`
	TakesText  bool              `json:"takes_text"`
	TakesAudio *wire.AudioFormat `json:"takes_audio,omitempty"`
	Reads      []string          `json:"reads"`            // the paths of the answer
	Speaks     string            `json:"speaks,omitempty"` // "transcript", "voice"; "" for others
	Limits     wire.Limits       `json:"limits"`
	Sends      []DialectSend     `json:"sends"`
}

// Var describes a variable of a dialect.
type Var struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Default  string `json:"default"`
	Required bool   `json:"required"`
}

// DialectSecret names a secret of a dialect.
type DialectSecret struct {
	Name     string `json:"name"`
	Optional bool   `json:"optional"`
}

// DialectSend is a message that a dialect sends.
type DialectSend struct {
	When   string            `json:"when"` // open, text, audio, keepalive, reply, finish
	Opcode transcript.Opcode `json:"opcode"`
	Text   string            `json:"text"` // its template
	Label  string            `json:"label,omitempty"`
}

// InLanguage returns the text in the language of t, else in English, else any.
func InLanguage(t *text.Catalogue, texts map[string]string) string {
	language, _, _ := strings.Cut(t.Tag(), "-")
	if said := cmp.Or(texts[language], texts["en"]); said != "" {
		return said
	}
	for _, said := range texts {
		return said
	}
	return ""
}

// DialectSummaryOf maps a dialect for a list.
func DialectSummaryOf(t *text.Catalogue, d *dialect.Dialect) DialectSummary {
	_, builtin := dialect.Builtin(d.Name)
	return DialectSummary{Name: d.Name, Title: cmp.Or(InLanguage(t, d.Title), d.Name), Builtin: builtin}
}

// DialectOf maps a dialect. saved is nil for a built-in one.
func DialectOf(t *text.Catalogue, d *dialect.Dialect, saved *bridge.SavedDialect) *Dialect {
	out := &Dialect{
		DialectSummary: DialectSummaryOf(t, d), YAML: string(d.Bytes()),
		Source: d.Source.URL, Checked: d.Source.Checked, Until: d.Source.Until,
		Vars: []Var{}, Secrets: []DialectSecret{}, Sends: sendsOf(d), Reads: []string{},
		TakesText: d.Text != nil, TakesAudio: audioFormatOf(d, nil), Speaks: d.Speaks(), Limits: limitsOf(&d.Limits),
	}
	if saved != nil {
		out.Owner, out.UpdatedAt = cmp.Or(saved.OwnerName, saved.Owner), wire.Micros(saved.UpdatedAt)
	}
	for i := range d.Receive.Text {
		if rule := &d.Receive.Text[i]; rule.Stream != dialect.StreamUser && !slices.Contains(out.Reads, rule.Path.String()) {
			out.Reads = append(out.Reads, rule.Path.String())
		}
	}
	for _, v := range d.Vars {
		out.Vars = append(out.Vars, Var{Name: v.Name, Title: cmp.Or(InLanguage(t, v.Title), v.Name), Default: v.Default, Required: v.Required})
	}
	for _, s := range d.Secrets {
		out.Secrets = append(out.Secrets, DialectSecret{Name: s.Name, Optional: s.Optional})
	}
	return out
}

// audioFormatOf returns the form in which a dialect sends speech with these variables; nil
// when it sends none, or when the variables give no rate.
func audioFormatOf(d *dialect.Dialect, vars map[string]string) *wire.AudioFormat {
	if d.Audio == nil {
		return nil
	}
	scope := dialect.Scope{Vars: map[string]string{}}
	for _, v := range d.Vars {
		scope.Vars[v.Name] = cmp.Or(vars[v.Name], v.Default)
	}
	rate := 0
	if built, err := d.Audio.Rate.Build(&scope); err == nil {
		rate, _ = strconv.Atoi(string(built.Wire))
	}
	if rate <= 0 {
		return nil
	}
	frame := d.Audio.Frame
	if bytes := rate * max(d.Audio.Channels, 1) * sampleSize(d.Audio.Encoding); frame == 0 && bytes > 0 {
		frame = time.Duration(d.Audio.FrameSize) * time.Second / time.Duration(bytes)
	}
	return &wire.AudioFormat{Rate: rate, Encoding: d.Audio.Encoding, Channels: max(d.Audio.Channels, 1), FrameMS: int(frame.Milliseconds())}
}

// sampleSize returns the bytes of a sample; 0 when it varies.
func sampleSize(e dialect.Encoding) int {
	switch e {
	case dialect.S16LE:
		return 2
	case dialect.F32LE:
		return 4
	case dialect.MuLaw, dialect.ALaw:
		return 1
	case dialect.Opus:
	}
	return 0
}

func limitsOf(l *dialect.Limits) wire.Limits {
	return wire.Limits{
		MessageBytes: l.Message, FrameMinBytes: l.FrameMin, FrameMaxBytes: l.FrameMax, Rate: l.Rate,
		IdleMS: l.Idle.Milliseconds(), IdleAudio: l.IdleCountsAudio, GapMS: l.Gap.Milliseconds(),
		AudioMS: l.Audio.Milliseconds(), SessionMS: l.Session.Milliseconds(), RequestMS: l.Request.Milliseconds(), Chars: l.Chars,
	}
}

// The occasions of a DialectSend.
const (
	whenOpen      = "open"
	whenText      = "text"
	whenAudio     = "audio"
	whenKeepalive = "keepalive"
	whenReply     = "reply"
	whenCancel    = "cancel"
	whenFinish    = "finish"
)

// sendsOf lists the messages that a dialect sends, in their order.
func sendsOf(d *dialect.Dialect) []DialectSend {
	out := []DialectSend{}
	noter := dialect.NewNoter(d, nil)
	add := func(when string, m *dialect.Message) {
		if m != nil {
			label := noter.Label(&transcript.Message{Direction: transcript.Sent, Opcode: m.Opcode, Payload: []byte(m.String())})
			out = append(out, DialectSend{When: when, Opcode: m.Opcode, Text: m.String(), Label: label})
		}
	}
	steps := func(when string, steps []dialect.Step) {
		for i := range steps {
			add(when, steps[i].Send)
		}
	}
	steps(whenOpen, d.Open)
	if d.Text != nil {
		steps(whenText, d.Text.Send)
	}
	if a := d.Audio; a != nil {
		add(whenAudio, a.First)
		add(whenAudio, a.Each)
		add(whenAudio, a.Last)
		steps(whenAudio, a.End)
	}
	if d.Keepalive != nil {
		add(whenKeepalive, d.Keepalive.Send)
	}
	for i := range d.Replies {
		add(whenReply, d.Replies[i].Send)
	}
	for i := range d.Cancel {
		add(whenCancel, &d.Cancel[i])
	}
	for i := range d.Finish {
		add(whenFinish, &d.Finish[i])
	}
	return out
}
