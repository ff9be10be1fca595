package shape

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
			wire.Row{AtUS: 1790000000000001, Preview: "é"},
		},
		{
			"long text",
			transcript.Row{Seq: 3, At: at, Direction: transcript.Received, Opcode: transcript.Text, Size: 300, Preview: []byte("abc")},
			wire.Row{AtUS: 1790000000000001, Preview: "abc", Truncated: true},
		},
		{
			"text that is not UTF-8",
			transcript.Row{Seq: 3, At: at, Direction: transcript.Received, Opcode: transcript.Text, Size: 3, Preview: []byte("a\xffb"), InvalidUTF8: true},
			wire.Row{AtUS: 1790000000000001, Preview: "a\uFFFDb"},
		},
		{
			"binary",
			transcript.Row{Seq: 4, At: at, Direction: transcript.Received, Opcode: transcript.Binary, Size: 2, Preview: []byte{0, 0xff}},
			wire.Row{AtUS: 1790000000000001, Preview: "00ff"},
		},
		{
			"long binary",
			transcript.Row{Seq: 4, At: at, Direction: transcript.Received, Opcode: transcript.Binary, Size: 256, Preview: long},
			wire.Row{AtUS: 1790000000000001, Preview: strings.Repeat("ab", 64), Truncated: true},
		},
		{
			"event",
			transcript.Row{Seq: 1, At: at, Direction: transcript.Event, Event: "connected", Size: 14, Preview: []byte(`{"status":101}`)},
			wire.Row{AtUS: 1790000000000001, Preview: `{"status":101}`},
		},
	}
	for _, tt := range tests {
		tt.want.Row = tt.row
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Row(tt.row, nil)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
