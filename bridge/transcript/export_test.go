package transcript

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/dial"
	"duplex/bridge/sign"
)

var update = flag.Bool("update", false, "write the golden files")

var opened = time.Date(2026, 11, 23, 23, 59, 59, 500_000_000, time.UTC)

func head() Head {
	return Head{
		Session: "0195-session", Service: "Whisper", Address: "wss://host.example/v1?token=••••", OpenedBy: "Zoë",
		OpenedAt: opened, EndedAt: opened.Add(3 * time.Second), CloseCode: 4000, CloseReason: "bye\x1b[31m\nred",
		Report: dial.Report{
			URL: "wss://host.example/v1?b=1&a=x%20y&token=••••", Host: "host.example:443", Phase: dial.PhaseOpen,
			Phases: dial.Phases{
				DNS: 1500 * time.Microsecond, TCP: 2 * time.Millisecond, TLS: 3 * time.Millisecond,
				Upgrade: 4 * time.Millisecond, Total: 10500 * time.Microsecond,
			},
			RemoteAddr: "192.0.2.1:443", CredentialKind: sign.KindToken, Subprotocol: "chat", Status: 101,
			RequestHeader:  []dial.Pair{{Name: "X-Auth-Token", Value: "••••"}, {Name: "Host", Value: "host.example"}},
			ResponseHeader: []dial.Pair{{Name: "Upgrade", Value: "websocket"}},
		},
	}
}

func messages() []Message {
	at := func(ms int) time.Time { return opened.Add(time.Duration(ms) * time.Millisecond) }
	return []Message{
		{Seq: 1, At: at(0), Direction: Event, Event: "connected", Payload: []byte(`{"status":101}`)},
		{Seq: 2, At: at(1), Direction: Sent, Opcode: Text, Payload: []byte(`{"n":9007199254740993,"a":"<&>"}`), Sender: "Zoë", ClientID: "c-1"},
		{Seq: 3, At: at(499).Add(123 * time.Microsecond), Direction: Received, Opcode: Text, Payload: []byte("two\nlines\tand 你好\n23:59:59.999 ↓ 4 text 1 B")},
		{Seq: 4, At: at(501), Direction: Received, Opcode: Binary, Payload: []byte("\x00\x01\x02\xff binary of more than one line")},
		{Seq: 5, At: at(502), Direction: Received, Opcode: Text, Payload: []byte("bad \xff\xfe bytes")},
		{Seq: 6, At: at(503), Direction: Received, Opcode: Text, Payload: []byte("\x1b]0;title\x07\r\u009b31m \u202egnp.exe\u2066 \u200f \u2028 👩‍💻")},
		{Seq: 7, At: at(504), Direction: Sent, Opcode: Text},
		{Seq: 8, At: at(505), Direction: Sent, Opcode: Binary, Payload: []byte{}},
		{Seq: 9, At: at(600), Direction: Event, Event: "closed", Payload: []byte(`{"code":4000}`)},
	}
}

func sequence(list []Message) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for _, m := range list {
			if !yield(m, nil) {
				return
			}
		}
	}
}

