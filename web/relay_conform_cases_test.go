package main

import (
	"compress/flate"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"duplex/bridge/testkit"
	wp "duplex/web/internal/wirepeer"
)

// cases gathers cases of a group.
type cases struct {
	group string
	all   []relayCase
}

// fine adds a case in which no rule is broken; it ends with close 1000.
func (s *cases) fine(name string, frames ...[]byte) *relayCase {
	return s.add(relayCase{name: name, frames: append(slices.Clip(frames), wp.Close(1000, "done"))})
}

// fails adds a case whose sender has to be closed with a code.
func (s *cases) fails(name string, code uint16, frames ...[]byte) *relayCase {
	return s.add(relayCase{name: name, frames: frames, code: code})
}

func (s *cases) add(c relayCase) *relayCase {
	c.group = s.group
	s.all = append(s.all, c)
	return &s.all[len(s.all)-1]
}

// split returns a message in fragments of at most size bytes. Before each but the first
// stand the frames between.
func split(first byte, payload string, size int, between ...[]byte) (frames [][]byte) {
	for at := 0; ; at += size {
		end := min(len(payload), at+size)
		if end == len(payload) {
			first |= wp.Final
		}
		frames = append(frames, wp.Frame(first, payload[at:end]))
		if end == len(payload) {
			return frames
		}
		first = wp.Continuation
		frames = append(frames, between...)
	}
}

var (
	hello      = wp.Frame(wp.Final|wp.Text, "hello")
	ping       = wp.Frame(wp.Final|wp.Ping, "between")
	lonePong   = wp.Frame(wp.Final|wp.Pong, "nobody asked")
	textFrame  = func(payload string) []byte { return wp.Frame(wp.Final|wp.Text, payload) }
	kindsNamed = []struct {
		name   string
		opcode byte
	}{{"text", wp.Text}, {"binary", wp.Binary}}
)

func relayCases() []relayCase {
	return slices.Concat(framingCases(), pingCases(), reservedCases(), fragmentCases(), utf8Cases(), closeCases(), limitCases(), deflateCases())
}

func framingCases() []relayCase {
	s := cases{group: "framing"}
	for _, kind := range kindsNamed {
		for _, size := range []int{0, 1, 125, 126, 127, 128, 65535, 65536, 65537, 1 << 20} {
			s.fine(fmt.Sprintf("%s of %d bytes", kind.name, size), wp.Frame(wp.Final|kind.opcode, strings.Repeat("*", size)))
		}
		s.fine(kind.name+" of 65536 bytes in writes of 997", wp.Frame(wp.Final|kind.opcode, strings.Repeat("*", 65536))).cut = 997
		s.fine(kind.name+" of 126 bytes, byte by byte", wp.Frame(wp.Final|kind.opcode, strings.Repeat("*", 126))).cut = 1
		s.fine("many of "+kind.name, slices.Repeat([][]byte{wp.Frame(wp.Final|kind.opcode, "again")}, 200)...)
	}
	s.fails("wrong about the mask", 1002, hello).noMask = true
	s.fine("5 bytes with a length of 16 bits", append([]byte{wp.Final | wp.Text, 126, 0, 5}, "hello"...)).healed = [][]byte{hello}
	s.fine("5 bytes with a length of 64 bits", append([]byte{wp.Final | wp.Text, 127, 0, 0, 0, 0, 0, 0, 0, 5}, "hello"...)).healed = [][]byte{hello}
	s.fails("a length of 64 bits all set", 1002, hello, wp.Head(wp.Final|wp.Binary, 1<<64-1))
	return s.all
}

func pingCases() []relayCase {
	s := cases{group: "ping, pong"}
	for _, size := range []int{0, 1, 5, 124, 125} {
		s.fine(fmt.Sprintf("ping of %d bytes", size), wp.Frame(wp.Final|wp.Ping, strings.Repeat("\xfe", size)))
	}
	s.fine("ping of 125 bytes, byte by byte", wp.Frame(wp.Final|wp.Ping, strings.Repeat("\xfe", 125))).cut = 1
	s.fails("ping of 126 bytes", 1002, hello, wp.Frame(wp.Final|wp.Ping, strings.Repeat("\xfe", 126)))
	s.fails("pong of 126 bytes", 1002, wp.Frame(wp.Final|wp.Pong, strings.Repeat("\xfe", 126)))
	s.fine("pong that nobody asked for", lonePong)
	s.fine("empty pong", wp.Frame(wp.Final|wp.Pong, ""), hello)
	s.fine("pong, then ping", lonePong, ping)
	s.fine("ten pings", pings(10)...)
	s.fine("ten pings in small writes", pings(10)...).cut = 3
	s.fine("pings among messages", slices.Concat(pings(3), [][]byte{hello}, pings(3), [][]byte{hello})...)
	s.fine("ping between fragments", split(wp.Text, "hello, world", 4, ping)...)
	s.fine("pong between fragments", split(wp.Text, "hello, world", 4, lonePong)...)
	s.fine("ping within a large message", split(wp.Binary, strings.Repeat("*", 300<<10), 50<<10, ping)...)
	return s.all
}

