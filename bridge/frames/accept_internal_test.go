package frames

import (
	"net/http"
	"testing"
)

func TestDeflateIsChosenFromTheOffers(t *testing.T) {
	for _, tt := range []struct {
		lines  []string
		offer  string
		window int
	}{
		{nil, "", 0},
		{[]string{"permessage-deflate"}, "permessage-deflate", 0},
		{[]string{"permessage-deflate; client_max_window_bits"}, "permessage-deflate; client_max_window_bits", 0},                                   // Chromium, Node ws
		{[]string{"permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"}, "permessage-deflate; client_max_window_bits=12", 12}, // Python websockets
		{[]string{"bbf-usp-protocol, Permessage-Deflate;server_no_context_takeover"}, "permessage-deflate; server_no_context_takeover", 0},
		{[]string{"x-webkit-deflate-frame", "permessage-deflate; server_max_window_bits=10"}, "permessage-deflate", 10},
		{[]string{"permessage-deflate; server_max_window_bits=7, permessage-deflate"}, "permessage-deflate", 0},
		{[]string{"permessage-deflate; server_max_window_bits=16"}, "", 0},
		{[]string{"permessage-deflate; server_max_window_bits=9; server_max_window_bits=10"}, "", 0},
		{[]string{"permessage-deflate; server_max_window_bits"}, "", 0},
		{[]string{"permessage-deflate; new_parameter"}, "", 0},
	} {
		offer, window := chooseDeflate(http.Header{"Sec-Websocket-Extensions": tt.lines})
		if offer != tt.offer || window != tt.window {
			t.Errorf("%q: %q, %d", tt.lines, offer, window)
		}
	}
}
