package dialect

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// computedSecret is shown in place of what was computed from a secret.
const computedSecret = "{{secret}}"

// value is a value of a template while filters are applied.
type value struct {
	wire, shown []byte // shown is the same slice unless hidden
	hidden      bool
	data        any // of valueMessage and counters: the JSON value
	hasData     bool
	at          time.Time // of $now
}

func plainValue(wire []byte) value { return value{wire: wire, shown: wire} }

func (e *expression) evaluate(s *Scope) (value, error) {
	v, err := e.source(s)
	if err != nil {
		return value{}, err
	}
	for i := range e.filters {
		call := &e.filters[i]
		argument := value{}
		if call.argument != nil {
			if argument, err = call.argument.evaluate(s); err != nil {
				return value{}, err
			}
		}
		if v, err = call.filter.run(v, argument); err != nil {
			return value{}, &TemplateError{Offset: call.offset, Detail: fmt.Sprintf("the filter %s failed: %v", call.name, err)}
		}
	}
	return v, nil
}

func (e *expression) source(s *Scope) (value, error) {
	switch e.kind {
	case valueSecret:
		secret, has := s.Secrets[e.name]
		if !has || secret.IsZero() {
			return value{}, &TemplateError{Offset: e.offset, Name: "secret." + e.name, Detail: fmt.Sprintf("the secret %q is missing", e.name)}
		}
		return value{wire: []byte(secret.Reveal()), shown: []byte("{{secret." + e.name + "}}"), hidden: true}, nil
	case valueLiteral:
		return plainValue([]byte(e.name)), nil
	case valueNow:
		v := plainValue([]byte(s.Now.UTC().Format(isoTime)))
		v.at = s.Now.UTC()
		return v, nil
	case valueUUID:
		return plainValue([]byte(s.newUUID())), nil
	case valueRandom:
		return plainValue(s.randomDigits(e.digits)), nil
	case valueQuerySorted:
		return plainValue([]byte(sortedQuery(s.Query))), nil
	case valueHost:
		return plainValue([]byte(s.Host)), nil
	case valuePath:
		return plainValue([]byte(s.Path)), nil
	case valueText:
		return plainValue([]byte(s.Text)), nil
	case valueChunk:
		return plainValue(s.Chunk), nil
	case valueHead:
		return plainValue(s.Head), nil
	case valueBody:
		if s.body == nil {
			return value{}, &TemplateError{Offset: e.offset, Name: "body", Detail: "the message has no body"}
		}
		return value{wire: s.body.Wire, shown: s.body.Shown, hidden: s.body.HasSecret()}, nil
	case valueMessage:
		return e.fromMessage(s)
	default:
		return e.fromName(s)
	}
}

func (e *expression) fromMessage(s *Scope) (value, error) {
	var found []any
	if s.Message != nil {
		found = e.message.All(s.Message)
	}
	if len(found) == 0 {
		return value{}, &TemplateError{Offset: e.offset, Name: e.message.String(), Detail: fmt.Sprintf("the message has no %s", e.message)}
	}
	text, _ := e.message.Text(s.Message)
	v := plainValue([]byte(text))
	if len(found) == 1 {
		v.data, v.hasData = found[0], true
		if raw, binary := found[0].([]byte); binary {
			v = plainValue(raw)
		}
	}
	return v, nil
}

func (e *expression) fromName(s *Scope) (value, error) {
	if !e.negative && !e.increment {
		for _, from := range []map[string]string{s.Local, s.Captured, s.Session, s.Vars} {
			text, has := from[e.name]
			if !has {
				continue
			}
			v := plainValue([]byte(text))
			if s.Hidden[e.name] {
				v.shown, v.hidden = []byte("{{"+e.name+"}}"), true
			}
			return v, nil
		}
	}
	count, has := s.Counters[e.name]
	if !has {
		return value{}, &TemplateError{Offset: e.offset, Name: e.name, Detail: fmt.Sprintf("%q has no value yet", e.name)}
	}
	if e.increment {
		s.Counters[e.name] = count + 1
	}
	if e.negative {
		count = -count
	}
	digits := strconv.FormatInt(count, 10)
	v := plainValue([]byte(digits))
	v.data, v.hasData = json.Number(digits), true
	return v, nil
}

func (s *Scope) fill(b []byte) {
	if s.Random != nil {
		s.Random(b)
		return
	}
	_, _ = rand.Read(b) // never fails
}

// newUUID returns a version 4 UUID, RFC 9562 section 5.4.
func (s *Scope) newUUID() string {
	var id uuid.UUID
	s.fill(id[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id.String()
}

// randomDigits returns n decimal digits, of which the first is not 0.
func (s *Scope) randomDigits(n int) []byte {
	digits, one := make([]byte, 0, n), make([]byte, 1)
	for tries := 0; len(digits) < n; tries++ {
		s.fill(one)
		// 250 is the largest multiple of 10 in a byte: all digits are equally likely.
		if digit := one[0] % 10; tries > 1<<12 || one[0] < 250 && (digit != 0 || len(digits) > 0) {
			digits = append(digits, '0'+digit)
		}
	}
	return digits
}

// escapeJSON returns text as the inside of a JSON string.
func escapeJSON(text []byte) []byte {
	encoded := encodeJSON(string(text))
	return encoded[1 : len(encoded)-1]
}

// encodeJSON returns v as JSON, without escapes for HTML. v comes from a JSON decoder, or is a
// text; other values give null.
func encodeJSON(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(v) != nil {
		return []byte("null")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
