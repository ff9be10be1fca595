package emulate

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// object is a JSON object of a caller. Numbers are json.Number.
type object map[string]any

// parseObject reads a JSON object and nothing after it.
func parseObject(payload []byte) (object, error) {
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	var o object
	if err := decoder.Decode(&o); err != nil {
		return nil, fmt.Errorf("no JSON object: %w", err)
	}
	if o == nil {
		return nil, fmt.Errorf("no JSON object: null")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("more after the JSON object")
	}
	return o, nil
}

// at returns the value of a dotted path; nil when there is none.
func (o object) at(path string) any {
	var value any = map[string]any(o)
	for key := range strings.SplitSeq(path, ".") {
		inner, _ := value.(map[string]any)
		value = inner[key]
	}
	return value
}

// text returns the string at a path; "" when there is none.
func (o object) text(path string) string {
	text, _ := o.at(path).(string)
	return text
}

// number returns the number at a path; -1 when there is none.
func (o object) number(path string) float64 {
	number, ok := o.at(path).(json.Number)
	if !ok {
		return -1
	}
	value, err := number.Float64()
	if err != nil {
		return -1
	}
	return value
}

// object returns the object at a path; an empty one when there is none.
func (o object) object(path string) object {
	inner, _ := o.at(path).(map[string]any)
	return inner
}

// foreign returns the first key that is none of known; "" when there is none.
func (o object) foreign(known ...string) string {
	for _, key := range slices.Sorted(maps.Keys(o)) {
		if !slices.Contains(known, key) {
			return key
		}
	}
	return ""
}

// missing returns the first path that has no value; "" when there is none.
func (o object) missing(paths ...string) string {
	for _, path := range paths {
		if o.at(path) == nil {
			return path
		}
	}
	return ""
}

// base64 returns the bytes at a path in standard base64, RFC 4648 section 4.
func (o object) base64(path string) ([]byte, error) {
	text, ok := o.at(path).(string)
	if !ok {
		return nil, fmt.Errorf("%s is no text", path)
	}
	return base64.StdEncoding.DecodeString(text)
}
