package dialect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// LayoutField is one field of a binary message. A field is left out when its conditions do not
// all hold; the conditions of a field that was left out do not hold.
type LayoutField struct {
	Name    string
	Type    string
	If      []LayoutCondition
	Filters []string
	As      string // "json", "text" or "" for bytes

	integer *integerType // nil for bits and bytes
	bits    int          // of u1 to u7
	length  int          // of bytes with a fixed length
	from    string       // the field with the length of bytes; "rest" is all that follows
}

// LayoutCondition compares an earlier field: "&" (one of the bits is set), "==", "!=", "<", ">", "<=",
// ">=".
type LayoutCondition struct {
	Field    string
	Operator string
	Value    int64
}

// integerType is a type of integers in binary messages.
type integerType struct {
	size   int // bytes
	signed bool
	order  binary.ByteOrder
}

// parseInteger reads "u8", "i32be", "u64le".
func parseInteger(name string) (*integerType, bool) {
	rest, signed := strings.CutPrefix(name, "i")
	if !signed {
		var is bool
		if rest, is = strings.CutPrefix(name, "u"); !is {
			return nil, false
		}
	}
	t := &integerType{signed: signed, order: binary.BigEndian}
	if bits, little := strings.CutSuffix(rest, "le"); little {
		rest, t.order = bits, binary.LittleEndian
	} else if bits, big := strings.CutSuffix(rest, "be"); big {
		rest = bits
	} else if rest != "8" {
		return nil, false
	}
	switch rest {
	case "8":
		t.size = 1
		return t, len(name) == 2
	case "16":
		t.size = 2
	case "32":
		t.size = 4
	case "64":
		t.size = 8
	default:
		return nil, false
	}
	return t, true
}

// read returns the integer at the beginning of b, which is long enough. A u64 above int64 wraps.
func (t *integerType) read(b []byte) int64 {
	switch {
	case t.size == 1 && t.signed:
		return int64(int8(b[0])) //nolint:gosec // the sign is meant
	case t.size == 1:
		return int64(b[0])
	case t.size == 2 && t.signed:
		return int64(int16(t.order.Uint16(b))) //nolint:gosec // the sign is meant
	case t.size == 2:
		return int64(t.order.Uint16(b))
	case t.size == 4 && t.signed:
		return int64(int32(t.order.Uint32(b))) //nolint:gosec // the sign is meant
	case t.size == 4:
		return int64(t.order.Uint32(b))
	default:
		return int64(t.order.Uint64(b)) //nolint:gosec // as the doc comment says
	}
}

// write appends v; the error says that it does not fit.
func (t *integerType) write(b []byte, v int64) ([]byte, error) {
	bits := t.size * 8
	switch {
	case t.signed && bits < 64 && (v < -1<<(bits-1) || v >= 1<<(bits-1)),
		!t.signed && (v < 0 || bits < 64 && v >= 1<<bits):
		return nil, fmt.Errorf("%d does not fit into %d bits", v, bits)
	}
	var all [8]byte
	switch t.size {
	case 1:
		all[0] = byte(v) //nolint:gosec // checked above
	case 2:
		t.order.PutUint16(all[:], uint16(v)) //nolint:gosec // checked above
	case 4:
		t.order.PutUint32(all[:], uint32(v)) //nolint:gosec // checked above
	default:
		t.order.PutUint64(all[:], uint64(v)) //nolint:gosec // checked above
	}
	return append(b, all[:t.size]...), nil
}

// resolve reads the type of f, which the schema has checked.
func (f *LayoutField) resolve() {
	if t, is := parseInteger(f.Type); is {
		f.integer = t
		return
	}
	if length, is := strings.CutPrefix(f.Type, "bytes:"); is {
		if n, err := strconv.Atoi(length); err == nil {
			f.length = n
		} else {
			f.from = length
		}
		return
	}
	f.bits, _ = strconv.Atoi(strings.TrimPrefix(f.Type, "u"))
}

