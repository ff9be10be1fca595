package emulate

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/coder/websocket"
)

const volcengineApp = "8123456789"

// volcengineASR is Volcengine's streaming recognition by a large model, sauc
// (volcengine.com/docs/6561/1354869), with sequence numbers.
func volcengineASR() Emulator {
	return Emulator{
		Name: "volcengine-asr", Path: "/api/v3/sauc/bigmodel",
		Vars:    map[string]string{"app_key": volcengineApp, "resource_id": "volc.bigasr.sauc.duration"},
		Secrets: map[string]string{"access_key": Key},
		Audio:   16000, Faults: []string{"55000031"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !admitVolcengine(w, r) {
					return
				}
				w.Header().Set("X-Tt-Logid", "202407261553070FACFE6D19421815D605")
				converse(w, r, o, nil, func(c *call) error { return (&sauc{call: c, sequence: 1}).run() })
			})
		},
	}
}

func admitVolcengine(w http.ResponseWriter, r *http.Request) bool {
	resources := []string{"volc.bigasr.sauc.duration", "volc.bigasr.sauc.concurrent", "volc.seedasr.sauc.duration", "volc.seedasr.sauc.concurrent"}
	switch {
	case r.Header.Get("X-Api-App-Key") != volcengineApp || r.Header.Get("X-Api-Access-Key") != Key:
		refuse(w, http.StatusUnauthorized, map[string]any{"reqid": "", "code": 45000010, "message": "load grant: requested grant not found"})
	case !slices.Contains(resources, r.Header.Get("X-Api-Resource-Id")):
		refuse(w, http.StatusForbidden, map[string]any{"reqid": "", "code": 45000030, "message": "requested resource not granted"})
	case !isUUID(r.Header.Get("X-Api-Connect-Id"), true):
		refuse(w, http.StatusBadRequest, map[string]any{"reqid": "", "code": 45000001, "message": "invalid X-Api-Connect-Id"})
	default:
		return true
	}
	return false
}

// The parts of the header of a message.
const (
	saucRequest  = 0b0001 // types: a request with parameters
	saucAudio    = 0b0010
	saucAnswer   = 0b1001
	saucError    = 0b1111
	saucSequence = 0b0001 // flags: a sequence number follows
	saucLast     = 0b0010 // flags: the last message
	saucWait     = 8 * time.Second
)

// sauc is one connection.
type sauc struct {
	*call

	sequence int32 // of the next message of the caller
	answers  int32
	heard    *utterance // nil before the request
}

func (s *sauc) fail(code uint32, reason string) error {
	body, err := json.Marshal(map[string]string{"error": reason})
	if err != nil {
		return fmt.Errorf("write error: %w", err)
	}
	frame := []byte{0x11, saucError << 4, 0x10, 0}
	frame = binary.BigEndian.AppendUint32(frame, code)
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(body))) //nolint:gosec // it is short
	if err := s.send(websocket.MessageBinary, append(frame, body...)); err != nil {
		return err
	}
	return &hangUp{websocket.StatusNormalClosure, "finish"}
}

func (s *sauc) run() error {
	for {
		m, err := s.next(saucWait)
		if errors.Is(err, errLate) {
			return s.fail(45000081, "Timeout waiting next packet: waiting next packet timeout(8s)")
		}
		if err != nil {
			return err
		}
		kind, last, body, reason := s.open(m)
		switch {
		case reason != "":
			return s.fail(45000001, reason)
		case kind == saucRequest:
			err = s.begin(body)
		case last:
			return s.end(m, body)
		default:
			err = s.audio(m, body)
		}
		if err != nil {
			return err
		}
	}
}

