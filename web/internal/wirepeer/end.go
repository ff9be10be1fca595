package wirepeer

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// The first byte of a frame, RFC 6455 section 5.2, and RSV1 of RFC 7692.
const (
	Continuation = 0x00
	Text         = 0x01
	Binary       = 0x02
	CloseOp      = 0x08
	Ping         = 0x09
	Pong         = 0x0a
	Final        = 0x80
	Packed       = 0x40
)

// Frame returns a frame without a mask. Its length may be any.
func Frame(first byte, payload string) []byte {
	return append(Head(first, uint64(len(payload))), payload...)
}

// Head returns the beginning of a frame without a mask that announces size bytes.
func Head(first byte, size uint64) []byte {
	switch {
	case size < 126:
		return []byte{first, byte(size)}
	case size < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{first, 126}, uint16(size))
	default:
		return binary.BigEndian.AppendUint64([]byte{first, 127}, size)
	}
}

// Close returns a close frame.
func Close(code uint16, reason string) []byte {
	return Frame(Final|CloseOp, string(binary.BigEndian.AppendUint16(nil, code))+reason)
}

// Mask returns the frame as a client sends it.
func Mask(frame []byte) []byte {
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	at := 2 + lengthBytes(frame[1])
	out := slices.Concat(frame[:at], key[:], frame[at:])
	out[1] |= 0x80
	for i := range out[at+4:] {
		out[at+4+i] ^= key[i%4]
	}
	return out
}

// lengthBytes returns how many bytes hold the length, beside the byte that says so.
func lengthBytes(second byte) int {
	switch second & 0x7f {
	case 126:
		return 2
	case 127:
		return 8
	}
	return 0
}

// deflaters holds a pool of *flate.Writer for each level: to make one takes longer than a small
// message does.
var deflaters sync.Map

// Deflate returns a payload as permessage-deflate has it, at a level of compress/flate.
func Deflate(payload string, level int) string {
	kept, _ := deflaters.LoadOrStore(level, &sync.Pool{New: func() any {
		w, err := flate.NewWriter(io.Discard, level)
		if err != nil {
			panic(err) // a level that does not exist
		}
		return w
	}})
	pool, _ := kept.(*sync.Pool)       // no other is stored
	w, _ := pool.Get().(*flate.Writer) // New makes no other
	defer pool.Put(w)
	var out strings.Builder
	w.Reset(&out)
	if _, err := io.WriteString(w, payload); err != nil {
		panic(err) // a strings.Builder takes all
	}
	if err := w.Flush(); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(out.String(), "\x00\x00\xff\xff")
}

// Heard is what an end got.
type Heard struct {
	Messages []string // each with its kind: "text:hello"
	Pings    []string
	Pongs    []string
	Closed   bool   // a close frame came
	Code     uint16 // of it; 1005 where it has none
	Reason   string // of it
	Broken   uint16 // the close code for the first rule that the other side broke; 0 for none
	Ended    bool   // the connection has ended by itself
}

// End is one end of a WebSocket after the handshake, as strict as RFC 6455 demands. It may
// itself send what no end may.
type End struct {
	conn   net.Conn
	in     *bufio.Reader
	client bool
	packed bool // permessage-deflate is agreed, without context takeover

	mu sync.Mutex // held while writing
}

// NewEnd returns an end of conn. What it reads comes from in.
func NewEnd(conn net.Conn, in *bufio.Reader, client, packed bool) *End {
	return &End{conn: conn, in: in, client: client, packed: packed}
}

// Answer plays an honest end: it sends back each message and each ping's payload, and
// answers the close frame. When a rule is broken, it closes with the code for that.
func (e *End) Answer() Heard {
	h := e.listen(func(first byte, payload string) {
		switch first & 0x0f {
		case Ping:
			e.Say(Frame(Final|Pong, payload))
		case Text, Binary:
			if e.packed {
				first, payload = first|Packed, Deflate(payload, flate.BestSpeed)
			}
			e.Say(Frame(first, payload))
		}
	})
	e.leave(&h)
	return h
}

// PlayBytes sends bytes as they are, in writes of at most cut bytes, 0 for one write, and
// hears what comes.
func (e *End) PlayBytes(all []byte, cut int) Heard {
	if cut == 0 {
		cut = max(1, len(all))
	}
	var writer sync.WaitGroup
	writer.Go(func() {
		for part := range slices.Chunk(all, cut) {
			e.write(part)
		}
	})
	h := e.listen(func(byte, string) {})
	writer.Wait() // it ends with the connection at the latest
	e.leave(&h)
	return h
}

// Say sends a frame.
func (e *End) Say(frame []byte) {
	if e.client {
		frame = Mask(frame)
	}
	e.write(frame)
}

func (e *End) write(b []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, _ = e.conn.Write(b)
}

// leave answers the close frame, or fails the connection, and waits for its end. A server
// ends it, a client waits for that, RFC 6455 section 7.1.1.
func (e *End) leave(h *Heard) {
	switch {
	case h.Broken != 0:
		e.Say(Close(h.Broken, ""))
	case h.Closed && h.Code == 1005:
		e.Say(Frame(Final|CloseOp, ""))
	case h.Closed:
		e.Say(Close(h.Code, h.Reason))
	}
	if half, ok := e.conn.(interface{ CloseWrite() error }); ok && !e.client {
		_ = half.CloseWrite() // not yet Close: unread bytes would reset what was sent
	}
	_ = e.conn.SetReadDeadline(time.Now().Add(endWait))
	_, err := io.Copy(io.Discard, e.in)
	h.Ended = err == nil || !errors.Is(err, os.ErrDeadlineExceeded)
	_ = e.conn.Close()
}

