package dialect

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // some services sign with HMAC-SHA1
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const isoTime = "2006-01-02T15:04:05Z"

// argumentKind tells which argument a filter takes.
type argumentKind int

const (
	argumentNone argumentKind = iota
	argumentKey
	argumentSeconds // optional
	argumentDigits  // optional: of the fraction of a second, 1 to 9
)

// filter turns one value into another. undo is nil when the result does not tell the value.
type filter struct {
	argument argumentKind
	ofTime   bool // takes $now
	ofData   bool // a JSON value stays one
	open     bool // a secret's marker is filtered too; otherwise the result is {{secret}}
	apply    func(in []byte, argument []byte) ([]byte, error)
	atTime   func(at time.Time, argument []byte) []byte // when ofTime
	undo     func(out []byte) ([]byte, bool)
}

// filters are all filters of templates by name.
var filters = map[string]*filter{
	"base64": {
		apply: simple(func(in []byte) []byte { return base64.StdEncoding.AppendEncode(nil, in) }),
		undo:  decodeBase64,
	},
	"hex": {
		apply: simple(func(in []byte) []byte { return hex.AppendEncode(nil, in) }),
		undo: func(out []byte) ([]byte, bool) {
			in, err := hex.AppendDecode(nil, out)
			return in, err == nil
		},
	},
	"urlencode": {
		apply: simple(func(in []byte) []byte { return []byte(strings.ReplaceAll(url.QueryEscape(string(in)), "+", "%20")) }),
		undo: func(out []byte) ([]byte, bool) {
			in, err := url.PathUnescape(string(out))
			return []byte(in), err == nil
		},
	},
	"json": {
		ofData: true, open: true,
		apply: simple(func(in []byte) []byte { return encodeJSON(string(in)) }),
		undo: func(out []byte) ([]byte, bool) {
			var text string
			if json.Unmarshal(out, &text) == nil {
				return []byte(text), true
			}
			return out, json.Valid(out)
		},
	},
	"nodash":      {apply: simple(func(in []byte) []byte { return bytes.ReplaceAll(in, []byte("-"), nil) })},
	"sha256":      {apply: simple(func(in []byte) []byte { sum := sha256.Sum256(in); return sum[:] })},
	"hmac_sha256": {argument: argumentKey, apply: withKey(sha256.New)},
	"hmac_sha1":   {argument: argumentKey, apply: withKey(sha1.New)},
	"gzip":        {open: true, apply: simple(compress), undo: func(out []byte) ([]byte, bool) { return inflate(out, maxBuilt) }},
	"gunzip": {
		open: true,
		apply: func(in, _ []byte) ([]byte, error) {
			out, ok := inflate(in, maxBuilt)
			if !ok {
				return nil, errInflate
			}
			return out, nil
		},
		undo: func(out []byte) ([]byte, bool) { return compress(out), true },
	},
	"rfc1123": {ofTime: true, atTime: func(at time.Time, _ []byte) []byte { return at.AppendFormat(nil, "Mon, 02 Jan 2006 15:04:05 GMT") }},
	"iso": {ofTime: true, argument: argumentDigits, atTime: func(at time.Time, argument []byte) []byte {
		digits, _ := strconv.Atoi(string(argument)) // 0 when there is none
		layout := strings.TrimSuffix(isoTime, "Z")
		if digits > 0 {
			layout += "." + strings.Repeat("0", digits)
		}
		return at.AppendFormat(nil, layout+"Z")
	}},
	"unix": {ofTime: true, argument: argumentSeconds, atTime: func(at time.Time, argument []byte) []byte {
		seconds, _ := strconv.ParseInt(string(argument), 10, 64) // 0 when there is none
		return strconv.AppendInt(nil, at.Unix()+seconds, 10)
	}},
}

var errInflate = errors.New("the bytes are not gzip, or too many")

func filterNames() []string { return slices.Sorted(maps.Keys(filters)) }

func simple(convert func([]byte) []byte) func(in, argument []byte) ([]byte, error) {
	return func(in, _ []byte) ([]byte, error) { return convert(in), nil }
}

func withKey(newHash func() hash.Hash) func(in, argument []byte) ([]byte, error) {
	return func(in, argument []byte) ([]byte, error) {
		mac := hmac.New(newHash, argument)
		mac.Write(in)
		return mac.Sum(nil), nil
	}
}

// run applies f. The result is hidden when the value or the argument is.
func (f *filter) run(v, argument value) (value, error) {
	if f.ofTime {
		return plainValue(f.atTime(v.at, argument.wire)), nil
	}
	if f.ofData && v.hasData {
		return plainValue(encodeJSON(v.data)), nil
	}
	wire, err := f.apply(v.wire, argument.wire)
	if err != nil {
		return value{}, err
	}
	if len(wire) > maxBuilt {
		return value{}, fmt.Errorf("the result has more than %d bytes", maxBuilt)
	}
	out := plainValue(wire)
	if !v.hidden && !argument.hidden {
		return out, nil
	}
	out.hidden, out.shown = true, []byte(computedSecret)
	if f.open {
		if shown, err := f.apply(v.shown, nil); err == nil {
			out.shown = shown
		}
	}
	return out, nil
}

// decodeBase64 reads the standard and the URL alphabet, with or without padding.
func decodeBase64(out []byte) ([]byte, bool) {
	trimmed := bytes.TrimRight(out, "=")
	encoding := base64.RawStdEncoding
	if bytes.ContainsAny(trimmed, "-_") {
		encoding = base64.RawURLEncoding
	}
	in, err := encoding.AppendDecode(nil, trimmed)
	return in, err == nil
}

func compress(in []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(in) // a buffer takes all
	_ = w.Close()
	return b.Bytes()
}

// inflate reads gzip of at most limit bytes.
func inflate(in []byte, limit int) ([]byte, bool) {
	r, err := gzip.NewReader(bytes.NewReader(in))
	if err != nil {
		return nil, false
	}
	out, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	return out, err == nil && len(out) <= limit
}
