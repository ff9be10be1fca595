package api

import (
	"errors"
	"iter"
	"testing"

	"duplex/bridge/transcript"
)

func TestExportEndsWhereTheSessionWasWhenItBegan(t *testing.T) {
	var endless iter.Seq2[transcript.Message, error] = func(yield func(transcript.Message, error) bool) {
		for seq := int64(1); yield(transcript.Message{Seq: seq}, nil); seq++ {
		}
	}
	var last int64
	for m, err := range limitMessages(7, endless) {
		if err != nil {
			t.Fatal(err)
		}
		last = m.Seq
	}
	if last != 7 {
		t.Errorf("ended with %d", last)
	}
	broken := errors.New("disk gone")
	for _, err := range limitMessages(7, func(yield func(transcript.Message, error) bool) { yield(transcript.Message{}, broken) }) {
		if !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	}
	var at error
	for _, err := range limitMessages(7, func(yield func(transcript.Message, error) bool) { yield(transcript.Message{Seq: 6}, nil) }) {
		at = err
	}
	if !errors.Is(at, errShortened) {
		t.Errorf("the end was deleted: %v", at)
	}
}
