package frames

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// head returns the header of a frame that announces size bytes.
func head(first byte, size uint64, key string) []byte {
	var bit byte
	if key != "" {
		bit = bitMasked
	}
	b := []byte{first}
	switch {
	case size <= maxControl:
		b = append(b, bit|byte(size))
	case size < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, bit|126), uint16(size))
	default:
		b = binary.BigEndian.AppendUint64(append(b, bit|127), size)
	}
	return append(b, key...)
}

func TestParserNamesTheRuleThatIsBroken(t *testing.T) {
	hello := appendFrame(nil, bitFinal|opText, []byte("hello"), false)
	masked := appendFrame(nil, bitFinal|opText, []byte("hello"), true)
	for _, tt := range []struct {
		name string
		in   []byte
		f    parser
		want string // a rule, or a close frame; "" for valid frames
	}{
		{"text", hello, parser{}, ""},
		{"masked text of a client", masked, parser{fromClient: true}, ""},
		{"masked text of a server", masked, parser{}, "masked_frame"},
		{"text of a client", hello, parser{fromClient: true}, "unmasked_frame"},
		{"RSV1", head(bitFinal|bitPacked|opText, 0, ""), parser{}, "reserved_bits"},
		{"compressed", append(head(bitFinal|bitPacked|opText, 1, ""), 0), parser{deflate: true}, ""},
		{"RSV1 on a continuation", append(head(opText, 0, ""), head(bitFinal|bitPacked, 0, "")...), parser{deflate: true}, "reserved_bits"},
		{"RSV1 on a ping", head(bitFinal|bitPacked|9, 0, ""), parser{deflate: true}, "reserved_bits"},
		{"RSV2", head(bitFinal|0x20|opText, 0, ""), parser{deflate: true}, "reserved_bits"},
		{"opcode 3", head(bitFinal|3, 0, ""), parser{}, "unknown_opcode"},
		{"opcode 11", head(bitFinal|11, 0, ""), parser{}, "unknown_opcode"},
		{"2^63", head(bitFinal|opBinary, 1<<63, ""), parser{limit: 1 << 20}, "length_of_64_bits"},
		{"2^62", head(bitFinal|opBinary, 1<<62, ""), parser{limit: 1 << 20}, "message_too_large"},
		{"2^62 without a limit", head(bitFinal|opBinary, 1<<62, ""), parser{}, ""},
		{"the limit", append(head(bitFinal|opBinary, 200, ""), make([]byte, 200)...), parser{limit: 200}, ""},
		{"one byte more", head(bitFinal|opBinary, 201, ""), parser{limit: 200}, "message_too_large"},
		{"more in all", append(append(head(opBinary, 100, ""), make([]byte, 100)...), head(bitFinal, 101, "")...), parser{limit: 200}, "message_too_large"},
		{"compressed 2^62", head(bitFinal|bitPacked|opBinary, 1<<62, ""), parser{limit: 200, deflate: true}, "message_too_large"},
		{"long ping", head(bitFinal|9, 126, ""), parser{}, "control_frame"},
		{"fragmented ping", head(9, 0, ""), parser{}, "control_frame"},
		{"continuation of nothing", head(bitFinal, 0, ""), parser{}, "continuation"},
		{"message within a message", append(head(opText, 0, ""), head(opText, 0, "")...), parser{}, "message_within_message"},
		{"ping within a message", append(append(head(opText, 0, ""), head(bitFinal|9, 0, "")...), head(bitFinal, 0, "")...), parser{}, ""},
		{"close without a code", head(bitFinal|opClose, 0, ""), parser{}, "1005 "},
		{"close of one byte", append(head(bitFinal|opClose, 1, ""), 3), parser{}, "close_frame"},
		{"close", appendClose(nil, websocket.CloseError{Code: 4000, Reason: "all"}, false), parser{}, "4000 all"},
		{"close of a client", appendClose(nil, websocket.CloseError{Code: 4000, Reason: "all"}, true), parser{fromClient: true}, "4000 all"},
		{"close 1006", appendClose(nil, websocket.CloseError{Code: 1006}, false), parser{}, "close_frame"},
		{"close 2999", appendClose(nil, websocket.CloseError{Code: 2999}, false), parser{}, "close_frame"},
		{"close within a message", append(head(opText, 0, ""), appendClose(nil, websocket.CloseError{Code: 1000}, false)...), parser{}, "1000 "},
	} {
		for _, step := range []int{1, 2, 3, len(tt.in)} {
			t.Run(fmt.Sprintf("%s/%d", tt.name, step), func(t *testing.T) {
				_, err := readAll(tt.in, step, tt.f)
				if got := told(err); got != tt.want {
					t.Errorf("%q, want %q", got, tt.want)
				}
			})
		}
	}
}

