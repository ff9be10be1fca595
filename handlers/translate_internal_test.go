package handlers

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
)

func TestRowShowsTheBeginningOfAMessage(t *testing.T) {
	at := time.UnixMicro(1790000000000001)
	long := bytes.Repeat([]byte{0xab}, 256)
	tests := []struct {
		name string
		row  transcript.Row
		want wire.Row
	}{
		{
			"text",
			transcript.Row{Seq: 2, At: at, Direction: transcript.Sent, Opcode: transcript.Text, Size: 2, Preview: []byte("é"), Sender: "me", ClientID: "c"},
			wire.Row{Seq: 2, AtUS: 1790000000000001, Direction: "sent", Opcode: "text", Size: 2, Preview: "é", Sender: "me", ClientID: "c"},
		},
		{
			"long text",
			transcript.Row{Seq: 3, At: at, Direction: transcript.Received, Opcode: transcript.Text, Size: 300, Preview: []byte("abc")},
			wire.Row{Seq: 3, AtUS: 1790000000000001, Direction: "received", Opcode: "text", Size: 300, Preview: "abc", Truncated: true},
		},
		{
			"text that is not UTF-8",
			transcript.Row{Seq: 3, At: at, Direction: transcript.Received, Opcode: transcript.Text, Size: 3, Preview: []byte("a\xffb"), InvalidUTF8: true},
			wire.Row{Seq: 3, AtUS: 1790000000000001, Direction: "received", Opcode: "text", Size: 3, Preview: "a\uFFFDb", InvalidUTF8: true},
		},
		{
			"binary",
			transcript.Row{Seq: 4, At: at, Direction: transcript.Received, Opcode: transcript.Binary, Size: 2, Preview: []byte{0, 0xff}},
			wire.Row{Seq: 4, AtUS: 1790000000000001, Direction: "received", Opcode: "binary", Size: 2, Preview: "00ff"},
		},
		{
			"long binary",
			transcript.Row{Seq: 4, At: at, Direction: transcript.Received, Opcode: transcript.Binary, Size: 256, Preview: long},
			wire.Row{Seq: 4, AtUS: 1790000000000001, Direction: "received", Opcode: "binary", Size: 256, Preview: strings.Repeat("ab", 64), Truncated: true},
		},
		{
			"event",
			transcript.Row{Seq: 1, At: at, Direction: transcript.Event, Event: "connected", Size: 14, Preview: []byte(`{"status":101}`)},
			wire.Row{Seq: 1, AtUS: 1790000000000001, Direction: "event", Event: "connected", Size: 14, Preview: `{"status":101}`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, wireRow(tt.row)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNextAfterIsWhereTheSearchGotTo(t *testing.T) {
	rows := func(seqs ...int64) (out []transcript.Row) {
		for _, seq := range seqs {
			out = append(out, transcript.Row{Seq: seq})
		}
		return out
	}
	tests := []struct {
		name string
		q    transcript.Query
		rows []transcript.Row
		last int64
		want int64
	}{
		{"full page", transcript.Query{Limit: 2}, rows(1, 2), 9, 2},
		{"short page", transcript.Query{Limit: 5}, rows(1, 2), 9, 9},
		{"nothing found", transcript.Query{Limit: 5, After: 3, Text: "x"}, nil, 9, 9},
		{"bounded", transcript.Query{Limit: 5, Before: 7}, rows(2), 9, 6},
		{"latest", transcript.Query{Limit: 2, Latest: true}, rows(8, 9), 9, 9},
		{"stored meanwhile", transcript.Query{Limit: 5}, rows(9, 10), 9, 10},
		{"beyond the end", transcript.Query{Limit: 5, After: 12}, nil, 9, 12},
	}
	for _, tt := range tests {
		if got := nextAfter(tt.q, tt.rows, tt.last); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestAddressWithQueryBecomesParameters(t *testing.T) {
	address := "https://Host.example/v1/a?b=1&&c=x%20y&d=%2F&e&q=%C4%E3&"
	in := connectionInput{Address: &address, Params: &[]paramInput{
		{Name: new("f"), Value: new("+")},
		{},
		{Name: new("g"), Value: new(" "), Raw: "g=+"},
		{Name: new("h"), Value: new("new"), Raw: "h=old"},
		{Value: new("v"), Raw: "=v"},
		{Name: new("i"), Value: new("1&j=2"), Raw: "i=1&j=2"},
		{Name: new("k"), Value: new("#\n"), Raw: "k=#%0A"},
		{Raw: "q=%C4%E3"},
		{Raw: "flag"},
	}}
	s := newService()
	if err := in.apply(&s); err != nil {
		t.Fatal(err)
	}
	want := []bridge.Parameter{
		{Name: "b", Value: "1", Enabled: true, Raw: "b=1"},
		{Name: "c", Value: "x y", Enabled: true, Raw: "&c=x%20y"},
		{Name: "d", Value: "/", Enabled: true, Raw: "d=%2F"},
		{Name: "e", Enabled: true, Raw: "e"},
		{Name: "q", Value: "%C4%E3", Enabled: true, Raw: "q=%C4%E3&"},
		{Name: "f", Value: "+", Enabled: true},
		{Name: "g", Value: " ", Enabled: true, Raw: "g=+"},
		{Name: "h", Value: "new", Enabled: true},
		{Value: "v", Enabled: true, Raw: "=v"},
		{Name: "i", Value: "1&j=2", Enabled: true},
		{Name: "k", Value: "#\n", Enabled: true, Raw: "k=%23%0A"},
		{Name: "q", Value: "%C4%E3", Enabled: true, Raw: "q=%C4%E3"},
		{Name: "flag", Enabled: true, Raw: "flag"},
	}
	if diff := cmp.Diff(want, s.Params); diff != "" || s.Address != "wss://host.example/v1/a" {
		t.Errorf("%s %s", s.Address, diff)
	}
	sent := "b=1&&c=x%20y&d=%2F&e&q=%C4%E3&&f=%2B&g=+&h=new&=v&i=1%26j%3D2&k=%23%0A&q=%C4%E3&flag"
	if u, err := s.URL(); err != nil || u.RawQuery != sent {
		t.Errorf("dialled with %s, want %s (%v)", u, sent, err)
	}
}

func TestRelayAppendsPathAndQueryAsTheyCame(t *testing.T) {
	tests := []struct{ address, request, want string }{
		{"ws://host/v1/x", "/relay/one/", "ws://host/v1/x"},
		{"ws://host/v1/x/", "/relay/one/", "ws://host/v1/x/"},
		{"ws://host/v1/x", "/relay/one/a/b", "ws://host/v1/x/a/b"},
		{"ws://host/", "/relay/one/a%20b", "ws://host/a%20b"},
		{"ws://host/x?k=1", "/relay/one/a?q=%2F&r", "ws://host/x/a?k=1&q=%2F&r"},
		{"ws://host/x", "/relay/one/?q=1", "ws://host/x?q=1"},
		{"ws://host/x?k=1", "/relay/my%20one/", "ws://host/x?k=1"},
		{"ws://host/x", "/relay/one", "ws://host/x"},
		{"ws://host/x?k=1", "/relay/one?q=a+b", "ws://host/x?k=1&q=a+b"},
		{"ws://host/x", "/relay/one/a%2Fb|c", "ws://host/x/a%2Fb|c"},
		{"ws://host/x", "/relay/one/%e5%9b%be%2f{id}", "ws://host/x/%e5%9b%be%2f{id}"},
		{"ws://host/x", "/relay/one/a?", "ws://host/x/a?"},
		{"ws://host/x?&", "/relay/one/", "ws://host/x?&"},
		{"ws://host/x?", "/relay/one?&a&&", "ws://host/x?&a&&"},
		{"ws://host/x", "/relay/one?q=\xc4\xe3", "ws://host/x?q=%C4%E3"},
	}
	for _, tt := range tests {
		if got := appended(tt.address, httptest.NewRequest(http.MethodGet, tt.request, nil)); got != tt.want {
			t.Errorf("%s + %s = %s, want %s", tt.address, tt.request, got, tt.want)
		}
	}
}
