package speech_test

import (
	"encoding/binary"
	"testing"
	"time"

	"duplex/bridge/speech"
)

// page returns a page of one packet of Ogg; its checksum is 0.
func page(granule int64, packet []byte) []byte {
	head := append([]byte("OggS\x00\x00"), binary.LittleEndian.AppendUint64(nil, uint64(granule))...)
	head = append(head, make([]byte, 12)...)
	table := []byte{}
	left := len(packet)
	for ; left >= 255; left -= 255 {
		table = append(table, 255)
	}
	table = append(table, byte(left))
	head = append(head, byte(len(table)))
	return append(append(head, table...), packet...)
}

func opus(granules ...int64) []byte {
	skip := []byte{0x38, 1} // 312 samples
	out := page(0, append([]byte("OpusHead\x01\x01"), append(skip, make([]byte, 7)...)...))
	out = append(out, page(0, []byte("OpusTags"))...)
	for _, granule := range granules {
		out = append(out, page(granule, make([]byte, 700))...)
	}
	return out
}

func TestOggOpusIsMeasuredByItsGranules(t *testing.T) {
	stream := opus(48000, -1, 96000+312)
	for _, size := range []int{1, 7, len(stream)} {
		var length speech.OggLength
		for rest := stream; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			length.Add(rest[:min(size, len(rest))])
		}
		if got := length.Length(); got != 2*time.Second {
			t.Errorf("in pieces of %d bytes: %v", size, got)
		}
	}
}

func TestOtherDataHasNoOggLength(t *testing.T) {
	var length speech.OggLength
	length.Add(make([]byte, 10_000))
	length.Add(page(48000, []byte("\x01vorbis......")))
	if got := length.Length(); got != 0 {
		t.Errorf("length %v", got)
	}
}

func TestOggIsFoundAfterOtherBytes(t *testing.T) {
	var length speech.OggLength
	length.Add(append([]byte("OgOOggg"), opus(24000+312)...))
	if got := length.Length(); got != 500*time.Millisecond {
		t.Errorf("length %v", got)
	}
}
