package store

import (
	"bufio"
	"strings"
	"testing"
)

// A small file can unpack to a line without an end.
func TestALineOfABackupIsBounded(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("x", 99) + "\n": "",
		strings.Repeat("x", 100):       "cut off",
		strings.Repeat("x", 1000):      "longer than any row",
		"":                             "cut off",
	} {
		b := backupReader{lines: bufio.NewReaderSize(strings.NewReader(text), 16), longest: 100}
		line, err := b.line()
		if want == "" && (err != nil || string(line) != text) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%d bytes: %q, %v", len(text), line, err)
		}
	}
}
