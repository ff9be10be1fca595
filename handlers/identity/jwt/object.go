package jwt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Object is a JSON object with members that are found by their exact names. encoding/json
// takes "SUB" for "sub", and the last of two equal names: an added claim could replace
// one that the issuer vouches for (RFC 7519 section 4, RFC 7515 section 4).
type Object map[string]json.RawMessage

// ParseObject parses one JSON object. A duplicate name is an error, and so is text that is
// not UTF-8, because two such texts could be read as one.
func ParseObject(raw []byte) (Object, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("it is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if first, err := decoder.Token(); err != nil || first != json.Delim('{') {
		return nil, errors.Join(errors.New("it is no JSON object"), err)
	}
	o := Object{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		text, _ := name.(string)
		if _, twice := o[text]; twice {
			return nil, fmt.Errorf("the name %.80q comes twice", text)
		}
		o[text] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return o, nil
}

// Has reports whether the name has a value other than null.
func (o Object) Has(name string) bool {
	value, found := o[name]
	return found && string(value) != "null"
}

// Text returns the string under the name, "" when there is none. Any other value is an
// error.
func (o Object) Text(name string) (string, error) {
	if !o.Has(name) {
		return "", nil
	}
	var s string
	if err := json.Unmarshal(o[name], &s); err != nil {
		return "", fmt.Errorf("the claim %s is no text", name)
	}
	return s, nil
}

// Texts returns the list of strings under the name. A single string is a list of one, as
// RFC 7519 section 4.1.3 has it for "aud".
func (o Object) Texts(name string) ([]string, error) {
	if !o.Has(name) {
		return nil, nil
	}
	var list []*string
	if json.Unmarshal(o[name], &list) == nil {
		out := make([]string, len(list))
		for i, s := range list {
			if s == nil {
				return nil, fmt.Errorf("the claim %s has null in its list", name)
			}
			out[i] = *s
		}
		return out, nil
	}
	one, err := o.Text(name)
	if err != nil {
		return nil, fmt.Errorf("the claim %s is neither a text nor a list of texts", name)
	}
	return []string{one}, nil
}

// latestSecond bounds a NumericDate, in seconds since 1970. A greater number is a mistake
// or in milliseconds, and would overflow.
const latestSecond = 1 << 40

// Instant returns the NumericDate under the name (RFC 7519 section 2): a number of
// seconds, with or without a fraction. It is the zero time when the name is absent. Any
// other value is an error: a bound that cannot be parsed must not be skipped.
func (o Object) Instant(name string) (time.Time, error) {
	value, found := o[name]
	if !found {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseFloat(string(value), 64)
	if err != nil || strings.HasPrefix(string(value), "-") || seconds > latestSecond {
		return time.Time{}, fmt.Errorf("the claim %s is no number of seconds from 0 to %d", name, int64(latestSecond))
	}
	return time.UnixMicro(int64(seconds * 1e6)), nil
}
