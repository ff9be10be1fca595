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

// refusalWait is the time limit for the body of a refusal.
const refusalWait = 5 * time.Second

// RefusalError says that the target answered with another status than 101. The Report holds
// the response.
type RefusalError struct{ Status int }

// Error implements error.
func (e *RefusalError) Error() string { return fmt.Sprintf("target answered %d", e.Status) }

// NotHTTPError says that the peer answered in another protocol than HTTP/1. It leaves out
// the bytes, which may echo the request.
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

// handshakeTransport is the transport of a handshake. It stores the response in the report
// and returns a RefusalError for every status but 101: the library would follow redirects,
// and cut the body.
type handshakeTransport struct {
	next    http.RoundTripper
	attempt *attempt
	conn    net.Conn
	stream  *frames.Stream // set with a 101
	deflate bool           // the answer agrees to an extension; the library takes permessage-deflate alone
}

// RoundTrip implements http.RoundTripper.
func (t *handshakeTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	t.attempt.noteAnswer(response)
	if body, ok := response.Body.(io.ReadWriteCloser); ok && response.StatusCode == http.StatusSwitchingProtocols {
		t.stream = frames.NewStream(body, t.conn, true)
		t.deflate = response.Header.Get("Sec-WebSocket-Extensions") != ""
		response.Body = t.stream
		return response, nil
	}
	t.attempt.noteRefusal(readRefusal(response))
	return nil, &RefusalError{response.StatusCode}
}

// readRefusal returns at most MaxRefusalBody of the body of a refusal, inflated and converted
// to UTF-8, and closes it. Of a body that breaks off or takes too long it returns the part
// that came; one that cannot be decoded it returns as it is.
func readRefusal(response *http.Response) (kept []byte, cut bool) {
	late := time.AfterFunc(refusalWait, func() { _ = response.Body.Close() })
	defer late.Stop()
	defer func() { _ = response.Body.Close() }()
	kept, err := io.ReadAll(io.LimitReader(response.Body, MaxRefusalBody+1))
	cut = err != nil
	if plain, ok := inflated(kept, response.Header.Get("Content-Encoding")); ok {
		kept = plain
	}
	kept = bytes.TrimPrefix(inUTF8(kept, response.Header.Get("Content-Type")), []byte("\uFEFF")) // a byte order mark
	if len(kept) > MaxRefusalBody {
		return kept[:MaxRefusalBody], true
	}
	return kept, cut
}

// inflated undoes a Content-Encoding of RFC 9110 section 8.4.1, up to MaxRefusalBody. Deflate
// is zlib by the standard and raw in practice.
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

// inUTF8 decodes a text from the charset of its Content-Type, or of the head of its page. It
// returns UTF-8, and text in an unknown charset, as it is.
func inUTF8(body []byte, contentType string) []byte {
	if utf8.Valid(body) {
		return body
	}
	encoding, name, certain := charset.DetermineEncoding(body, contentType)
	if !certain && name == "windows-1252" { // the guess without a declaration
		return body
	}
	decoded, err := encoding.NewDecoder().Bytes(body)
	if err != nil {
		return body
	}
	return decoded
}

// plainCause removes the address, and the peer's bytes if they are not HTTP, from an error of
// net/http.
func plainCause(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	// net/http has no type for this error.
	if strings.Contains(err.Error(), "malformed") {
		return &NotHTTPError{LooksLikeTLS: strings.Contains(err.Error(), `"\x15\x03`)}
	}
	return err
}
