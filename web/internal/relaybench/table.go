package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// table gathers figures and prints them beside each other.
type table struct {
	peers   []*peer
	figures map[string]map[*peer][]row // by measure
}

// row holds the values of one figure in all rounds.
type row struct {
	figure

	values []float64
}

func newTable(peers []*peer) *table {
	return &table{peers, map[string]map[*peer][]row{}}
}

func (t *table) add(m *measure, p *peer, figures []figure) {
	of := t.figures[m.name]
	if of == nil {
		of = map[*peer][]row{}
		t.figures[m.name] = of
	}
	if of[p] == nil {
		of[p] = make([]row, len(figures))
	}
	for i, f := range figures {
		of[p][i].figure = f
		of[p][i].values = append(of[p][i].values, f.value)
	}
}

// print writes the medians of a measure, each with its ratio to the base.
func (t *table) print(w io.Writer, m *measure) {
	of := t.figures[m.name]
	fmt.Fprintf(w, "%s\n", m.name)
	for _, p := range t.peers {
		rows, ok := of[p]
		if !ok {
			continue
		}
		var line strings.Builder
		fmt.Fprintf(&line, "  %-34s", p.name)
		for i, r := range rows {
			fmt.Fprintf(&line, "%-36s", fmt.Sprintf("%s %s%s%s", r.name, number3(median(r.values)), r.unit, t.ratio(of, p, i)))
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

// ratio returns the ratio of a figure to the better of nginx's, or for a recorded relay to
// that of the relay that records nothing.
func (t *table) ratio(of map[*peer][]row, p *peer, i int) string {
	base := math.NaN()
	for _, other := range t.peers {
		rows, ok := of[other]
		isBase := strings.HasPrefix(other.name, "nginx")
		if p.kind == oursRecorded {
			isBase = other.kind == ours
		}
		if !ok || !isBase {
			continue
		}
		value := median(rows[i].values)
		if math.IsNaN(base) || rows[i].better == more && value > base || rows[i].better == less && value < base {
			base = value
		}
	}
	if math.IsNaN(base) || base == 0 || p.kind == direct {
		return ""
	}
	return fmt.Sprintf(" (%.2f)", median(of[p][i].values)/base)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// number3 writes a number with three digits at least.
func number3(v float64) string {
	if math.Abs(v) >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}
