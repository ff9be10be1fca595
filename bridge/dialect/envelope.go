package dialect

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"duplex/bridge/transcript"
)

// Bounds of messages that are taken apart.
const (
	maxInflated  = 64 << 20 // bytes, the largest message
	maxJSONDepth = 512
)

// Envelope is a received message, taken apart by the dialect's envelope.
type Envelope struct {
	Opcode  transcript.Opcode
	Payload []byte
	Fields  map[string]any // "@name" in paths: string, int64, []byte, or a value of encoding/json
	JSON    any            // of encoding/json with json.Number; nil when there is none
	HasJSON bool
	Body    []byte // what follows the fields; the payload where there are none

	foldNames bool // names of fields are in lower case, and found in any
}

// field returns a field of the envelope, or one that every message has.
func (e *Envelope) field(name string) (any, bool) {
	if v, has := e.Fields[name]; has {
		return v, true
	}
	if e.foldNames {
		if v, has := e.Fields[strings.ToLower(name)]; has {
			return v, true
		}
	}
	switch name {
	case "opcode":
		return string(e.Opcode), true
	case "size":
		return int64(len(e.Payload)), true
	case "text":
		if e.Opcode == transcript.Text || utf8.Valid(e.Body) {
			return strings.ToValidUTF8(string(e.Body), "\uFFFD"), true
		}
	case "body":
		return e.Body, true
	}
	return nil, false
}

// Unpack takes a message apart. The error says what could not be read; the envelope then has
// the fields that were read before, and @opcode, @size and @text as ever: a service may send
// a bare word between JSON messages.
func (d *Dialect) Unpack(opcode transcript.Opcode, payload []byte) (*Envelope, error) {
	e := &Envelope{Opcode: opcode, Payload: payload, Body: payload}
	isText := opcode == transcript.Text
	switch d.Receive.Envelope {
	case EnvelopeText:
		return e, nil
	case EnvelopeJSON:
		if !isText {
			return e, nil
		}
		return e, e.readJSON(payload)
	case EnvelopeHeaders:
		return e, e.readHeaders()
	case EnvelopeLayout:
		if isText {
			return e, e.readJSON(payload)
		}
		return e, d.readLayout(e)
	case EnvelopeJupyterV1:
		if isText {
			return e, e.readJSON(payload)
		}
		return e, e.readJupyter()
	case EnvelopeMsgpack:
		if isText {
			return e, e.readJSON(payload)
		}
		return e, e.readMsgpack()
	default: // EnvelopeJSONInBinary
		return e, e.readJSON(payload)
	}
}

func (e *Envelope) readJSON(text []byte) error {
	v, err := decodeJSON(text)
	if err != nil {
		return err
	}
	e.JSON, e.HasJSON = v, true
	return nil
}

// readHeaders reads the messages of Azure Speech: in text, lines "Name: value", an empty line
// and the body; in binary, a big-endian uint16 with the length of the headers, headers, body.
func (e *Envelope) readHeaders() error {
	e.Fields, e.foldNames = map[string]any{}, true
	var head []byte
	if e.Opcode == transcript.Text {
		end, size := bytes.Index(e.Payload, []byte("\r\n\r\n")), 4
		if end < 0 {
			end, size = bytes.Index(e.Payload, []byte("\n\n")), 2
		}
		if end < 0 {
			return errors.New("read headers: no empty line ends them")
		}
		head, e.Body = e.Payload[:end], e.Payload[end+size:]
	} else {
		if len(e.Payload) < 2 {
			return errors.New("read headers: the length is cut")
		}
		length := int(binary.BigEndian.Uint16(e.Payload))
		if length > len(e.Payload)-2 {
			return fmt.Errorf("read headers: %d bytes are announced, %d are there", length, len(e.Payload)-2)
		}
		head, e.Body = e.Payload[2:2+length], e.Payload[2+length:]
	}
	for line := range bytes.SplitSeq(head, []byte("\n")) {
		name, value, has := bytes.Cut(bytes.TrimRight(line, "\r"), []byte(":"))
		if name = bytes.TrimSpace(name); has && len(name) > 0 {
			e.Fields[strings.ToLower(string(name))] = strings.ToValidUTF8(string(bytes.TrimSpace(value)), "\uFFFD")
		}
	}
	kind, _ := e.Fields["content-type"].(string)
	isJSON := strings.Contains(strings.ToLower(kind), "json")
	if isJSON && len(e.Body) > 0 || e.Opcode == transcript.Text && kind == "" && len(bytes.TrimSpace(e.Body)) > 0 {
		return e.readJSON(e.Body)
	}
	return nil
}

// readJupyter reads the binary messages of the subprotocol v1.kernel.websocket.jupyter.org:
// the number of offsets, the offsets (all little-endian uint64), channel, header, parent
// header, metadata, content, buffers. In paths they are one object with these names.
func (e *Envelope) readJupyter() error {
	const fixed = 5 // parts before the buffers
	if len(e.Payload) < 8 {
		return errors.New("read Jupyter message: the number of offsets is cut")
	}
	count := binary.LittleEndian.Uint64(e.Payload)
	if count < fixed+1 || count > uint64(len(e.Payload)/8)-1 {
		return fmt.Errorf("read Jupyter message: %d offsets cannot be right", count)
	}
	at := func(i uint64) uint64 { return binary.LittleEndian.Uint64(e.Payload[8+8*i:]) }
	var parts [][]byte
	for i := range count - 1 {
		from, to := at(i), at(i+1)
		if from > to || to > uint64(len(e.Payload)) {
			return errors.New("read Jupyter message: an offset is outside of the message")
		}
		parts = append(parts, e.Payload[from:to])
	}
	object := map[string]any{"channel": string(parts[0])}
	for i, name := range []string{"header", "parent_header", "metadata", "content"} {
		v, err := decodeJSON(parts[i+1])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		object[name] = v
	}
	e.Fields = map[string]any{"channel": string(parts[0])}
	if header, is := object["header"].(map[string]any); is {
		e.Fields["msg_type"] = header["msg_type"]
	}
	e.JSON, e.HasJSON, e.Body = object, true, nil
	if len(parts) > fixed {
		e.Body = parts[fixed]
	}
	return nil
}