func pings(n int) (frames [][]byte) {
	for i := range n {
		frames = append(frames, wp.Frame(wp.Final|wp.Ping, fmt.Sprint("number ", i)))
	}
	return frames
}

func reservedCases() []relayCase {
	s := cases{group: "reserved"}
	for bits := byte(1); bits < 8; bits++ {
		s.fails(fmt.Sprintf("bits %03b of a text", bits), 1002, wp.Frame(wp.Final|bits<<4|wp.Text, "x"))
		s.fails(fmt.Sprintf("bits %03b of a ping after a message", bits), 1002, hello, wp.Frame(bits<<4|wp.Final|wp.Ping, "x"))
	}
	s.fails("bit of an empty binary", 1002, wp.Frame(wp.Final|0x20|wp.Binary, ""))
	s.fails("bit of a close", 1002, wp.Frame(wp.Final|0x40|wp.CloseOp, ""))
	s.fails("bit of a continuation", 1002, wp.Frame(wp.Text, "x"), wp.Frame(wp.Final|0x10, "y"))
	for _, opcode := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		s.fails(fmt.Sprintf("opcode %d, empty", opcode), 1002, wp.Frame(wp.Final|opcode, ""))
		s.fails(fmt.Sprintf("opcode %d after a message and before one", opcode), 1002, hello, wp.Frame(wp.Final|opcode, "x"), hello).cut = int(opcode)
	}
	return s.all
}

func fragmentCases() []relayCase {
	s := cases{group: "fragments"}
	for _, kind := range kindsNamed {
		s.fine(kind.name+" in two", split(kind.opcode, "hello, world", 6)...)
		s.fine(kind.name+" in five, with a ping between", split(kind.opcode, "hello, world", 3, ping)...)
		s.fine(kind.name+" in single bytes, each written alone", split(kind.opcode, "hello, world", 1)...).cut = 1
		s.fine(kind.name+" of empty fragments", wp.Frame(kind.opcode, ""), wp.Frame(wp.Continuation, ""), wp.Frame(wp.Final|wp.Continuation, ""))
		s.fine(kind.name+" with empty ends", wp.Frame(kind.opcode, ""), wp.Frame(wp.Continuation, "x"), wp.Frame(wp.Final|wp.Continuation, ""))
		s.fails(kind.name+" within a text", 1002, wp.Frame(wp.Text, "x"), wp.Frame(wp.Final|kind.opcode, "y"))
		s.fails("unfinished "+kind.name+" within a binary", 1002, hello, wp.Frame(wp.Binary, "x"), wp.Frame(kind.opcode, "y"))
		s.fine(kind.name+" twice in fragments, with messages around", slices.Concat([][]byte{hello}, split(kind.opcode, "one two", 3), split(kind.opcode, "three", 2), [][]byte{hello})...)
	}
	for _, control := range []byte{wp.Ping, wp.Pong, wp.CloseOp} {
		s.fails(fmt.Sprintf("control frame %d in two", control), 1002, wp.Frame(control, ""), wp.Frame(wp.Final|wp.Continuation, ""))
	}
	for _, first := range []byte{wp.Continuation, wp.Final | wp.Continuation} {
		s.fails(fmt.Sprintf("continuation %#x of nothing", first), 1002, wp.Frame(first, "x"))
		s.fails(fmt.Sprintf("continuation %#x after a whole message", first), 1002, hello, wp.Frame(first, "x"), hello)
	}
	s.fails("continuation after the last", 1002, append(split(wp.Text, "hello", 3), wp.Frame(wp.Final|wp.Continuation, "x"))...)
	s.fine("close within a message", wp.Frame(wp.Text, "x"))
	return s.all
}

