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
	reader := bytes.NewReader(e.Payload)
	decoder := msgpack.NewDecoder(reader)
	v, err := decodeMsgpack(decoder, 0)
	if err != nil {
		return fmt.Errorf("read MessagePack: %w", err)
	}
	if _, err := decoder.PeekCode(); !errors.Is(err, io.EOF) {
		return errors.New("read MessagePack: more follows the value")
	}
	e.JSON, e.HasJSON = v, true
	return nil
}

// decodeMsgpack descends itself: the library does not bound the depth.
func decodeMsgpack(d *msgpack.Decoder, depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, fmt.Errorf("nested more than %d deep", maxJSONDepth)
	}
	code, err := d.PeekCode()
	if err != nil {
		return nil, err
	}
	switch {
	case msgpcode.IsFixedArray(code), code == msgpcode.Array16, code == msgpcode.Array32:
		return decodeMsgpackArray(d, depth)
	case msgpcode.IsFixedMap(code), code == msgpcode.Map16, code == msgpcode.Map32:
		return decodeMsgpackMap(d, depth)
	case msgpcode.IsExt(code):
		_, length, err := d.DecodeExtHeader()
		if err != nil {
			return nil, err
		}
		if length < 0 || length > maxInflated {
			return nil, errors.New("an extension is too long")
		}
		raw, err := io.ReadAll(io.LimitReader(d.Buffered(), int64(length)))
		if err == nil && len(raw) < length {
			err = io.ErrUnexpectedEOF
		}
		return raw, err
	}
	v, err := d.DecodeInterface()
	if err != nil {
		return nil, err
	}
	return jsonScalar(v), nil
}

func decodeMsgpackArray(d *msgpack.Decoder, depth int) (any, error) {
	length, err := d.DecodeArrayLen()
	if err != nil {
		return nil, err
	}
	list := []any{}
	for range length {
		item, err := decodeMsgpack(d, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, nil
}

func decodeMsgpackMap(d *msgpack.Decoder, depth int) (any, error) {
	length, err := d.DecodeMapLen()
	if err != nil {
		return nil, err
	}
	object := map[string]any{}
	for range length {
		key, err := decodeMsgpack(d, depth+1)
		if err != nil {
			return nil, err
		}
		item, err := decodeMsgpack(d, depth+1)
		if err != nil {
			return nil, err
		}
		name, _ := textOf(key)
		object[name] = item
	}
	return object, nil
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
