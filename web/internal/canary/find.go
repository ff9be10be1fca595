package canary

import "bytes"

// block is the number of bytes that the search compares at once.
const block = 3

// finder finds many needles in one pass, by the way of S. Wu and U. Manber ("A fast
// algorithm for multi-pattern searching", 1994): it looks at the end of a window as
// long as the shortest needle, and most of the time may jump the whole of it.
type finder struct {
	needles  []needle
	window   int            // the length of the shortest
	longest  int            // the length of the longest
	jump     [1 << 16]uint8 // by the hash of a block at the end of the window; 0: it may be a needle
	endingAt map[uint16][]int
}

func newFinder(needles []needle) *finder {
	f := &finder{needles: needles, endingAt: map[uint16][]int{}, window: 200} // a jump fits a byte
	for _, n := range needles {
		f.window, f.longest = min(f.window, len(n.text)), max(f.longest, len(n.text))
	}
	for i := range f.jump {
		f.jump[i] = uint8(f.window - block + 1) //nolint:gosec // at most 198
	}
	for i, n := range needles {
		for end := block; end <= f.window; end++ {
			hash := hashOf(n.text[end-3], n.text[end-2], n.text[end-1])
			f.jump[hash] = min(f.jump[hash], uint8(f.window-end)) //nolint:gosec // at most 197
		}
		hash := hashOf(n.text[f.window-3], n.text[f.window-2], n.text[f.window-1])
		f.endingAt[hash] = append(f.endingAt[hash], i)
	}
	return f
}

func hashOf(a, b, c byte) uint16 { return uint16(a)<<8 ^ uint16(b)<<4 ^ uint16(c) }

// find calls found with the position of every needle in text.
func (f *finder) find(text []byte, found func(n needle, at int)) {
	for end := f.window; end <= len(text); {
		hash := hashOf(text[end-3], text[end-2], text[end-1])
		if jump := f.jump[hash]; jump > 0 {
			end += int(jump)
			continue
		}
		at := end - f.window
		for _, i := range f.endingAt[hash] {
			if n := f.needles[i]; bytes.HasPrefix(text[at:], []byte(n.text)) {
				found(n, at)
			}
		}
		end++
	}
}
