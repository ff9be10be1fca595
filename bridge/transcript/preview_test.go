package transcript

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestPreviewCutsNoCharacter(t *testing.T) {
	for _, c := range []struct {
		name    string
		opcode  Opcode
		payload string
		want    int
	}{
		{"empty", Text, "", 0},
		{"fits", Text, strings.Repeat("é", 128), 256},
		{"cut between characters", Text, strings.Repeat("é", 129), 256},
		{"cut in two bytes", Text, "a" + strings.Repeat("é", 200), 255},
		{"cut after one of four", Text, strings.Repeat("a", 255) + "😀", 255},
		{"cut after three of four", Text, strings.Repeat("a", 253) + "😀", 253},
		{"cut before four", Text, strings.Repeat("a", 256) + "😀", 256},
		{"event", "", strings.Repeat("a", 255) + "é", 255},
		{"binary", Binary, strings.Repeat("a", 255) + "é", 256},
		{"no characters at all", Text, strings.Repeat("\x80", 300), 256},
		{"broken character at the cut", Text, strings.Repeat("a", 255) + "\xc3aaa", 256},
	} {
		if got := PreviewOf(c.opcode, []byte(c.payload)); len(got) != c.want || !strings.HasPrefix(c.payload, string(got)) {
			t.Errorf("%s: preview of %d bytes, want %d", c.name, len(got), c.want)
		}
	}
}

func TestPreviewLetsALargePayloadGo(t *testing.T) {
	payload := make([]byte, 1<<20)
	if got := PreviewOf(Binary, payload); cap(got) > 2*PreviewBytes || &got[0] == &payload[0] {
		t.Error("the preview holds on to the payload")
	}
}

func TestRowSaysWhatAListShows(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	m := Message{
		Seq: 7, At: at, Direction: Sent, Opcode: Text, Payload: []byte(strings.Repeat("a", 300) + "\xff"),
		Sender: "Zoë", ClientID: "c",
	}
	want := Row{
		Seq: 7, At: at, Direction: Sent, Opcode: Text, Size: 301, Preview: []byte(strings.Repeat("a", 256)),
		InvalidUTF8: true, Sender: "Zoë", ClientID: "c",
	}
	if diff := cmp.Diff(want, m.Row()); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
	m.Opcode = Binary
	if m.Row().InvalidUTF8 {
		t.Error("binary cannot be invalid UTF-8")
	}
}

func FuzzPreview(f *testing.F) {
	f.Add([]byte(strings.Repeat("a", 254) + "😀😀"))
	f.Add([]byte(strings.Repeat("\xf0\x9f", 200)))
	f.Fuzz(func(t *testing.T, payload []byte) {
		for _, opcode := range []Opcode{Text, Binary, ""} {
			got := PreviewOf(opcode, payload)
			if !bytes.HasPrefix(payload, got) {
				t.Fatalf("%q is not the beginning", got)
			}
			least := min(len(payload), PreviewBytes)
			if opcode != Binary {
				least -= min(least, utf8.UTFMax-1)
			}
			if len(got) > PreviewBytes || len(got) < least {
				t.Fatalf("preview of %d bytes out of %d", len(got), len(payload))
			}
			if opcode != Binary && utf8.Valid(payload) && !utf8.Valid(got) {
				t.Fatalf("%q is cut inside a character", got)
			}
		}
	})
}

func TestBinaryThatReadsAsTextIsToldByItsPreview(t *testing.T) {
	long := strings.Repeat("a", PreviewBytes-1) + "é and more"
	for _, c := range []struct {
		name    string
		opcode  Opcode
		payload string
		want    bool
	}{
		{"JSON", Binary, `{"serverContent":{"modelTurn":{"parts":[{"text":"hallo"}]}}}`, true},
		{"lines and tabs", Binary, "event: delta\r\ndata:\t你好 😀\n\n", true},
		{"a character is cut by the end of the preview", Binary, long, true},
		{"a character is cut by the end of the payload", Binary, "a\xc3", false},
		{"UTF-16", Binary, "{\x00\"\x00", false},
		{"samples", Binary, "\x01\x00\x7f\xff\x10\x00", false},
		{"MessagePack", Binary, "\x82\xa4type\xa5delta", false},
		{"an escape sequence", Binary, "\x1b[31mred", false},
		{"DEL and C1", Binary, "a\x7f\u0085", false},
		{"nothing", Binary, "", false},
		{"text is no binary", Text, "{}", false},
	} {
		m := Message{Opcode: c.opcode, Payload: []byte(c.payload)}
		if row := m.Row(); row.AsText() != c.want {
			t.Errorf("%s: reads as text: %v, want %v", c.name, row.AsText(), c.want)
		}
	}
	if cut := WholeCharacters([]byte(long)[:PreviewBytes]); string(cut) != long[:PreviewBytes-1] {
		t.Errorf("the preview is shown up to byte %d", len(cut))
	}
}
