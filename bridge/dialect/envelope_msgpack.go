package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// readMsgpack reads one MessagePack value as if it were JSON. Byte strings stay []byte.
func (e *Envelope) readMsgpack() error {
	r := &msgpackReader{rest: bytes.NewReader(e.Payload)}
	r.decoder = msgpack.NewDecoder(r.rest)
	v, err := r.read(0)
	if err != nil {
		return fmt.Errorf("read MessagePack: %w", err)
	}
	if r.rest.Len() > 0 {
		return errors.New("read MessagePack: more follows the value")
	}
	e.JSON, e.HasJSON = v, true
	return nil
}

// msgpackReader descends itself: the library bounds neither the depth nor announced lengths.
type msgpackReader struct {
	decoder *msgpack.Decoder
	rest    *bytes.Reader // the decoder reads from it without a buffer
}

func (r *msgpackReader) read(depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, fmt.Errorf("nested more than %d deep", maxJSONDepth)
	}
	code, err := r.decoder.PeekCode()
	if err != nil {
		return nil, err
	}
	switch {
	case msgpcode.IsFixedArray(code), code == msgpcode.Array16, code == msgpcode.Array32:
		return r.readArray(depth)
	case msgpcode.IsFixedMap(code), code == msgpcode.Map16, code == msgpcode.Map32:
		return r.readMap(depth)
	case msgpcode.IsString(code):
		length, err := r.decoder.DecodeBytesLen()
		if err != nil {
			return nil, err
		}
		text, err := r.take(length)
		return string(text), err
	case msgpcode.IsBin(code):
		length, err := r.decoder.DecodeBytesLen()
		if err != nil {
			return nil, err
		}
		return r.take(length)
	case msgpcode.IsExt(code):
		_, length, err := r.decoder.DecodeExtHeader()
		if err != nil {
			return nil, err
		}
		return r.take(length)
	}
	v, err := r.decoder.DecodeInterface()
	return jsonScalar(v), err
}

// take reads bytes of an announced length.
func (r *msgpackReader) take(length int) ([]byte, error) {
	if length < 0 || length > r.rest.Len() {
		return nil, fmt.Errorf("%d bytes are announced, %d are there", length, r.rest.Len())
	}
	raw := make([]byte, length)
	_, err := io.ReadFull(r.rest, raw)
	return raw, err
}

func (r *msgpackReader) readArray(depth int) (any, error) {
	length, err := r.decoder.DecodeArrayLen()
	list := []any{}
	for range length {
		if err != nil {
			break
		}
		var item any
		item, err = r.read(depth + 1)
		list = append(list, item)
	}
	return list, err
}

func (r *msgpackReader) readMap(depth int) (any, error) {
	length, err := r.decoder.DecodeMapLen()
	object := map[string]any{}
	for range length {
		if err != nil {
			break
		}
		var key, item any
		if key, err = r.read(depth + 1); err != nil {
			break
		}
		name, _ := textOf(key)
		item, err = r.read(depth + 1)
		object[name] = item
	}
	return object, err
}

// jsonScalar returns a number as encoding/json would.
func jsonScalar(v any) any {
	switch v := v.(type) {
	case int8, int16, int32, int64, uint8, uint16, uint32, uint64:
		return json.Number(fmt.Sprint(v))
	case float32:
		return floatNumber(float64(v), 32)
	case float64:
		return floatNumber(v, 64)
	default:
		return v
	}
}

// floatNumber returns a float as a JSON number; an infinite one, which JSON has not, as a text.
func floatNumber(f float64, bits int) any {
	digits := strconv.FormatFloat(f, 'g', -1, bits)
	if !jsonNumber.MatchString(digits) {
		return digits
	}
	return json.Number(digits)
}
