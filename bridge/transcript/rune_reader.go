package transcript

import (
	"bufio"
	"errors"
	"io"
)

// runeReader remembers why reading stopped: package regexp takes every error for the
// end.
type runeReader struct {
	*bufio.Reader
	err error
}

func newRuneReader(r io.Reader) *runeReader { return &runeReader{Reader: bufio.NewReader(r)} }

// ReadRune implements io.RuneReader.
func (r *runeReader) ReadRune() (rune, int, error) {
	c, size, err := r.Reader.ReadRune()
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return c, size, err
}