// endWait bounds the wait for the end of a connection after its close frames, frameWait that
// for a frame.
const (
	endWait   = 3 * time.Second
	frameWait = 20 * time.Second
)

// listen reads until a close frame, a broken rule or the end of the connection. Pings and
// whole messages, inflated, are given to each.
func (e *End) listen(each func(first byte, payload string)) (h Heard) {
	p := parser{in: e.in, fromClient: !e.client, packed: e.packed}
	for {
		_ = e.conn.SetReadDeadline(time.Now().Add(frameWait))
		first, payload, err := p.next()
		if err != nil {
			h.Broken = p.broken
			return h
		}
		h.take(first, payload)
		if h.Closed {
			return h
		}
		each(first, payload)
	}
}

// Read tells what an honest end gets from bytes: of a client, or of a server.
func Read(all []byte, fromClient, packed bool) (h Heard) {
	p := parser{in: bufio.NewReader(bytes.NewReader(all)), fromClient: fromClient, packed: packed}
	for !h.Closed {
		first, payload, err := p.next()
		if err != nil {
			h.Broken = p.broken
			break
		}
		h.take(first, payload)
	}
	return h
}

func (h *Heard) take(first byte, payload string) {
	switch first & 0x0f {
	case Ping:
		h.Pings = append(h.Pings, payload)
	case Pong:
		h.Pongs = append(h.Pongs, payload)
	case CloseOp:
		h.Closed, h.Code = true, 1005
		if payload != "" {
			h.Code, h.Reason = binary.BigEndian.Uint16([]byte(payload)), payload[2:]
		}
	case Text:
		h.Messages = append(h.Messages, "text:"+payload)
	case Binary:
		h.Messages = append(h.Messages, "binary:"+payload)
	}
}

// parser reads frames and holds them to RFC 6455.
type parser struct {
	in         *bufio.Reader
	fromClient bool
	packed     bool

	message []byte // so far
	opcode  byte   // of it, with Packed; 0 between messages
	checked int    // bytes of a text that are known to be UTF-8
	broken  uint16 // close code
}

// mostBytes bounds a frame.
const mostBytes = 128 << 20

var errBroken = errors.New("a rule is broken")

func (p *parser) fail(code uint16) (byte, string, error) {
	p.broken = code
	return 0, "", errBroken
}

// next returns the next control frame, or whole message.
func (p *parser) next() (first byte, payload string, err error) {
	for {
		var head [2]byte
		if _, err := io.ReadFull(p.in, head[:]); err != nil {
			return 0, "", err
		}
		first, control := head[0], head[0]&0x08 != 0
		opcode := first & 0x0f
		switch {
		case first&0x30 != 0, first&Packed != 0 && (!p.packed || control || opcode == Continuation),
			opcode > Binary && opcode < CloseOp, opcode > Pong,
			control && (first&Final == 0 || head[1]&0x7f > 125),
			opcode == Continuation && p.opcode == 0, !control && opcode != Continuation && p.opcode != 0,
			head[1]&0x80 != 0 != p.fromClient:
			return p.fail(1002)
		}
		body, err := p.body(head[1])
		if err != nil {
			return 0, "", err
		}
		if control {
			if opcode != CloseOp {
				return first, string(body), nil
			}
			if len(body) == 1 || len(body) > 1 && !mayBeSent(binary.BigEndian.Uint16(body)) {
				return p.fail(1002)
			}
			if len(body) > 2 && !utf8.Valid(body[2:]) {
				return p.fail(1007)
			}
			return first, string(body), nil
		}
		if opcode != Continuation {
			p.opcode, p.message, p.checked = first&^Final, nil, 0
		}
		p.message = append(p.message, body...)
		if p.opcode == Text && !p.isText(first&Final != 0) {
			return p.fail(1007)
		}
		if first&Final == 0 {
			continue
		}
		whole := p.opcode
		p.opcode = 0
		if whole&Packed != 0 {
			text, err := io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(p.message), strings.NewReader("\x00\x00\xff\xff\x01\x00\x00\xff\xff"))))
			if err != nil || whole&0x0f == Text && !utf8.Valid(text) {
				return p.fail(1007)
			}
			return Final | whole&0x0f, string(text), nil
		}
		return Final | whole, string(p.message), nil
	}
}

// body reads the rest of a frame.
func (p *parser) body(second byte) ([]byte, error) {
	size := uint64(second & 0x7f)
	if n := lengthBytes(second); n > 0 {
		var long [8]byte
		if _, err := io.ReadFull(p.in, long[8-n:]); err != nil {
			return nil, err
		}
		size = binary.BigEndian.Uint64(long[:])
		if size>>63 != 0 || n == 2 && size < 126 || n == 8 && size < 1<<16 {
			p.broken = 1002
			return nil, errBroken
		}
		if size > mostBytes {
			p.broken = 1009
			return nil, errBroken
		}
	}
	var key [4]byte
	if p.fromClient {
		if _, err := io.ReadFull(p.in, key[:]); err != nil {
			return nil, err
		}
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(p.in, body); err != nil {
		return nil, err
	}
	if p.fromClient {
		for i := range body {
			body[i] ^= key[i%4]
		}
	}
	return body, nil
}

// isText reports whether the message so far can be, or with its end is, UTF-8.
func (p *parser) isText(whole bool) bool {
	for rest := p.message[p.checked:]; len(rest) > 0; rest = p.message[p.checked:] {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			return !whole && !utf8.FullRune(rest)
		}
		p.checked += size
	}
	return true
}

// mayBeSent reports whether a close frame may hold a code: those of RFC 6455 section 7.4 and
// of the registry of IANA.
func mayBeSent(code uint16) bool {
	switch code {
	case 1004, 1005, 1006, 1015:
		return false
	}
	return code >= 1000 && code <= 1014 || code >= 3000 && code <= 4999
}