// readAll reads messages that come in steps, to the end. A parser has the settings.
func readAll(in []byte, step int, f parser) (messages []string, end error) {
	l, _ := fedLink(bytes.Clone(in), step, f.fromClient, f.deflate, f.limit)
	for {
		kind, payload, err := l.ReadMessage()
		if err != nil {
			return messages, err
		}
		messages = append(messages, fmt.Sprintf("%v %x", kind, payload))
	}
}

func told(err error) string {
	if failure, ok := errors.AsType[*RuleError](err); ok {
		return string(failure.Rule)
	}
	if closed, ok := errors.AsType[websocket.CloseError](err); ok {
		return fmt.Sprintf("%d %s", closed.Code, closed.Reason)
	}
	return ""
}

func TestMessagesBeforeTheEndAreRead(t *testing.T) {
	before := append(appendFrame(nil, opText, []byte("hel"), false), appendFrame(nil, bitFinal|9, []byte("ping"), false)...)
	before = append(before, appendFrame(nil, bitFinal, bytes.Repeat([]byte("x"), 70_000), false)...)
	for name, end := range map[string][]byte{
		"close":     appendClose(nil, websocket.CloseError{Code: 1000, Reason: "bye"}, false),
		"bad frame": {0xf2, 0},
		"too large": head(bitFinal|opBinary, 1<<40, ""),
	} {
		got, err := readAll(append(append(bytes.Clone(before), end...), "garbage"...), 1<<20, parser{limit: 1 << 20})
		if told(err) == "" || len(got) != 1 || len(got[0]) != len("MessageText ")+2*70_003 {
			t.Errorf("%s: %d messages: %v", name, len(got), err)
		}
	}
}

func TestTooLargeKeepsWhatHadArrived(t *testing.T) {
	_, err := readAll(append(head(bitFinal|opText, 5000, ""), strings.Repeat("x", 2000)...), 1<<20, parser{limit: 10})
	failure, ok := errors.AsType[*RuleError](err)
	if !ok || failure.Announced != 5000 || !failure.Text || string(failure.Head) != strings.Repeat("x", headKept) {
		t.Errorf("%+v", failure)
	}
	if !errors.Is(err, websocket.ErrMessageTooBig) || failure.Code() != websocket.StatusMessageTooBig {
		t.Error(err)
	}
}

// The same messages and the same end are read, however the input is cut.
func FuzzReading(f *testing.F) {
	f.Add([]byte{0x81, 5, 'h', 'e', 'l', 'l', 'o', 0x88, 2, 3, 0xe8}, byte(3), false, false)
	f.Add([]byte{0xc1, 0x85, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x88, 0x80, 0, 0, 0, 0}, byte(1), true, true)
	f.Add(head(bitFinal|opBinary, 1<<62, ""), byte(4), false, false)
	f.Add([]byte{0x01, 126, 0, 2, 'a', 'b', 0x89, 1, 'p', 0x80, 127, 0, 0, 0, 0, 0, 0, 0, 1, 'c'}, byte(7), false, false)
	f.Fuzz(func(t *testing.T, in []byte, step byte, fromClient, deflate bool) {
		settings := parser{fromClient: fromClient, deflate: deflate, limit: 1 << 16}
		want, wantEnd := readAll(in, len(in), settings)
		got, end := readAll(in, int(step)+1, settings)
		if fmt.Sprint(got) != fmt.Sprint(want) || told(end) != told(wantEnd) {
			t.Errorf("%q, ended by %v; in parts of %d %q, ended by %v", want, wantEnd, int(step)+1, got, end)
		}
	})
}
