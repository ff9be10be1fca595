package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"duplex/bridge/testkit"
)

// verdict says whether a figure holds.
type verdict string

const (
	verdictHeld    verdict = "held"
	verdictPart    verdict = "held in part"
	verdictNotHeld verdict = "NOT HELD"
	verdictUnknown verdict = "NOT MEASURED"
)

// result is a figure as it was measured.
type result struct {
	figure figure
	rows   []testkit.Figure // one for each name, the worst
	failed []string         // tests
	missed []string         // why something was not measured
	left   []string         // parts that take longer or need more than this run has
	took   time.Duration
}

// add takes a reported value. Where the name was reported before, the worse of both counts.
func (r *result) add(f testkit.Figure) {
	at := slices.IndexFunc(r.rows, func(row testkit.Figure) bool { return row.Name == f.Name })
	if at < 0 {
		r.rows = append(r.rows, f)
		return
	}
	if row := &r.rows[at]; f.Sign == ">=" && f.Value < row.Value || f.Sign == "<=" && f.Value > row.Value {
		*row = f
	}
}

func (r *result) verdict() verdict {
	switch {
	case len(r.failed) > 0 || slices.ContainsFunc(r.rows, func(f testkit.Figure) bool { return !f.Holds() }):
		return verdictNotHeld
	case len(r.missed) > 0 || len(r.rows) == 0:
		return verdictUnknown
	case len(r.left) > 0:
		return verdictPart
	default:
		return verdictHeld
	}
}

// print writes the figure with all that was measured for it.
func (r *result) print(w io.Writer) {
	fmt.Fprintf(w, "%2d %s: %s (%s, %v)\n", r.figure.number, r.figure.name, r.verdict(), r.figure.key, r.took.Round(time.Second))
	for _, row := range r.rows {
		mark := ""
		if !row.Holds() {
			mark = "  NOT HELD"
		}
		fmt.Fprintf(w, "     %-58s %12s   %s %s%s\n", row.Name, quantity(row.Value, row.Unit), row.Sign, quantity(row.Bound, row.Unit), mark)
	}
	for _, test := range r.failed {
		fmt.Fprintf(w, "     failed: %s\n", test)
	}
	for _, part := range r.left {
		fmt.Fprintf(w, "     left out: %s\n", part)
	}
	for _, why := range r.missed {
		fmt.Fprintf(w, "     not measured: %s\n", why)
	}
}

// summarise writes one line for each figure: the row that comes closest to its bound.
func summarise(w io.Writer, results []*result) {
	fmt.Fprintf(w, "\n%2s  %-14s %-66s %12s   %-12s %s\n", "", "figure", "nearest to its bound", "measured", "bound", "")
	for _, r := range results {
		name, value, bound := "", "", ""
		if row := r.nearest(); row != nil {
			name, value, bound = row.Name, quantity(row.Value, row.Unit), row.Sign+" "+quantity(row.Bound, row.Unit)
		}
		fmt.Fprintf(w, "%2d  %-14s %-66s %12s   %-12s %s\n", r.figure.number, r.figure.key, name, value, bound, r.verdict())
	}
}

// nearest returns the row that comes closest to its bound, or is furthest beyond it.
func (r *result) nearest() *testkit.Figure {
	share := func(f testkit.Figure) float64 {
		switch {
		case !f.Holds():
			return math.Inf(1)
		case f.Value == f.Bound:
			return -1 // 0 of 0, 10 of 10: as it has to be
		case f.Sign == ">=":
			return f.Bound / f.Value
		default:
			return f.Value / f.Bound
		}
	}
	if len(r.rows) == 0 {
		return nil
	}
	row := slices.MaxFunc(r.rows, func(a, b testkit.Figure) int {
		if share(a) < share(b) {
			return -1
		}
		return 1
	})
	return &row
}

// quantity writes a number with its unit: whole, or with three digits.
func quantity(v float64, unit string) string {
	text := strconv.FormatFloat(v, 'g', 3, 64)
	if v == math.Trunc(v) || math.Abs(v) >= 100 {
		text = strconv.FormatFloat(v, 'f', 0, 64)
	}
	if unit == "" {
		return text
	}
	return text + " " + unit
}
