package frames

import (
	"errors"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// A close frame that arrives byte by byte is read, and its reason is masked.
func TestTricklingCloseFrameIsRead(t *testing.T) {
	reason := strings.Repeat("r", MaxCloseReason)
	in := appendFrame(nil, bitFinal|opText, []byte("hello"), false)
	in = appendClose(in, websocket.CloseError{Code: 4000, Reason: reason}, false)
	l, _ := fedLink(in, 1, false, false, 0)
	l.Reason = strings.ToUpper
	if _, payload, err := l.ReadMessage(); err != nil || string(payload) != "hello" {
		t.Errorf("got %q, %v", payload, err)
	}
	_, _, err := l.ReadMessage()
	if closed, ok := errors.AsType[websocket.CloseError](err); !ok || closed.Code != 4000 || closed.Reason != strings.ToUpper(reason) {
		t.Errorf("ended with %v", err)
	}
}