func export(t *testing.T, format string, list []Message) []byte {
	t.Helper()
	var out bytes.Buffer
	f, ok := FormatOf(format)
	if !ok {
		t.Fatalf("no format %q", format)
	}
	if err := f.Write(&out, head(), sequence(list)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestExportsMatchTheirGoldenFiles(t *testing.T) {
	for _, format := range Formats() {
		name := filepath.Join("testdata", "session."+format.Name)
		got := export(t, format.Name, messages())
		if *update {
			if err := os.WriteFile(name, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// read is a payload that is read, at most a few bytes at a time.
type read struct {
	*bytes.Reader
	most int
}

func (r read) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(len(p), r.most)]) }

func TestExportsOfLargePayloadsAreAsThoseThatAreHeld(t *testing.T) {
	tail := strings.Repeat("x", partBytes-2)
	for name, payload := range map[string]string{
		"text": `{"text":""}` + strings.Repeat("né\"\\<&>\u2028\u202e👩\n\t\x01 ", 30_000), "a character across parts": tail + "👩 你", "cut off": tail + "\xf0\x9f",
		"broken": "a\xff" + tail + "\xe4\xbd", "binary": "\x00\x01" + tail + tail + "\xff", "empty": "",
	} {
		for _, most := range []int{1000, partBytes} {
			held, large := messages()[1], messages()[1]
			if held.Sender = `"text":""`; name == "binary" {
				held.Opcode = Binary
			}
			large.Sender, large.Opcode = held.Sender, held.Opcode
			held.Payload = []byte(payload)
			large.Payload, large.Large = nil, read{bytes.NewReader([]byte(payload)), most}
			for _, f := range Formats() {
				format := f.Name
				want, got := export(t, format, []Message{held, messages()[2]}), export(t, format, []Message{large, messages()[2]})
				if !bytes.Equal(want, got) {
					t.Errorf("%s %s: %d bytes, want %d", name, format, len(got), len(want))
				}
			}
		}
	}
}

func TestJSONLGivesEveryPayloadBack(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(string(export(t, "jsonl", messages())), "\n"), "\n")
	for i, want := range messages() {
		var got struct {
			Text   *string
			Base64 *[]byte
		}
		if err := json.Unmarshal([]byte(lines[i]), &got); err != nil {
			t.Fatal(err)
		}
		switch {
		case got.Text != nil && got.Base64 == nil && *got.Text == string(want.Payload):
		case got.Base64 != nil && got.Text == nil && bytes.Equal(*got.Base64, want.Payload):
		default:
			t.Errorf("message %d does not come back from %s", want.Seq, lines[i])
		}
	}
}

func TestHARIsOneJSONDocument(t *testing.T) {
	for _, list := range [][]Message{messages(), nil} {
		var got struct {
			Log struct {
				Version string
				Entries []struct {
					Messages []struct {
						Type, Data string
						Opcode     int
						Time       float64
					} `json:"_webSocketMessages"`
				}
			}
		}
		if err := json.Unmarshal(export(t, "har", list), &got); err != nil {
			t.Fatal(err)
		}
		if got.Log.Version != "1.2" || len(got.Log.Entries) != 1 {
			t.Fatalf("log = %+v", got.Log)
		}
		if n := len(got.Log.Entries[0].Messages); n != max(0, len(list)-2) {
			t.Errorf("%d messages of %d, of which two are events", n, len(list))
		}
		for _, m := range got.Log.Entries[0].Messages {
			if _, err := base64.StdEncoding.DecodeString(m.Data); m.Opcode == 2 && err != nil {
				t.Errorf("binary %q is not base64", m.Data)
			}
		}
	}
}

func TestTXTHoldsNothingATerminalActsOn(t *testing.T) {
	text := string(export(t, "txt", messages()))
	for _, r := range text {
		if escapeOf(r, 0, 2, true) != "" {
			t.Errorf("%U is in the export", r)
		}
	}
	rows := 0
	for line := range strings.Lines(text) {
		if line[0] >= '0' && line[0] <= '9' {
			rows++
		}
	}
	if rows != len(messages()) {
		t.Errorf("%d lines look like rows, want %d", rows, len(messages()))
	}
}

func TestExportStopsWithTheErrorOfTheLog(t *testing.T) {
	broken := errors.New("broken")
	log := func(yield func(Message, error) bool) {
		_ = yield(messages()[0], nil) && yield(Message{}, broken)
	}
	for _, format := range Formats() {
		if err := format.Write(io.Discard, head(), log); !errors.Is(err, broken) {
			t.Errorf("%s: error = %v", format.Name, err)
		}
	}
}

// full is a writer with a closed reader.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestExportStopsWhenItsReaderHasGone(t *testing.T) {
	for _, format := range Formats() {
		asked := 0
		log := func(yield func(Message, error) bool) {
			for seq := int64(1); seq < 1000; seq++ { // not for ever, where a format overlooks the error
				m := Message{Seq: seq, Direction: Received, Opcode: Binary, Payload: make([]byte, 1<<16)}
				if asked++; !yield(m, nil) {
					return
				}
			}
		}
		if err := format.Write(full{}, head(), log); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: error = %v", format.Name, err)
		}
		if asked > 3 {
			t.Errorf("%s: %d messages were read for nobody", format.Name, asked)
		}
	}
}
