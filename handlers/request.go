package handlers

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
)

// maxJSON is the largest JSON body, in bytes.
const maxJSON = 1 << 20

// decode reads a JSON body into out. It is strict, because a field that is dropped
// would do something other than was asked.
func decode(w http.ResponseWriter, r *http.Request, out any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return bad("unsupported_media_type", "")
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxJSON))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(out); err != nil {
		return jsonFault(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return jsonFault(err)
	}
	return nil
}

// unknownField finds the name in what encoding/json says of it; there is no type.
var unknownField = regexp.MustCompile(`^json: unknown field "(.*)"$`)

func jsonFault(err error) error {
	f := &fault{code: "bad_json", cause: err}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		f.field = strings.TrimPrefix(wrong.Field, "connectionInput.") // embedded: its fields are those of the request
	} else if err != nil {
		if match := unknownField.FindStringSubmatch(err.Error()); match != nil {
			f.field = match[1]
		}
	}
	return bodyFault(err, f, "request_too_large")
}

// param returns a part of the path. The router matches the escaped path where that
// differs, and then hands out escaped parts.
func param(r *http.Request, name string) string {
	value := chi.URLParam(r, name)
	if r.URL.RawPath == "" {
		return value
	}
	if plain, err := url.PathUnescape(value); err == nil {
		return plain
	}
	return value
}

// query reads the parameters of a request's query, and keeps what is wrong with the
// first of them that is.
type query struct {
	values url.Values
	err    error
}

func queryOf(r *http.Request) *query {
	values, err := url.ParseQuery(r.URL.RawQuery)
	q := &query{values: values}
	if err != nil {
		q.wrong("query")
	}
	return q
}

func (q *query) wrong(name string) {
	if q.err == nil {
		q.err = bad("bad_value", name)
	}
}

// number reads a whole number from 0 to most; fallback when it is not given.
func (q *query) number(name string, fallback, most int64) int64 {
	if !q.values.Has(name) {
		return fallback
	}
	n, err := strconv.ParseInt(q.values.Get(name), 10, 64)
	if (err != nil || n < 0 || n > most) && q.err == nil {
		q.err = outOfRange(name, 0, most)
	}
	return n
}

// moment reads a time in microseconds since 1970; the zero time when it is not given.
func (q *query) moment(name string) time.Time {
	if !q.values.Has(name) {
		return time.Time{}
	}
	us, err := strconv.ParseInt(q.values.Get(name), 10, 64)
	if err != nil {
		q.wrong(name)
	}
	return time.UnixMicro(us)
}

// flag reads a switch: 1, true, 0, false, or nothing.
func (q *query) flag(name string) bool {
	if !q.values.Has(name) {
		return false
	}
	on, err := strconv.ParseBool(q.values.Get(name))
	if err != nil {
		q.wrong(name)
	}
	return on
}

// choice reads one of a few words, "" included.
func (q *query) choice(name string, words ...string) string {
	word := q.values.Get(name)
	if word != "" && !slices.Contains(words, word) {
		q.wrong(name)
	}
	return word
}
