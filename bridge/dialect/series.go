package dialect

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"duplex/bridge/transcript"
)

// MaxPoints is the largest number of steps of a Series.
const MaxPoints = 2000

// Span is a part of a session, in microseconds since 1970. Both ends belong to it.
type Span struct{ FromUS, ToUS int64 }

// SeriesQuery selects the part of a session that a Series covers, and the number of its steps.
type SeriesQuery struct {
	FromUS int64
	ToUS   int64 // at least FromUS
	Points int   // from 1 to MaxPoints

	// Answers are the spans in which gaps are measured: from the mark of each turn to its end,
	// in their order. With nil a gap is measured where nothing was sent in between.
	Answers []Span
}

// Series is the course of a session in steps of equal length. A gap is the time between a
// received message and the received one before it, and counts in the step of the later one.
type Series struct {
	FromUS        int64   `json:"from_us"`
	ToUS          int64   `json:"to_us"` // the end of the last step
	StepUS        int64   `json:"step_us"`
	Sent          []int64 `json:"sent"` // messages
	Received      []int64 `json:"received"`
	SentBytes     []int64 `json:"sent_bytes"`
	ReceivedBytes []int64 `json:"received_bytes"`
	GapP50US      Figures `json:"gap_p50_us"`
	GapP95US      Figures `json:"gap_p95_us"`
	GapMaxUS      Figures `json:"gap_max_us"`
	Gaps          *Gaps   `json:"gaps,omitempty"` // of all steps; nil when there is none
	Rate          Figures `json:"rate"`           // of the answers' text, a second
	RateUnit      string  `json:"rate_unit"`      // RateTokens or RateCharacters; "" without text
}

// The units of Series.Rate.
const (
	RateTokens     = "tokens"
	RateCharacters = "characters"
)

// Figures are numbers of which some are not known: NaN, and null in JSON.
type Figures []float64

