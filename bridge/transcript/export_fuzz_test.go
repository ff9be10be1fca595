package transcript

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// FuzzExport writes a log in every format. A program has every payload back exactly, a large
// payload is written as a small one is, and no character of a peer acts in a terminal.
func FuzzExport(f *testing.F) {
	for _, m := range messages() {
		f.Add(m.Payload, m.Sender, m.ClientID, m.Direction == Sent, m.Opcode == Text, m.At.UnixMicro())
	}
	f.Add(bytes.Repeat([]byte("é\n"), 40_000), `","text":""`, "", true, true, int64(1))
	f.Fuzz(func(t *testing.T, payload []byte, sender, clientID string, sent, text bool, us int64) {
		m := Message{Seq: 1, At: time.UnixMicro(max(0, us%(1<<51))), Direction: Received, Opcode: Binary, Payload: payload, Sender: sender, ClientID: clientID}
		if sent {
			m.Direction = Sent
		}
		if text {
			m.Opcode = Text
		}
		large := m
		large.Payload, large.Large = nil, bytes.NewReader(payload)
		for _, format := range Formats() {
			written := export(t, format.Name, []Message{m})
			if got := export(t, format.Name, []Message{large}); !bytes.Equal(got, written) {
				t.Errorf("%s: a large payload is written as\n%q\nand a small one as\n%q", format.Name, got, written)
			}
			switch format.Name {
			case "jsonl":
				requireLine(t, written, &m)
			case "har":
				requireHAR(t, written, &m)
			case "txt":
				if wrong := strings.IndexFunc(string(written), func(r rune) bool {
					return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
				}); wrong >= 0 || !utf8.Valid(written) {
					t.Errorf("txt has a character that acts at %d: %q", wrong, written)
				}
			}
		}
	})
}

func requireLine(t *testing.T, written []byte, m *Message) {
	t.Helper()
	var read struct {
		AtUS      int64     `json:"at_us"`
		At        time.Time `json:"at"`
		Direction Direction `json:"direction"`
		Opcode    Opcode    `json:"opcode"`
		Size      int       `json:"size"`
		Text      *string   `json:"text"`
		Base64    *[]byte   `json:"base64"`
	}
	if err := json.Unmarshal(written, &read); err != nil || bytes.Count(written, []byte("\n")) != 1 {
		t.Fatalf("%v: %q", err, written)
	}
	payload := read.Base64
	if (read.Text == nil) == (read.Base64 == nil) {
		t.Fatalf("text and base64: %q", written)
	} else if read.Text != nil {
		whole := []byte(*read.Text)
		payload = &whole
	}
	if !bytes.Equal(*payload, m.Payload) || read.Size != len(m.Payload) || read.Opcode != m.Opcode || read.Direction != m.Direction ||
		!read.At.Equal(m.At) || read.AtUS != m.At.UnixMicro() {
		t.Errorf("%+v is read back as %q", m, written)
	}
}

func requireHAR(t *testing.T, written []byte, m *Message) {
	t.Helper()
	var read struct {
		Log struct {
			Entries []struct {
				Messages []harMessage `json:"_webSocketMessages"`
			} `json:"entries"`
		} `json:"log"`
	}
	if err := json.Unmarshal(written, &read); err != nil || len(read.Log.Entries) != 1 || len(read.Log.Entries[0].Messages) != 1 {
		t.Fatalf("%v: %q", err, written)
	}
	h := read.Log.Entries[0].Messages[0]
	payload := []byte(h.Data)
	if h.Opcode == 2 || h.Encoding == "base64" {
		var err error
		if payload, err = base64.StdEncoding.DecodeString(h.Data); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(payload, m.Payload) || (h.Type == "send") != (m.Direction == Sent) || (h.Opcode == 1) != (m.Opcode == Text) {
		t.Errorf("%+v is read back as %+v", m, h)
	}
}
