package demo

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/coder/websocket"
)

// Bounds of a big answer, in bytes.
const (
	leastBig = 64 // room for the frame of the JSON shapes
	usualBig = 12 << 20
)

// prepareBig answers each message with one message of exactly ?size= bytes, the
// same every time. ?shape= is json (indented), line (JSON in one line), text,
// text_line (text in one line) or binary.
func prepareBig(_ *Demo, q *params) script {
	size := q.number("size", usualBig, leastBig, maxMessage)
	shape := q.word("shape", "json", "line", "text", "text_line", "binary")
	return func(ctx context.Context, p *peer) error {
		answer := message{websocket.MessageText, nil}
		for {
			if _, _, err := p.conn.Read(ctx); err != nil {
				return err
			}
			if answer.payload == nil {
				answer = bigMessage(shape, size)
			}
			if err := p.send(ctx, answer); err != nil {
				return err
			}
		}
	}
}

func bigMessage(shape string, size int) message {
	switch shape {
	case "json":
		return message{websocket.MessageText, prettyLayout().fill(size)}
	case "line":
		return message{websocket.MessageText, lineLayout().fill(size)}
	case "text":
		return message{websocket.MessageText, bigText(size, '\n')}
	case "text_line":
		return message{websocket.MessageText, bigText(size, ' ')}
	default:
		return message{websocket.MessageBinary, bigBinary(size)}
	}
}

// layout describes the text of a JSON document of records.
type layout struct {
	open, separator, record, middle, end string
}

func prettyLayout() layout {
	return layout{
		open: "{\n  \"records\": [\n", separator: ",\n", middle: "\n  ],\n  \"padding\": \"", end: "\"\n}\n",
		record: "    {\n      \"id\": %d,\n      \"name\": \"设备 %d\",\n      \"serial\": %d,\n      \"score\": 0.%03d,\n      \"tags\": [\"demo\", \"record\"]\n    }",
	}
}

func lineLayout() layout {
	return layout{
		open: `{"records":[`, separator: `,`, middle: `],"padding":"`, end: `"}`,
		record: `{"id":%d,"name":"设备 %d","serial":%d,"score":0.%03d,"tags":["demo","record"]}`,
	}
}

// maxRecord is longer than any record with its separator, in bytes.
const maxRecord = 192

// fill writes records while there is room and pads to size. The serials are beyond
// 2^53, where a reader that takes numbers for floats alters them.
func (l layout) fill(size int) []byte {
	const serial = 1<<60 + 1
	out := append(make([]byte, 0, size), l.open...)
	tail := len(l.middle) + len(l.end)
	for i := 1; len(out)+maxRecord+tail <= size; i++ {
		if i > 1 {
			out = append(out, l.separator...)
		}
		out = fmt.Appendf(out, l.record, i, i, serial+i, i%1000)
	}
	out = append(out, l.middle...)
	out = append(out, bytes.Repeat([]byte("x"), size-len(out)-len(l.end))...)
	return append(out, l.end...)
}

func bigText(size int, end byte) []byte {
	var out strings.Builder
	out.Grow(size + maxRecord)
	for i := 1; out.Len() < size; i++ {
		fmt.Fprintf(&out, "Line %d: plain text that goes on until the message has the size that was asked for.%c", i, end)
	}
	return []byte(out.String()[:size])
}

// bigBinary is noise, so that no compression makes it small.
func bigBinary(size int) []byte {
	out := make([]byte, size)
	noise := rand.NewChaCha8([32]byte{})
	_, _ = noise.Read(out) // never fails
	return out
}
