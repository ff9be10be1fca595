package demo

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/coder/websocket"
)

// leastTick is the shortest message of the ticker, in bytes: a number and braces.
const leastTick = 32

// burst is the number of messages between two reads of the clock.
const burst = 1000

// ticker pushes without being asked.
type ticker struct {
	rate   int // messages a second; 0 is as fast as the socket takes them
	size   int // bytes of a message
	count  int // messages in all; 0 is no end
	opcode websocket.MessageType
	now    func() time.Time
}

// prepareTicker reads ?rate=&size=&count=&opcode=.
func prepareTicker(d *Demo, q *params) script {
	t := ticker{
		rate:   q.number("rate", 1, 0, 10_000_000),
		size:   q.number("size", 128, leastTick, maxMessage),
		count:  q.number("count", 0, 0, math.MaxInt32),
		opcode: websocket.MessageText, now: d.now,
	}
	if q.word("opcode", "text", "binary") == "binary" {
		t.opcode = websocket.MessageBinary
	}
	return t.run
}

// run sends all due messages at once and waits for the next one. After the last message
// it closes with 1000.
func (t ticker) run(ctx context.Context, p *peer) error {
	tick := newTick(t.size)
	start := time.Now() // the pace is real time, independent of the Demo's clock
	for sent := 0; t.count == 0 || sent < t.count; {
		due := t.due(sent, time.Since(start))
		if err := t.push(p, tick, sent, due); err != nil {
			return err
		}
		sent = due
		if err := pause(ctx, t.at(sent)-time.Since(start)); err != nil {
			return err
		}
	}
	return p.conn.Close(websocket.StatusNormalClosure, "count reached")
}

func (t ticker) push(p *peer, tick *tick, from, to int) error {
	p.wire.hold()
	at := t.now().UnixMicro()
	for seq := from + 1; seq <= to; seq++ {
		// A context that can end would cost a timer for every message; Close and a
		// peer that goes end the connection itself.
		if err := p.send(context.Background(), message{t.opcode, tick.number(seq, at)}); err != nil {
			return err
		}
	}
	return p.wire.release()
}

// due returns how many messages should have gone out after so long, the first at
// once: never more than a burst beyond sent, and at full speed always a burst.
func (t ticker) due(sent int, after time.Duration) int {
	due := sent + burst
	if t.rate > 0 {
		due = min(due, 1+int(after.Seconds()*float64(t.rate)))
	}
	if t.count > 0 {
		due = min(due, t.count)
	}
	return max(due, sent)
}

// at returns when the message after so many is due.
func (t ticker) at(sent int) time.Duration {
	if t.rate == 0 || sent == t.count {
		return 0
	}
	return time.Duration(float64(sent) / float64(t.rate) * float64(time.Second))
}

// tick is a message of the ticker: {"seq":1,"sent_us":1763900000000000,"pad":"xxx"},
// always of the same size. Fields that do not fit are left out, the pad first.
type tick struct {
	buffer []byte
	head   []byte
}

func newTick(size int) *tick { return &tick{buffer: make([]byte, size)} }

// number returns the message with that number; it is good until the next call.
func (t *tick) number(seq int, at int64) []byte {
	t.head = strconv.AppendInt(append(t.head[:0], `{"seq":`...), int64(seq), 10)
	room := len(t.buffer) - len(`}`)
	if stamp := len(`,"sent_us":`) + 16; len(t.head)+stamp <= room {
		t.head = strconv.AppendInt(append(t.head, `,"sent_us":`...), at, 10)
	}
	filler, end := byte(' '), `}`
	if pad := len(`,"pad":""`); len(t.head)+pad <= room {
		t.head = append(t.head, `,"pad":"`...)
		filler, end = 'x', `"}`
	}
	n := copy(t.buffer, t.head)
	t.fill(n, len(t.buffer)-len(end), filler)
	copy(t.buffer[len(t.buffer)-len(end):], end)
	return t.buffer
}

func (t *tick) fill(from, to int, filler byte) {
	for i := from; i < to; i++ {
		t.buffer[i] = filler
	}
}
