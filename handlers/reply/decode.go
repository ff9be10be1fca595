package reply

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
)

// maxJSON is the largest JSON body, in bytes.
const maxJSON = 1 << 20

// Decode reads a JSON body into out. It is strict, because a field that is dropped
// would do something other than was asked.
func Decode(w http.ResponseWriter, r *http.Request, out any) error {
	return DecodeUpTo(w, r, maxJSON, out)
}

// DecodeUpTo is Decode for bodies of at most limit bytes.
func DecodeUpTo(w http.ResponseWriter, r *http.Request, limit int64, out any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return Bad(CodeUnsupportedMediaType, "")
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(out); err != nil {
		return mapJSONError(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return mapJSONError(err)
	}
	return nil
}

// unknownField finds the name in the error text of encoding/json, which has no type for
// it.
var unknownField = regexp.MustCompile(`^json: unknown field "(.*)"$`)

func mapJSONError(err error) error {
	f := &Error{Code: CodeBadJSON, Cause: err}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		f.Field = strings.TrimPrefix(wrong.Field, "Input.") // connection.Input is embedded: its fields are those of the request
	} else if err != nil {
		if match := unknownField.FindStringSubmatch(err.Error()); match != nil {
			f.Field = match[1]
		}
	}
	return MapBodyError(err, f, CodeRequestTooLarge)
}