// open takes a message apart; reason is what is wrong with it.
func (s *sauc) open(m message) (kind byte, last bool, body []byte, reason string) {
	p := m.payload
	if !m.binary || len(p) < 12 || p[0] != 0x11 {
		return 0, false, nil, "decode ws request failed: unable to decode V1 protocol message: header"
	}
	kind, flags := p[1]>>4, p[1]&15
	want := byte(saucRequest)
	serialization := byte(0x11)
	if s.heard != nil {
		want, serialization = saucAudio, 0x01
	}
	sequence := int32(binary.BigEndian.Uint32(p[4:])) //nolint:gosec // the sign is meant
	expected := s.sequence
	if last = flags&saucLast != 0; last {
		expected = -expected
	}
	switch {
	case kind != want:
		return 0, false, nil, fmt.Sprintf("decode ws request failed: message type %d, expected %d", kind, want)
	case flags&saucSequence == 0 || p[2] != serialization || p[3] != 0:
		return 0, false, nil, "decode ws request failed: unable to decode V1 protocol message: flags, serialization or compression"
	case sequence != expected:
		return 0, false, nil, fmt.Sprintf("autoAssignedSequence (%d) mismatch sequence in request (%d)", expected, sequence)
	case int(binary.BigEndian.Uint32(p[8:])) != len(p)-12:
		return 0, false, nil, "decode ws request failed: payload size"
	}
	s.sequence++
	unzipped, err := gzip.NewReader(bytes.NewReader(p[12:]))
	if err != nil {
		return 0, false, nil, "unable to decompress the payload: gzip: invalid header"
	}
	body, err = io.ReadAll(io.LimitReader(unzipped, maxMessage))
	if err != nil {
		return 0, false, nil, "unable to decompress the payload"
	}
	return kind, last, body, ""
}

func (s *sauc) begin(body []byte) error {
	o, err := parseObject(body)
	if err != nil {
		return s.fail(45000001, "unmarshal request: invalid JSON")
	}
	switch {
	case o.missing("audio.format", "request.model_name") != "":
		return s.fail(45000001, "missing "+o.missing("audio.format", "request.model_name"))
	case o.text("request.model_name") != "bigmodel":
		return s.fail(45000001, "request.model_name is not bigmodel")
	case o.text("audio.format") != "pcm" || o.number("audio.rate") != 16000 || o.number("audio.bits") != 16 || o.number("audio.channel") != 1:
		return s.fail(45000151, "audio format is not supported")
	case s.Fault != "":
		return s.fail(55000031, "server busy")
	}
	s.heard = s.listen(16000, 2)
	return s.answer("", false)
}

func (s *sauc) audio(m message, audio []byte) error {
	if len(audio) == 0 || len(audio)%2 != 0 {
		return s.fail(45000002, "empty audio")
	}
	results, _ := s.hear(s.heard, m.at, audio)
	return s.results(results, false)
}

// end takes the last packet, which may be empty.
func (s *sauc) end(m message, audio []byte) error {
	var results []heard
	if len(audio) > 0 {
		results, _ = s.hear(s.heard, m.at, audio)
	}
	if s.heard.pace.start.IsZero() {
		return s.fail(45000002, "empty audio")
	}
	s.Record.mark(m.at)
	return s.results(append(results, s.heard.end()...), true)
}

// results answers a packet with the whole text so far.
func (s *sauc) results(results []heard, last bool) error {
	interim := ""
	for _, r := range results {
		s.tell(s.heard, r)
		if !r.final {
			interim = r.text
		}
	}
	if interim == "" && s.heard.shown > 0 {
		interim = s.heard.result(s.heard.told, s.heard.shown, false).text
	}
	if last {
		s.done()
	}
	return s.answer(s.heard.text+glue(s.heard.text, interim), last)
}

func (s *sauc) answer(text string, last bool) error {
	result := map[string]any{}
	if text != "" {
		result["text"] = text
	}
	body, err := json.Marshal(map[string]any{"audio_info": map[string]any{"duration": 0}, "result": result})
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(body) // into memory
	_ = z.Close()
	s.answers++
	flags, sequence := byte(saucSequence), s.answers
	if last {
		flags, sequence = saucSequence|saucLast, -sequence
	}
	frame := []byte{0x11, saucAnswer<<4 | flags, 0x11, 0}
	frame = binary.BigEndian.AppendUint32(frame, uint32(sequence))     //nolint:gosec // the sign is meant
	frame = binary.BigEndian.AppendUint32(frame, uint32(zipped.Len())) //nolint:gosec // it is short
	return s.send(websocket.MessageBinary, append(frame, zipped.Bytes()...))
}
