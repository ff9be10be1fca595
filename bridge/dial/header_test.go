package dial

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestCheckHeader(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"Authorization", "Bearer x", ""},
		{"Cookie", "a=b; c=d", ""},
		{"Origin", "https://a.example", ""},
		{"X-Api-Key", "", ""},
		{"X-Name", "é\ttab", ""},
		{"X-Long", strings.Repeat("v", MaxHeaderSize-len("X-Long")), ""},
		{"X-Long", strings.Repeat("v", MaxHeaderSize), "too_long"},
		{"", "v", "bad_name"},
		{"X Name", "v", "bad_name"},
		{"X:Name", "v", "bad_name"},
		{"X-Näme", "v", "bad_name"},
		{"X-Name\r\nX-Evil", "v", "bad_name"},
		{"X-Name", "a\r\nX-Evil: 1", "bad_value"},
		{"X-Name", "a\x00b", "bad_value"},
		{"hOst", "evil.example", "host_header"},
		{"X_HOST", "evil.example", ""},
		{"ho.st", "evil.example", ""},
		{"connection", "close", "forbidden"},
		{"Upgrade", "h2c", "forbidden"},
		{"HTTP2-Settings", "x", "forbidden"},
		{"Keep-Alive", "1", "forbidden"},
		{"Proxy-Authorization", "Basic x", "forbidden"},
		{"TE", "trailers", "forbidden"},
		{"Trailer", "X", "forbidden"},
		{"Transfer-Encoding", "chunked", "forbidden"},
		{"Transfer_Encoding", "chunked", "forbidden"},
		{"Content-Length", "1", "forbidden"},
		{"Expect", "100-continue", "forbidden"},
		{"sec-websocket-key", "x", "forbidden"},
		{"SEC-websocket-protocol", "x", "subprotocol"},
		{"sec_websocket_protocol", "x", "forbidden"},
		{"X-Forwarded-For", "127.0.0.1", "forbidden"},
		{"X_Forwarded.User", "admin", "forbidden"},
		{"Forwarded", "for=127.0.0.1", "forbidden"},
		{"X-Duplex-Ticket", "x", "forbidden"},
	}
	for _, test := range tests {
		err := CheckHeader(Pair{test.name, test.value})
		refused, _ := errors.AsType[*HeaderError](err)
		if got := string(reasonOf(refused)); got != test.want {
			t.Errorf("%q: %q: got %q, want %q", test.name, test.value, got, test.want)
		}
	}
}

func reasonOf(e *HeaderError) HeaderReason {
	if e == nil {
		return ""
	}
	return e.Reason
}

func TestCheckHeadersCountsThem(t *testing.T) {
	headers := slices.Repeat([]Pair{{"X-Name", "v"}}, MaxHeaders)
	if err := CheckHeaders(headers); err != nil {
		t.Errorf("%d headers: %v", len(headers), err)
	}
	err := CheckHeaders(append(headers, Pair{"X-Name", "v"}))
	if refused, ok := errors.AsType[*HeaderError](err); !ok || refused.Reason != ReasonTooMany {
		t.Errorf("one more: %v", err)
	}
}

func TestCheckHeadersMeasuresThemTogether(t *testing.T) {
	large := Pair{"X-Name", strings.Repeat("v", MaxHeaderSize-len("X-Name"))}
	headers := slices.Repeat([]Pair{large}, MaxHeaderSum/MaxHeaderSize)
	if err := CheckHeaders(headers); err != nil {
		t.Errorf("128 KiB: %v", err)
	}
	err := CheckHeaders(append(headers, Pair{"A", ""}))
	want := HeaderError{Reason: ReasonTooLarge, Size: MaxHeaderSum + 1, Limit: MaxHeaderSum}
	if refused, ok := errors.AsType[*HeaderError](err); !ok || *refused != want {
		t.Errorf("one byte more: %+v, want %+v", err, want)
	}
}
