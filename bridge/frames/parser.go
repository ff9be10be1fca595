package frames

import (
	"encoding/binary"
)

// Opcodes and bits of a frame's first two bytes, RFC 6455 section 5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xa

	bitFinal  = 0x80
	bitPacked = 0x40 // RSV1: compressed, RFC 7692 section 6
	bitsOther = 0x30 // RSV2 and RSV3
	bitMasked = 0x80

	maxControl = 125     // bytes
	maxHeader  = 14      // bytes
	headKept   = 1 << 10 // bytes of RuleError.Head
)

// parser checks the headers of the frames of one direction.
type parser struct {
	fromClient bool  // every frame must be masked; if false, none
	deflate    bool  // permessage-deflate was agreed
	limit      int64 // bytes of an inflated message; 0 is none

	header [maxHeader]byte
	have   int   // bytes of header
	left   int64 // bytes of the payload

	message byte  // opcode of the current message; 0 is none
	packed  bool  // the message is compressed
	room    int64 // bytes that its frames may still announce

	closes   bool // the current frame is a close frame
	close    [maxControl]byte
	closeLen int
	key      [4]byte // the mask of the current frame
}

// headerSize returns the size of the frame's header that is known so far.
func (f *parser) headerSize() int {
	if f.have < 2 {
		return 2
	}
	size := 2
	switch f.header[1] &^ bitMasked {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	if f.header[1]&bitMasked != 0 {
		size += 4
	}
	return size
}

// takeHeader reads a header from the beginning of p. It returns false if that is not complete.
func (f *parser) takeHeader(p []byte) bool {
	for f.have < f.headerSize() {
		if f.have == len(p) {
			return false
		}
		f.header[f.have] = p[f.have]
		f.have++
	}
	return true
}

// size returns the payload size in a complete header; negative when the most significant
// bit is set.
func (f *parser) size() int64 {
	switch size := f.header[1] &^ bitMasked; size {
	case 126:
		return int64(binary.BigEndian.Uint16(f.header[2:]))
	case 127:
		return int64(binary.BigEndian.Uint64(f.header[2:])) //nolint:gosec // may be negative
	default:
		return int64(size)
	}
}

// begin checks a complete header. Rest holds the bytes that arrived behind it.
func (f *parser) begin(rest []byte) error {
	first, second, size := f.header[0], f.header[1], f.size()
	if second&bitMasked != 0 {
		copy(f.key[:], f.header[f.have-len(f.key):])
	}
	f.have = 0
	opcode := first & 0x0f
	switch {
	case first&bitsOther != 0, first&bitPacked != 0 && (!f.deflate || opcode != opText && opcode != opBinary):
		return &RuleError{Rule: ReservedBits}
	case opcode > opBinary && opcode < opClose, opcode > opPong:
		return &RuleError{Rule: Opcode}
	case second&bitMasked != 0 && !f.fromClient:
		return &RuleError{Rule: Masked}
	case second&bitMasked == 0 && f.fromClient:
		return &RuleError{Rule: Unmasked}
	case size < 0:
		return &RuleError{Rule: Length}
	}
	f.left = size
	if opcode >= opClose {
		return f.beginControl(first)
	}
	return f.beginData(first, rest)
}

func (f *parser) beginControl(first byte) error {
	if first&bitFinal == 0 || f.left > maxControl {
		return &RuleError{Rule: Control}
	}
	if first&0x0f != opClose {
		return nil
	}
	f.closes = true
	if f.left == 0 {
		return f.closed()
	}
	return nil
}

func (f *parser) beginData(first byte, rest []byte) error {
	opcode := first & 0x0f
	switch {
	case opcode == opContinuation && f.message == 0:
		return &RuleError{Rule: Continuation}
	case opcode != opContinuation && f.message != 0:
		return &RuleError{Rule: Interleaved}
	case opcode != opContinuation:
		f.message, f.packed = opcode, first&bitPacked != 0
		if f.room = f.limit; f.packed {
			f.room = 2*f.limit + headKept // deflate can grow incompressible data
		}
	}
	if f.limit > 0 && f.left > f.room {
		failure := &RuleError{Rule: TooLarge, Announced: f.left, Text: f.message == opText}
		if !f.packed && !f.fromClient {
			failure.Head = append(failure.Head, rest[:min(len(rest), headKept)]...)
		}
		return failure
	}
	f.room -= f.left
	if first&bitFinal != 0 {
		f.message = 0
	}
	return nil
}

// closed reads the complete close frame.
func (f *parser) closed() error {
	payload := f.close[:f.closeLen]
	if f.fromClient {
		mask(payload, f.key)
	}
	return closing(payload)
}
