package speech

import (
	"testing"
)

// FuzzOggLength measures Ogg Opus in pieces of any size: the length is that of the whole, it is
// not negative, and no more than one header is held.
func FuzzOggLength(f *testing.F) {
	f.Add([]byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00aaaabbbbcccc\x01\x13OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00"), uint8(3))
	f.Add([]byte("OOOggOggS\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, piece uint8) {
		var whole, parts OggLength
		whole.Add(data)
		for rest := data; len(rest) > 0; {
			n := min(len(rest), int(piece%32)+1)
			parts.Add(rest[:n])
			rest = rest[n:]
			if len(parts.head) > oggHeader+255 || len(parts.first) > 12 {
				t.Fatalf("%d bytes of a header and %d of a packet are held", len(parts.head), len(parts.first))
			}
		}
		if whole.Length() != parts.Length() || whole.Length() < 0 {
			t.Errorf("the length is %v, and in pieces %v", whole.Length(), parts.Length())
		}
	})
}
