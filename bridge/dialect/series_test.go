package dialect

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"duplex/bridge/transcript"
)

func seriesRow(direction transcript.Direction, atUS, size int64) *transcript.Row {
	return &transcript.Row{At: time.UnixMicro(atUS), Direction: direction, Opcode: transcript.Text, Size: size}
}

func seriesOf(q SeriesQuery, turns []Turn, rows ...*transcript.Row) *Series {
	m := NewSeriesMeter(q)
	for _, r := range rows {
		if !m.Add(r) {
			break
		}
	}
	return m.Series(turns)
}

var unknown = math.NaN()

func TestASeriesCountsMessagesAndBytes(t *testing.T) {
	got := seriesOf(SeriesQuery{FromUS: 1000, ToUS: 1100, Points: 4}, nil,
		seriesRow(transcript.Sent, 999, 7), // before
		seriesRow(transcript.Sent, 1000, 10), seriesRow(transcript.Event, 1001, 99),
		seriesRow(transcript.Received, 1024, 20), seriesRow(transcript.Received, 1025, 30), seriesRow(transcript.Received, 1034, 30),
		seriesRow(transcript.Sent, 1050, 1), seriesRow(transcript.Received, 1099, 40),
		seriesRow(transcript.Received, 1100, 50), // behind
	)
	want := &Series{
		FromUS: 1000, ToUS: 1100, StepUS: 25,
		Sent: []int64{1, 0, 1, 0}, Received: []int64{1, 2, 0, 1}, SentBytes: []int64{10, 0, 1, 0}, ReceivedBytes: []int64{20, 60, 0, 40},
		GapP50US: Figures{unknown, 1, unknown, unknown}, GapP95US: Figures{unknown, 9, unknown, unknown}, GapMaxUS: Figures{unknown, 9, unknown, unknown},
		Gaps: &Gaps{P50US: 1, P95US: 9, MaxUS: 9},
		Rate: Figures{unknown, unknown, unknown, unknown},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}

func TestGapsOfASeriesAreThoseOfTheAnswers(t *testing.T) {
	turns := []Turn{{MarkUS: 100, DoneUS: 140}, {MarkUS: 200}, {MarkUS: 300, DoneUS: 320}, {}}
	rows := []*transcript.Row{
		seriesRow(transcript.Received, 90, 1), seriesRow(transcript.Received, 110, 1), seriesRow(transcript.Sent, 112, 1),
		seriesRow(transcript.Received, 115, 1), seriesRow(transcript.Received, 140, 1), seriesRow(transcript.Received, 160, 1),
		seriesRow(transcript.Received, 210, 1), seriesRow(transcript.Received, 217, 1), seriesRow(transcript.Received, 310, 1), seriesRow(transcript.Received, 330, 1),
	}
	got := seriesOf(SeriesQuery{FromUS: 0, ToUS: 400, Points: 4, Answers: AnswerSpans(turns)}, turns, rows...)
	if want := (Figures{unknown, 5, 7, unknown}); !cmp.Equal(want, got.GapP50US, cmpopts.EquateNaNs()) {
		t.Errorf("medians %v, want %v", got.GapP50US, want)
	}
	if want := (Figures{unknown, 25, 7, unknown}); !cmp.Equal(want, got.GapMaxUS, cmpopts.EquateNaNs()) {
		t.Errorf("greatest %v, want %v", got.GapMaxUS, want)
	}
}

func TestAFrameOfAudioEndsNoGapWithoutTurns(t *testing.T) {
	frame := seriesRow(transcript.Sent, 15, 1)
	frame.Opcode = transcript.Binary
	got := seriesOf(SeriesQuery{FromUS: 0, ToUS: 100, Points: 1}, nil, seriesRow(transcript.Received, 10, 1), frame, seriesRow(transcript.Received, 20, 1),
		seriesRow(transcript.Sent, 25, 1), seriesRow(transcript.Received, 90, 1))
	if want := (&Gaps{P50US: 10, P95US: 10, MaxUS: 10}); !cmp.Equal(want, got.Gaps) {
		t.Errorf("gaps %+v", got.Gaps)
	}
}

// Parts of a series that are read one by one are those of the whole.
func TestASeriesContinues(t *testing.T) {
	var rows []*transcript.Row
	for at := int64(3); at < 1000; at += 1 + at%7 {
		rows = append(rows, seriesRow(transcript.Received, at, at))
	}
	whole := seriesOf(SeriesQuery{FromUS: 0, ToUS: 1000, Points: 10}, nil, rows...)
	tail := seriesOf(SeriesQuery{FromUS: 700, ToUS: 1000, Points: 3}, nil, rows...)
	if whole.StepUS != tail.StepUS || !slices.Equal(whole.GapP95US[7:], tail.GapP95US) || !slices.Equal(whole.ReceivedBytes[7:], tail.ReceivedBytes) {
		t.Errorf("whole %+v\ntail %+v", whole, tail)
	}
}

func TestARateIsThatOfTheText(t *testing.T) {
	second := int64(time.Second / time.Microsecond)
	pace := func(from int64, steps ...int64) *Pace {
		return &Pace{FromUS: from, ToUS: from + int64(len(steps))*second, StepUS: second, Characters: steps}
	}
	q := SeriesQuery{FromUS: 0, ToUS: 6 * second, Points: 6}
	spoken := []Turn{{Pace: pace(second, 40, 20)}, {Pace: pace(4*second+second/2, 30)}}
	got := seriesOf(q, spoken)
	if want := (Figures{unknown, 40, 20, unknown, 30, 30}); got.RateUnit != RateCharacters || !cmp.Equal(want, got.Rate, cmpopts.EquateNaNs()) {
		t.Errorf("rate %v %s, want %v", got.Rate, got.RateUnit, want)
	}
	spoken[0].Usage = map[string]int64{"output_tokens": 15}
	got = seriesOf(q, spoken)
	if want := (Figures{unknown, 10, 5, unknown, 7.5, 7.5}); got.RateUnit != RateTokens || !cmp.Equal(want, got.Rate, cmpopts.EquateNaNs()) {
		t.Errorf("rate %v %s, want %v", got.Rate, got.RateUnit, want)
	}
}

func TestFiguresOfASeriesAreNullWhereNothingWas(t *testing.T) {
	raw, err := json.Marshal(Figures{unknown, 0, 2.5})
	if err != nil || string(raw) != "[null,0,2.5]" {
		t.Fatalf("%s, %v", raw, err)
	}
	var back Figures
	if err := json.Unmarshal(raw, &back); err != nil || !cmp.Equal(back, Figures{unknown, 0, 2.5}, cmpopts.EquateNaNs()) {
		t.Errorf("%v, %v", back, err)
	}
}

func TestAPaceKeepsToItsSteps(t *testing.T) {
	var p pacer
	text := ""
	for at := int64(1); at < 20_000_000; at += 50_000 {
		text += "字ab"
		p.grow(at, len(text), "字ab")
	}
	got := p.snapshot()
	if len(got.Characters) > paceSteps || len(got.Characters) < paceSteps/2 || got.total() != int64(len([]rune(text))) {
		t.Errorf("pace %+v of %d characters", got, len([]rune(text)))
	}
	p.grow(20_000_000, 3, "abc") // the text was replaced by a shorter one
	if p.total() != got.total() {
		t.Errorf("%d characters", p.total())
	}
	p.grow(20_000_000, len(text)+4, strings.Repeat("x", len(text)+4))
	if p.total() != got.total()+4 {
		t.Errorf("%d characters, want 4 more than %d", p.total(), got.total())
	}
}
