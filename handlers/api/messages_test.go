package api

import (
	"testing"

	"duplex/bridge/transcript"
)

func TestNextAfterIsWhereTheSearchGotTo(t *testing.T) {
	rows := func(seqs ...int64) (out []transcript.Row) {
		for _, seq := range seqs {
			out = append(out, transcript.Row{Seq: seq})
		}
		return out
	}
	tests := []struct {
		name string
		q    transcript.Query
		rows []transcript.Row
		last int64
		want int64
	}{
		{"full page", transcript.Query{Limit: 2}, rows(1, 2), 9, 2},
		{"short page", transcript.Query{Limit: 5}, rows(1, 2), 9, 9},
		{"nothing found", transcript.Query{Limit: 5, After: 3, Text: "x"}, nil, 9, 9},
		{"bounded", transcript.Query{Limit: 5, Before: 7}, rows(2), 9, 6},
		{"latest", transcript.Query{Limit: 2, Latest: true}, rows(8, 9), 9, 9},
		{"stored meanwhile", transcript.Query{Limit: 5}, rows(9, 10), 9, 10},
		{"beyond the end", transcript.Query{Limit: 5, After: 12}, nil, 9, 12},
	}
	for _, tt := range tests {
		if got := nextAfter(tt.q, tt.rows, tt.last); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}
