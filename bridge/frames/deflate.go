package frames

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"strings"
	"sync"
)

// minDeflated is the size in bytes of the smallest message that is compressed.
const minDeflated = 512

// deflateTail is what RFC 7692 section 7.2.1 removes from a compressed message, and an empty
// last block, which ends it for compress/flate.
const deflateTail = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

var (
	inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }}
	deflaters = sync.Pool{New: func() any {
		w, _ := flate.NewWriter(nil, flate.BestSpeed) // fails for unknown levels only
		return w
	}}
)

// newFlate returns an inflater of a message from the pool.
func newFlate(message io.Reader) io.ReadCloser {
	r, _ := inflaters.Get().(io.ReadCloser)
	resetter, _ := r.(flate.Resetter)
	_ = resetter.Reset(io.MultiReader(message, strings.NewReader(deflateTail)), nil) // never fails
	return r
}

// inflates checks a compressed message, and returns its size. Ok is false when it has to be
// looked at closer, by an inflater, and when it is larger than most; 0 is no limit.
func (l *Link) inflates(payload []byte, isText bool, most int) (size int64, ok bool) {
	r := newFlate(bytes.NewReader(payload))
	defer inflaters.Put(r)
	buf := takeLump()
	defer buf.put()
	text := textCheck{on: isText}
	for {
		n, err := r.Read(buf[:])
		isLast := errors.Is(err, io.EOF)
		size += int64(n)
		switch {
		case err != nil && !isLast, l.in.limit > 0 && size > l.in.limit, most > 0 && size > int64(most), !text.takes(buf[:n], isLast):
			return 0, false
		case isLast:
			return size, true
		}
	}
}

// inflated returns a message that inflates has checked.
func inflated(payload []byte) []byte {
	r := newFlate(bytes.NewReader(payload))
	defer inflaters.Put(r)
	plain, _ := io.ReadAll(r)
	return plain
}

// deflated compresses a message, without the tail.
func deflated(payload []byte) []byte {
	w, _ := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	_, _ = w.Write(payload) // a Buffer takes everything
	_ = w.Flush()
	return bytes.TrimSuffix(out.Bytes(), []byte(deflateTail[:4]))
}

// inflater reads a compressed message and counts its bytes.
type inflater struct {
	link   *Link
	next   io.ReadCloser // nil after the end
	left   int64         // bytes until the limit
	isText bool
}

func newInflater(l *Link, isText bool) *inflater {
	return &inflater{l, newFlate(payloadReader{l}), l.in.limit, isText}
}

// read implements source.
func (i *inflater) read(p []byte) (n int, key [4]byte, err error) {
	n, err = i.Read(p)
	return n, key, err
}

// Read implements io.Reader.
func (i *inflater) Read(p []byte) (int, error) {
	if i.next == nil {
		return 0, io.EOF
	}
	n, err := i.next.Read(p)
	i.left -= int64(n)
	if i.link.in.limit > 0 && i.left < 0 {
		return n + int(max(i.left, int64(-n))), i.link.noteEnd(&RuleError{Rule: TooLarge, Text: i.isText})
	}
	if err == nil {
		return n, nil
	}
	inflaters.Put(i.next)
	i.next = nil
	if i.link.ended != nil {
		return n, i.link.ended
	}
	if !errors.Is(err, io.EOF) {
		return n, i.link.noteEnd(&RuleError{Rule: Inflate})
	}
	if _, err := io.Copy(io.Discard, payloadReader{i.link}); err != nil { // behind a last block
		return n, err
	}
	return n, io.EOF
}
