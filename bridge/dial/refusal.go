package dial

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html/charset"

	"duplex/bridge/frames"
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
	stream  *frames.Stream // set with a 101
	deflate bool           // the answer agrees to an extension; the library takes permessage-deflate alone
}

// RoundTrip implements http.RoundTripper.
func (t *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	t.attempt.answered(response)
	if body, ok := response.Body.(io.ReadWriteCloser); ok && response.StatusCode == http.StatusSwitchingProtocols {
		t.stream = frames.NewStream(body, t.conn, true)
		t.deflate = response.Header.Get("Sec-WebSocket-Extensions") != ""
		response.Body = t.stream
		return response, nil
	}
	t.attempt.refused(readRefusal(response))
	return nil, &RefusalError{response.StatusCode}
}

// readRefusal reads at most MaxRefusalBody of the text of a refusal and closes its
// body: inflated when it is compressed, although nobody asked for that, and as UTF-8
// when the answer names another charset. A body that breaks off or takes too long is
// kept as far as it came; one that cannot be decoded is kept as it is.
func readRefusal(response *http.Response) (kept []byte, cut bool) {
	late := time.AfterFunc(refusalWait, func() { _ = response.Body.Close() })
	defer late.Stop()
	defer func() { _ = response.Body.Close() }()
	kept, err := io.ReadAll(io.LimitReader(response.Body, MaxRefusalBody+1))
	cut = err != nil
	if plain, ok := inflated(kept, response.Header.Get("Content-Encoding")); ok {
		kept = plain
	}
	kept = bytes.TrimPrefix(inUTF8(kept, response.Header.Get("Content-Type")), []byte("\uFEFF")) // no part of a text
	if len(kept) > MaxRefusalBody {
		return kept[:MaxRefusalBody], true
	}
	return kept, cut
}

// inflated undoes a Content-Encoding of RFC 9110 section 8.4.1, as far as the data
// goes and MaxRefusalBody allows. Deflate is zlib by the standard and raw in practice.
func inflated(body []byte, encoding string) (plain []byte, ok bool) {
	var r io.Reader
	var err error
	switch encoding = strings.ToLower(strings.TrimSpace(encoding)); {
	case encoding == "gzip", encoding == "x-gzip", bytes.HasPrefix(body, []byte{0x1f, 0x8b, 0x08}):
		r, err = gzip.NewReader(bytes.NewReader(body))
	case encoding == "deflate":
		if r, err = zlib.NewReader(bytes.NewReader(body)); err != nil {
			r, err = flate.NewReader(bytes.NewReader(body)), nil
		}
	default:
		return nil, false
	}
	if err != nil {
		return nil, false
	}
	plain, _ = io.ReadAll(io.LimitReader(r, MaxRefusalBody+1))
	return plain, len(plain) > 0
}

// inUTF8 decodes a text from the charset that its Content-Type names, or the head of
// its page. A text that is UTF-8, and one of an unknown charset, is left as it is.
func inUTF8(body []byte, contentType string) []byte {
	if utf8.Valid(body) {
		return body
	}
	encoding, name, certain := charset.DetermineEncoding(body, contentType)
	if !certain && name == "windows-1252" { // what is guessed when nothing is said
		return body
	}
	decoded, err := encoding.NewDecoder().Bytes(body)
	if err != nil {
		return body
	}
	return decoded
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