func utf8Cases() []relayCase {
	s := cases{group: "UTF-8"}
	good := []string{
		"plain", "Grüße aus Köln", "κόσμε", "日本語", "\U0001f600 and \U0001f468\u200d\U0001f469", "\x00", "\x7f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff",
		"\ufffd", "\ufffe", "\ufeffwith a mark", "\U00010000", "\U0010ffff", "\U0001fffe", "e\u0301", "\u202eright to left",
	}
	for i, text := range good {
		s.fine(fmt.Sprintf("%+q", text), textFrame(text))
		s.fine(fmt.Sprintf("%+q in single bytes", text), split(wp.Text, text, 1)...)
		if i%4 == 0 {
			s.fine(fmt.Sprintf("%+q in single bytes with pings", text), split(wp.Text, text, 1, ping)...).cut = 2
		}
	}
	bad := []string{
		"\x80", "\xbf", "\x80\xbf\x80", "\xfe", "\xff", "\xfe\xfe\xff\xff", "\xc0 ", "\xdf ", "\xe0 \x80", "\xef\xbf ", "\xf0\x90\x80 ", // lonely bytes
		"\xc2", "\xe0\xa0", "\xf0\x90\x80", "\xf4\x8f\xbf", // ends too early
		"\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xc0\x80", // longer than needed
		"\xed\xa0\x80", "\xed\xad\xbf", "\xed\xbf\xbf", "\xed\xa0\x80\xed\xb0\x80", // surrogates
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80", // above U+10FFFF
	}
	for i, text := range bad {
		s.fails(fmt.Sprintf("%q", text), 1007, textFrame(text))
		s.fails(fmt.Sprintf("%q amid a text, after a message", text), 1007, hello, textFrame("κόσμε"+text+"edited"))
		s.fails(fmt.Sprintf("%q in single bytes", text), 1007, split(wp.Text, "ab"+text, 1)...)
		if i%3 == 0 {
			s.fails(fmt.Sprintf("%q in fragments that are cut within frames", text), 1007, split(wp.Text, "κόσμε"+text+"x", 3, ping)...).cut = 2
		}
		s.fine(fmt.Sprintf("%q as binary", text), wp.Frame(wp.Final|wp.Binary, text))
	}
	// A text that cannot become right any more is closed before its end has come.
	s.fails("wrong byte in a fragment that is not the last", 1007, wp.Frame(wp.Text, "fine"), wp.Frame(wp.Continuation, "a\xffb"))
	s.fails("surrogate cut in two, and no end", 1007, wp.Frame(wp.Text, "\xed"), wp.Frame(wp.Continuation, "\xa0\x80"))
	return s.all
}

func closeCases() []relayCase {
	s := cases{group: "close"}
	closes := func(name string, code uint16, frames ...[]byte) {
		s.add(relayCase{name: name, frames: frames, code: code})
	}
	closes("without a code", 0, wp.Frame(wp.Final|wp.CloseOp, ""))
	for _, code := range []uint16{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999} {
		closes(fmt.Sprint("code ", code), 0, wp.Close(code, ""))
	}
	for _, code := range []uint16{0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535} {
		closes(fmt.Sprint("code ", code), 1002, wp.Close(code, ""))
		closes(fmt.Sprint("code ", code, " with a reason, after a message"), 1002, hello, wp.Close(code, "because"))
	}
	for _, size := range []int{1, 2, 122, 123} {
		closes(fmt.Sprintf("reason of %d bytes", size), 0, hello, wp.Close(1000, strings.Repeat("*", size)))
	}
	closes("reason in Greek", 0, wp.Close(4001, "κόσμε"))
	closes("reason of 124 bytes", 1002, wp.Close(1000, strings.Repeat("*", 124)))
	closes("of one byte", 1002, wp.Frame(wp.Final|wp.CloseOp, "\x03"))
	for _, reason := range []string{"\xff\xfe", "\xce\xba\xed\xa0\x80edited", "cut \xe2\x82"} {
		closes(fmt.Sprintf("reason %q", reason), 1007, wp.Close(1000, reason))
	}
	closes("message behind it", 0, hello, wp.Close(1000, ""), textFrame("late"))
	closes("ping behind it", 0, wp.Close(1000, ""), ping)
	closes("a second one", 0, wp.Close(1000, "first"), wp.Close(1001, "second"))
	closes("what is broken behind it", 0, wp.Close(1000, ""), wp.Frame(0x7f, ""))
	closes("behind 256 KiB", 0, wp.Frame(wp.Final|wp.Binary, strings.Repeat("*", 256<<10)), wp.Close(1000, ""))
	closes("behind a message that is not whole", 0, wp.Frame(wp.Text, "never whole"), wp.Close(1001, "away"))
	return s.all
}

