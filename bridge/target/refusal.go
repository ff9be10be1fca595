package target

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// refusalWait is how long the body of a refusal may take.
const refusalWait = 5 * time.Second

// RefusalError says that the target answered with something other than 101; what it
// said is in the Report.
type RefusalError struct{ Status int }

// Error implements error.
func (e *RefusalError) Error() string { return fmt.Sprintf("target answered %d", e.Status) }

// NotHTTPError says that what answered speaks something other than HTTP/1. What it
// said is left out: it may echo the request.
type NotHTTPError struct {
	LooksLikeTLS bool // it sent a TLS alert: the address should be wss
}

// Error implements error.
func (e *NotHTTPError) Error() string {
	if e.LooksLikeTLS {
		return "the answer is not HTTP, but a TLS alert"
	}
	return "the answer is not HTTP"
}

// answers is the transport of a handshake. It notes the answer and turns every one
// but 101 into a RefusalError, so there is nothing a client could follow, and no
// body of which it keeps only the beginning.
type answers struct {
	next    http.RoundTripper
	attempt *attempt
	conn    net.Conn
	stream  *stream // set with a 101
}

// RoundTrip implements http.RoundTripper.
func (t *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	t.attempt.answered(response)
	if body, ok := response.Body.(io.ReadWriteCloser); ok && response.StatusCode == http.StatusSwitchingProtocols {
		t.stream = newStream(body, t.conn)
		response.Body = t.stream
		return response, nil
	}
	t.attempt.refused(readRefusal(response.Body))
	return nil, &RefusalError{response.StatusCode}
}

// readRefusal reads at most MaxRefusalBody and closes body. A body that breaks off
// or takes too long is kept as far as it came.
func readRefusal(body io.ReadCloser) (kept []byte, cut bool) {
	late := time.AfterFunc(refusalWait, func() { _ = body.Close() })
	defer late.Stop()
	defer func() { _ = body.Close() }()
	kept, err := io.ReadAll(io.LimitReader(body, MaxRefusalBody+1))
	if len(kept) > MaxRefusalBody {
		return kept[:MaxRefusalBody], true
	}
	return kept, err != nil
}

// plainCause takes the address out of an error of net/http, query and all, and what
// the peer said in place of HTTP.
func plainCause(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	// net/http has no type for it.
	if strings.Contains(err.Error(), "malformed") {
		return &NotHTTPError{LooksLikeTLS: strings.Contains(err.Error(), `"\x15\x03`)}
	}
	return err
}
