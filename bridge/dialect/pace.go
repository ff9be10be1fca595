package dialect

import (
	"slices"
	"unicode/utf8"
)

// Pace counts the characters of an answer by the time of their coming. It is not part of the
// turn that the API tells: a Series folds it into a rate.
type Pace struct {
	FromUS     int64   `json:"from_us"` // of the first text
	ToUS       int64   `json:"to_us"`   // of the last text
	StepUS     int64   `json:"step_us"`
	Characters []int64 `json:"characters"` // of each step
}

// pacer is a Pace as it is computed.
type pacer struct {
	Pace

	bytes int64 // the most that the text had
}

const (
	paceStep  = 100_000 // µs, until a turn is longer than its steps
	paceSteps = 32
)

// grow takes the size of the text after a piece of it. Text that replaces other text counts
// where it makes the whole longer.
func (p *pacer) grow(atUS int64, size int, piece string) {
	grown := int64(size) - p.bytes
	if grown <= 0 || piece == "" {
		return
	}
	p.bytes = int64(size)
	if p.FromUS == 0 {
		p.FromUS, p.StepUS = atUS, paceStep
	}
	p.ToUS = max(p.ToUS, atUS)
	for atUS-p.FromUS >= p.StepUS*paceSteps {
		p.widen()
	}
	at := int(max(0, atUS-p.FromUS) / p.StepUS)
	for len(p.Characters) <= at {
		p.Characters = append(p.Characters, 0)
	}
	p.Characters[at] += max(1, grown*int64(utf8.RuneCountInString(piece))/int64(len(piece)))
}

// widen doubles the steps.
func (p *pacer) widen() {
	half := p.Characters[:0]
	for pair := range slices.Chunk(p.Characters, 2) {
		sum := pair[0]
		if len(pair) == 2 {
			sum += pair[1]
		}
		half = append(half, sum)
	}
	p.Characters, p.StepUS = half, p.StepUS*2
}

// snapshot returns a copy; nil when there is no text.
func (p *pacer) snapshot() *Pace {
	if p.FromUS == 0 {
		return nil
	}
	out := p.Pace
	out.Characters = slices.Clone(p.Characters)
	return &out
}

// total returns the characters of all steps.
func (p *Pace) total() (sum int64) {
	for _, n := range p.Characters {
		sum += n
	}
	return sum
}
