package frames

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/coder/websocket"
)

// byteByByte is a connection that reads one byte at a time.
type byteByByte struct {
	io.Reader
	io.Writer
	io.Closer
}

// A close frame that arrives byte by byte is withheld, and Read does not return 0 bytes more
// often than bufio allows.
func TestTricklingCloseFrameIsRead(t *testing.T) {
	reason := strings.Repeat("r", maxControl-2)
	in := appendFrame(nil, bitFinal|opText, []byte("hello"), false)
	before := len(in)
	in = appendClose(in, websocket.CloseError{Code: 4000, Reason: reason}, false)
	s := NewStream(byteByByte{Reader: iotest.OneByteReader(bytes.NewReader(in))}, nil, true)
	s.Reason = strings.ToUpper
	s.opened.Store(true)
	got, err := io.ReadAll(bufio.NewReader(s))
	if len(got) < before || !bytes.HasPrefix(in, got) {
		t.Errorf("passed %q", got)
	}
	if closed, ok := errors.AsType[websocket.CloseError](err); !ok || closed.Code != 4000 || closed.Reason != strings.ToUpper(reason) {
		t.Errorf("ended with %v", err)
	}
}

// headOf finds the boundary between two frames of the library.
func TestHeadsOfFramesAreRead(t *testing.T) {
	for _, tt := range []struct {
		first   byte
		size    int
		masked  bool
		control bool
	}{{bitFinal | opText, 5, true, false}, {opBinary, 70_000, false, false}, {bitFinal | opClose, 2, true, true}, {bitFinal | 9, 0, false, true}, {bitFinal, 300, true, false}} {
		frame := appendFrame(nil, tt.first, make([]byte, tt.size), tt.masked)
		control, size := headOf(frame[:min(len(frame), maxHeader)])
		if control != tt.control || size != int64(len(frame)) {
			t.Errorf("%+v: control %v, %d bytes of %d", tt, control, size, len(frame))
		}
	}
}
