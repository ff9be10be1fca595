package reply

import (
	"errors"
	"io"
	"net/http"
)

// firstBuffer is the size of the first buffer of a body, in bytes.
const firstBuffer = 4 << 10

// ReadPayload reads the body, at most limit bytes; a longer one is refused with the code,
// before it is read when its Content-Length is too large. Its memory follows the bytes
// that arrived, not the Content-Length.
func ReadPayload(w http.ResponseWriter, r *http.Request, limit int64, code Code) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, tooLarge(code, limit)
	}
	most := int(limit) + 1 // one more than allowed, so that the end is read
	if r.ContentLength >= 0 {
		most = int(r.ContentLength) + 1
	}
	body := http.MaxBytesReader(w, r.Body, limit)
	payload := make([]byte, 0, min(firstBuffer, most))
	for {
		if len(payload) == cap(payload) {
			payload = append(make([]byte, 0, min(2*cap(payload), max(most, len(payload)+1))), payload...)
		}
		n, err := body.Read(payload[len(payload):cap(payload)])
		payload = payload[:len(payload)+n]
		switch {
		case errors.Is(err, io.EOF):
			return payload, nil
		case err != nil:
			return nil, MapBodyError(err, &Error{Code: CodeBadValue, Field: "body", Cause: err}, code)
		}
	}
}
