package canary

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Watch collects the hits of one program or page.
type Watch struct {
	net *Net

	mu       sync.Mutex // guards the fields below
	hits     map[Hit]bool
	order    []Hit
	searched map[string]fs.FileInfo // files, as they were
}

// Watch returns one that has found nothing yet.
func (n *Net) Watch() *Watch {
	return &Watch{net: n, hits: map[Hit]bool{}, searched: map[string]fs.FileInfo{}}
}

// mostHits bounds the hits that are kept: a program that leaks in every answer is
// reported often enough.
const mostHits = 1000

// Hits returns the hits in order.
func (w *Watch) Hits() []Hit {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.order
}

func (w *Watch) add(h Hit) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.hits[h] {
		return
	}
	w.net.count(0, 0, 1)
	if len(w.order) < mostHits {
		w.hits[h] = true
		w.order = append(w.order, h)
	}
}

// Search searches a text that is there as a whole.
func (w *Watch) Search(place string, text []byte) {
	s := w.Stream(place)
	_, _ = s.Write(text) // never fails
}

// Files searches every file in a folder. One that did not change since is not searched
// again; one that is gone by now was somebody's scratch.
func (w *Watch) Files(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil || !d.Type().IsRegular():
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		w.Search("the name of a file", []byte(name))
		if err := w.file(path, "file "+name); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

func (w *Watch) file(path, place string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	now, err := f.Stat()
	if err != nil || !w.changed(path, now) {
		return err
	}
	_, err = io.CopyBuffer(onlyWriter{w.Stream(place)}, f, make([]byte, 256<<10))
	return err
}

func (w *Watch) changed(path string, now fs.FileInfo) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	before, known := w.searched[path]
	w.searched[path] = now
	return !known || before.Size() != now.Size() || !before.ModTime().Equal(now.ModTime()) || !os.SameFile(before, now)
}

// onlyWriter hides other methods of a writer, so that io.CopyBuffer uses the given
// buffer.
type onlyWriter struct{ io.Writer }

// Stream searches the data written to it, across writes. It belongs to one goroutine.
type Stream struct {
	w      *Watch
	place  string
	held   []byte // the end of the data, where a needle may begin
	offset int64  // of held
}

// Stream returns one for a place.
func (w *Watch) Stream(place string) *Stream {
	w.net.count(1, 0, 0)
	return &Stream{w: w, place: place}
}

// Write implements io.Writer. It never fails.
func (s *Stream) Write(p []byte) (int, error) {
	f := s.w.net.current()
	s.w.net.count(0, int64(len(p)), 0)
	keep := max(0, f.longest-1)
	if len(s.held) > 0 { // a needle across the two writes
		seam := append(s.held, p[:min(len(p), keep)]...)
		s.search(f, seam, s.offset)
		if len(p) <= keep {
			s.hold(seam, keep, s.offset)
			return len(p), nil
		}
		s.offset += int64(len(s.held))
	}
	s.search(f, p, s.offset)
	s.hold(p, keep, s.offset)
	return len(p), nil
}

func (s *Stream) search(f *finder, text []byte, offset int64) {
	f.find(text, func(n needle, at int) {
		s.w.add(Hit{Secret: n.secret, Encoding: n.encoding, Place: s.place, Offset: offset + int64(at)})
	})
}

// hold keeps the end of text, which begins at offset.
func (s *Stream) hold(text []byte, keep int, offset int64) {
	cut := max(0, len(text)-keep)
	s.held, s.offset = append([]byte(nil), text[cut:]...), offset+int64(cut)
}