// readLayout reads the fields of a binary message; what follows them is the body.
func (d *Dialect) readLayout(e *Envelope) error {
	e.Fields = map[string]any{}
	r := &layoutReader{rest: e.Payload, envelope: e}
	for i := range d.Receive.Layout {
		f := &d.Receive.Layout[i]
		if !r.holds(f.If) {
			continue
		}
		if err := r.read(f); err != nil {
			e.Body = r.rest
			return fmt.Errorf("read field %s: %w", f.Name, err)
		}
	}
	e.Body = r.rest
	return nil
}

type layoutReader struct {
	rest     []byte
	bit      int // bits of the first byte of rest that were read
	envelope *Envelope
	inflated int
}

func (r *layoutReader) holds(conditions []LayoutCondition) bool {
	for _, c := range conditions {
		v, is := r.envelope.Fields[c.Field].(int64)
		if !is {
			return false
		}
		var holds bool
		switch c.Operator {
		case "&":
			holds = v&c.Value != 0
		case "==":
			holds = v == c.Value
		case "!=":
			holds = v != c.Value
		case "<":
			holds = v < c.Value
		case ">":
			holds = v > c.Value
		case "<=":
			holds = v <= c.Value
		case ">=":
			holds = v >= c.Value
		}
		if !holds {
			return false
		}
	}
	return true
}

var errCut = errors.New("the message ends before it")

func (r *layoutReader) read(f *LayoutField) error {
	if f.bits > 0 {
		if len(r.rest) == 0 {
			return errCut
		}
		if r.bit+f.bits > 8 {
			return errors.New("bits do not go over the end of a byte")
		}
		r.envelope.Fields[f.Name] = int64(r.rest[0]>>(8-r.bit-f.bits)) & (1<<f.bits - 1)
		if r.bit += f.bits; r.bit == 8 {
			r.rest, r.bit = r.rest[1:], 0
		}
		return nil
	}
	if r.bit != 0 {
		return errors.New("it does not begin at the beginning of a byte")
	}
	if f.integer != nil {
		if len(r.rest) < f.integer.size {
			return errCut
		}
		r.envelope.Fields[f.Name] = f.integer.read(r.rest)
		r.rest = r.rest[f.integer.size:]
		return nil
	}
	length, err := r.length(f)
	if err != nil {
		return err
	}
	raw := r.rest[:length]
	r.rest = r.rest[length:]
	return r.set(f, raw)
}

func (r *layoutReader) length(f *LayoutField) (int, error) {
	length := int64(f.length)
	switch f.from {
	case "":
	case "rest":
		return len(r.rest), nil
	default:
		v, is := r.envelope.Fields[f.from].(int64)
		if !is {
			return 0, fmt.Errorf("its length %s is no number in this message", f.from)
		}
		length = v
	}
	if length < 0 || length > int64(len(r.rest)) {
		return 0, fmt.Errorf("%d bytes are announced, %d are there", length, len(r.rest))
	}
	return int(length), nil
}

// set stores a field of bytes after its filters.
func (r *layoutReader) set(f *LayoutField, raw []byte) error {
	r.envelope.Fields[f.Name] = raw
	for _, name := range f.Filters {
		out, ok := raw, false
		if filter := filters[name]; name == "gunzip" {
			out, ok = inflate(raw, maxInflated-r.inflated)
			r.inflated += len(out)
		} else if in, err := filter.apply(raw, nil); err == nil {
			out, ok = in, true
		}
		if !ok {
			return fmt.Errorf("%s: %w", name, errInflate)
		}
		raw = out
	}
	switch f.As {
	case "json":
		r.envelope.Fields[f.Name] = raw
		v, err := decodeJSON(raw)
		if err != nil {
			return err
		}
		r.envelope.JSON, r.envelope.HasJSON = v, true
		r.envelope.Fields[f.Name] = v
	case "text":
		if !utf8.Valid(raw) {
			return errors.New("it is not UTF-8")
		}
		r.envelope.Fields[f.Name] = string(raw)
	default:
		r.envelope.Fields[f.Name] = raw
	}
	return nil
}