func limitCases() []relayCase {
	s := cases{group: "sizes"}
	for _, size := range testkit.Pick([]int{1 << 20, 4 << 20}, []int{1 << 20, 4 << 20, 16 << 20}, []int{1 << 20, 4 << 20, 16 << 20, 60 << 20}) {
		s.fine(fmt.Sprintf("text of %d bytes", size), textFrame(strings.Repeat("κόσμε, ", size/12)))
		s.fine(fmt.Sprintf("binary of %d bytes in fragments of 64 KiB", size), split(wp.Binary, strings.Repeat("*", size), 64<<10)...)
		s.fine(fmt.Sprintf("text of %d bytes in fragments of 4,099", size), split(wp.Text, strings.Repeat("κόσμε, ", size/12), 4099)...)
	}
	s.fine("binary of 1 MiB in writes of 16,001", wp.Frame(wp.Final|wp.Binary, strings.Repeat("*", 1<<20))).cut = 16001
	s.fine("text of 64 KiB in fragments of 64", split(wp.Text, strings.Repeat("*", 64<<10), 64)...)
	for _, size := range []int{0, 16, 256, 4096, 16384} {
		n := testkit.Pick(100, 1000, 1000)
		s.fine(fmt.Sprintf("%d messages of %d bytes", n, size), slices.Repeat([][]byte{wp.Frame(wp.Final|wp.Binary, strings.Repeat("*", size))}, n)...)
	}
	s.fails("beyond any limit", 1009, hello, wp.Head(wp.Final|wp.Binary, 1<<62))
	return s.all
}

func deflateCases() []relayCase {
	s := cases{group: "deflate"}
	random := rand.New(rand.NewPCG(1, 2)) // the same bytes in each run
	noise := func(size int) string {
		var out []byte
		for len(out) < size {
			out = binary.LittleEndian.AppendUint64(out, random.Uint64())
		}
		return string(out[:size])
	}
	packed := func(opcode byte, payload string, level int) []byte {
		return wp.Frame(wp.Final|wp.Packed|opcode, wp.Deflate(payload, level))
	}
	for _, size := range []int{0, 1, 16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072, 1 << 20} {
		const unit = `{"text":"κόσμε"} `
		text := strings.Repeat(unit, size/len(unit))
		s.fine(fmt.Sprintf("text of %d bytes", len(text)), packed(wp.Text, text, flate.BestSpeed))
		s.fine(fmt.Sprintf("noise of %d bytes", size), packed(wp.Binary, noise(size), flate.DefaultCompression))
	}
	text := strings.Repeat("all of it ", 1000)
	for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, flate.BestCompression} {
		s.fine(fmt.Sprint("level ", level), packed(wp.Text, text, level))
	}
	s.fine("in fragments", split(wp.Packed|wp.Text, wp.Deflate(text, 6), 7)...)
	s.fine("in fragments with pings between", split(wp.Packed|wp.Text, wp.Deflate(text, 6), 20, ping)...).cut = 5
	s.fine("noise in fragments of 4 KiB", split(wp.Packed|wp.Binary, wp.Deflate(noise(200<<10), 1), 4096)...)
	s.fine("plain where it could be compressed", hello, packed(wp.Text, "hello", 1), hello)
	s.fine("plain in fragments", split(wp.Text, "hello, world", 3)...)
	s.fine("many", slices.Repeat([][]byte{packed(wp.Text, `{"delta":"word"}`, 1)}, 200)...)
	s.fine("with a block that says it is the last", wp.Frame(wp.Final|wp.Packed|wp.Text, wp.Deflate("hello", 1)+"\x00\x00\xff\xff\x03\x00"+"\x00"), hello) // RFC 7692 section 7.2.3.4
	s.fine("close within a message", wp.Frame(wp.Packed|wp.Text, wp.Deflate("hello", 1)))
	s.fails("bit of a continuation", 1002, wp.Frame(wp.Packed|wp.Text, wp.Deflate("hello", 1)), wp.Frame(wp.Final|wp.Packed, "x"))
	s.fails("bit of a ping", 1002, hello, wp.Frame(wp.Final|wp.Packed|wp.Ping, ""))
	s.fails("bit of a close", 1002, wp.Frame(wp.Final|wp.Packed|wp.CloseOp, ""))
	s.fails("another bit too", 1002, wp.Frame(wp.Final|wp.Packed|0x20|wp.Text, wp.Deflate("hello", 1)))
	s.fails("what cannot be inflated", 1007, wp.Frame(wp.Final|wp.Packed|wp.Text, "\xff\xff\xff\xff\xff"))
	s.fails("not UTF-8", 1007, hello, packed(wp.Text, "a\xffb", 1))
	s.fails("surrogate in fragments", 1007, split(wp.Packed|wp.Text, wp.Deflate("\xed\xa0\x80 and more", 1), 3)...)
	for i := range s.all {
		s.all[i].packed = true
	}
	return s.all
}