// MarshalJSON implements json.Marshaler.
func (f Figures) MarshalJSON() ([]byte, error) {
	out := append(make([]byte, 0, 8*len(f)+2), '[')
	for i, v := range f {
		if i > 0 {
			out = append(out, ',')
		}
		if math.IsNaN(v) {
			out = append(out, "null"...)
		} else {
			out = strconv.AppendFloat(out, v, 'f', -1, 64)
		}
	}
	return append(out, ']'), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (f *Figures) UnmarshalJSON(raw []byte) error {
	var values []*float64
	if err := json.Unmarshal(raw, &values); err != nil {
		return err
	}
	*f = make(Figures, len(values))
	for i, v := range values {
		(*f)[i] = math.NaN()
		if v != nil {
			(*f)[i] = *v
		}
	}
	return nil
}

func unknownFigures(n int) Figures {
	out := make(Figures, n)
	for i := range out {
		out[i] = math.NaN()
	}
	return out
}

// SeriesMeter computes a Series from the rows of a log, in their order. It looks at their
// time, direction, opcode and size only. Rows before the span let it know the first gap.
type SeriesMeter struct {
	q       SeriesQuery
	out     Series
	last    int64 // time of the received message before; 0 for none, or when a sent one ended the chain
	answers []Span
	step    int      // of gaps
	gaps    []uint32 // of that step, in µs
	all     gaps
}

// NewSeriesMeter returns a SeriesMeter.
func NewSeriesMeter(q SeriesQuery) *SeriesMeter {
	length := max(1, q.ToUS-q.FromUS)
	step := (length + int64(q.Points) - 1) / int64(q.Points)
	n := int((length + step - 1) / step)
	counts := make([]int64, 4*n)
	return &SeriesMeter{q: q, answers: q.Answers, out: Series{
		FromUS: q.FromUS, ToUS: q.FromUS + int64(n)*step, StepUS: step,
		Sent: counts[:n:n], Received: counts[n : 2*n : 2*n], SentBytes: counts[2*n : 3*n : 3*n], ReceivedBytes: counts[3*n:],
		GapP50US: unknownFigures(n), GapP95US: unknownFigures(n), GapMaxUS: unknownFigures(n), Rate: unknownFigures(n),
	}}
}

// Add takes the next row and reports whether later ones may count.
func (m *SeriesMeter) Add(r *transcript.Row) bool {
	at := r.At.UnixMicro()
	if at >= m.out.ToUS {
		return false
	}
	step := int((at - m.q.FromUS) / m.out.StepUS)
	inside := at >= m.q.FromUS
	switch r.Direction {
	case transcript.Sent:
		if m.q.Answers == nil && r.Opcode == transcript.Text {
			m.last = 0 // a frame of audio is no request
		}
		if inside {
			m.out.Sent[step]++
			m.out.SentBytes[step] += r.Size
		}
	case transcript.Received:
		if inside {
			m.out.Received[step]++
			m.out.ReceivedBytes[step] += r.Size
			if m.last > 0 && m.inAnswer(m.last, at) {
				m.addGap(step, at-m.last)
			}
		}
		m.last = at
	case transcript.Event:
	}
	return true
}

// inAnswer reports whether both ends of a gap belong to one answer.
func (m *SeriesMeter) inAnswer(fromUS, toUS int64) bool {
	if m.q.Answers == nil {
		return true
	}
	for len(m.answers) > 0 && m.answers[0].ToUS < toUS {
		m.answers = m.answers[1:]
	}
	return len(m.answers) > 0 && m.answers[0].FromUS <= fromUS
}

func (m *SeriesMeter) addGap(step int, gap int64) {
	if step != m.step {
		m.closeStep()
		m.step = step
	}
	gap = min(max(0, gap), maxGap)
	m.gaps = append(m.gaps, uint32(gap))
	m.all.add(gap)
}

func (m *SeriesMeter) closeStep() {
	if len(m.gaps) == 0 {
		return
	}
	slices.Sort(m.gaps)
	at := func(percent int) float64 { return float64(m.gaps[(len(m.gaps)*percent+99)/100-1]) }
	m.out.GapP50US[m.step], m.out.GapP95US[m.step], m.out.GapMaxUS[m.step] = at(50), at(95), at(100)
	m.gaps = m.gaps[:0]
}

// Series returns the result, with the rates of the turns' text.
func (m *SeriesMeter) Series(turns []Turn) *Series {
	m.closeStep()
	m.out.Gaps = m.all.measured()
	m.out.addRate(turns)
	return &m.out
}

// addRate spreads the pace of each answer over the steps. Where the service counts tokens,
// characters are converted by each turn's own ratio, else by that of all turns.
func (s *Series) addRate(turns []Turn) {
	var characters, tokens int64
	for i := range turns {
		if n := turns[i].Usage[OutputTokens]; n > 0 && turns[i].Pace != nil {
			characters, tokens = characters+turns[i].Pace.total(), tokens+n
		}
	}
	amount, covered := make([]float64, len(s.Rate)), make([]float64, len(s.Rate))
	for i := range turns {
		p := turns[i].Pace
		if p == nil {
			continue
		}
		scale := 1.0
		if n := turns[i].Usage[OutputTokens]; n > 0 {
			scale = float64(n) / float64(p.total())
		} else if characters > 0 {
			scale = float64(tokens) / float64(characters)
		}
		for at, n := range p.Characters {
			from := p.FromUS + int64(at)*p.StepUS
			s.spread(amount, covered, float64(n)*scale, from, min(from+p.StepUS, p.ToUS))
		}
	}
	for i := range s.Rate {
		if covered[i] > 0 {
			s.Rate[i] = math.Round(amount[i]/covered[i]*1e8) / 100
			s.RateUnit = RateCharacters
		}
	}
	if s.RateUnit != "" && tokens > 0 {
		s.RateUnit = RateTokens
	}
}

// OutputTokens is the name in Turn.Usage of the length of an answer.
const OutputTokens = "output_tokens"

// spread adds an amount evenly to the steps between two times, and the time that it covers.
func (s *Series) spread(amount, covered []float64, n float64, fromUS, toUS int64) {
	if toUS <= fromUS {
		return
	}
	each := n / float64(toUS-fromUS)
	for at := max(fromUS, s.FromUS); at < min(toUS, s.ToUS); {
		step := (at - s.FromUS) / s.StepUS
		end := min(toUS, s.FromUS+(step+1)*s.StepUS)
		amount[step] += each * float64(end-at)
		covered[step] += float64(end - at)
		at = end
	}
}

// AnswerSpans returns the spans of the turns' answers: from the mark to done, else to the mark
// of the next one. They do not overlap.
func AnswerSpans(turns []Turn) []Span {
	out := make([]Span, 0, len(turns))
	for i := range turns {
		t := &turns[i]
		if t.MarkUS == 0 {
			continue
		}
		if last := len(out) - 1; last >= 0 {
			out[last].ToUS = min(out[last].ToUS, t.MarkUS)
		}
		end := t.DoneUS
		if end == 0 {
			end = math.MaxInt64
		}
		out = append(out, Span{t.MarkUS, end})
	}
	return out
}
