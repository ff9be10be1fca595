package speech

import (
	"bytes"
	"encoding/binary"
	"time"
)

// opusRate is the rate of granule positions of Opus, whatever rate its audio has (RFC 7845
// section 4).
const opusRate = 48_000

// oggHeader is the length of a page header without its segment table (RFC 3533 section 6).
const oggHeader = 27

// OggLength measures Ogg Opus as it comes in pieces. The zero value is ready.
type OggLength struct {
	head    []byte // the header and the segment table of the current page, as far as they are read
	body    int    // bytes of the page that are left
	first   []byte // the beginning of the first packet
	pages   int
	granule int64
}

// Add takes the next bytes of the stream. Bytes outside pages are passed over.
func (o *OggLength) Add(data []byte) {
	for len(data) > 0 {
		if o.body > 0 {
			n := min(o.body, len(data))
			if o.pages == 1 && len(o.first) < 12 {
				o.first = append(o.first, data[:min(n, 12-len(o.first))]...)
			}
			o.body -= n
			data = data[n:]
			continue
		}
		o.head = append(o.head, data[0])
		data = data[1:]
		o.readHead()
	}
}

// readHead takes the page header when it is whole, and drops it when it is none.
func (o *OggLength) readHead() {
	capture := []byte("OggS")
	if n := min(len(o.head), len(capture)); !bytes.Equal(o.head[:n], capture[:n]) {
		last := o.head[len(o.head)-1]
		if o.head = o.head[:0]; last == capture[0] {
			o.head = append(o.head, last)
		}
		return
	}
	if len(o.head) < oggHeader || len(o.head) < oggHeader+int(o.head[oggHeader-1]) {
		return
	}
	for _, size := range o.head[oggHeader:] {
		o.body += int(size)
	}
	if granule := int64(binary.LittleEndian.Uint64(o.head[6:])); granule > 0 { // -1: no packet ends in the page
		o.granule = granule
	}
	o.pages++
	o.head = o.head[:0]
}

// Length returns the duration so far: the last granule position without the pre-skip of the
// header (RFC 7845 section 4.3). It is 0 for other data.
func (o *OggLength) Length() time.Duration {
	if len(o.first) < 12 || string(o.first[:8]) != "OpusHead" {
		return 0
	}
	skip := int64(binary.LittleEndian.Uint16(o.first[10:]))
	return lengthOf(max(0, o.granule-skip), opusRate)
}
