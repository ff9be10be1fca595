package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"duplex/bridge/dial"
	"duplex/bridge/vault"
)

// The names that Mint.Take gives a meaning.
const (
	takeURL     = "url"     // the address of the handshake
	takeExpires = "expires" // the end of the minted values
)

// Mint returns the request to make before the handshake; nil when there is none, or when it
// needs a secret that has no value.
func (c *Connection) Mint() (*dial.MintRequest, error) {
	m := c.Dialect.Mint
	if m == nil {
		return nil, nil //nolint:nilnil // nothing to request is no error
	}
	request := &dial.MintRequest{Method: m.Method, Header: http.Header{}}
	if request.Method == "" {
		request.Method = http.MethodPost
	}
	leave := func() (*dial.MintRequest, error) {
		c.LeaveMint()
		return nil, nil //nolint:nilnil // as above
	}
	text, left, err := c.build(m.URL)
	if err != nil || left {
		return orLeave(left, leave, err, "url of mint")
	}
	request.URL = c.absolute(string(text.Wire))
	if text.HasSecret() {
		request.Masked = append(request.Masked, vault.NewSecret(request.URL))
	}
	for _, h := range m.Headers {
		text, left, err := c.build(h.Value)
		if err != nil || left {
			return orLeave(left, leave, err, "header of mint")
		}
		request.Header[h.Name] = append(request.Header[h.Name], string(text.Wire))
		if text.HasSecret() {
			request.Masked = append(request.Masked, vault.NewSecret(string(text.Wire)))
		}
	}
	if m.Body != nil {
		text, left, err := c.build(m.Body)
		if err != nil || left {
			return orLeave(left, leave, err, "body of mint")
		}
		request.Body = text.Wire
	}
	request.Masked = append(request.Masked, c.hidden()...)
	return request, nil
}

// LeaveMint leaves out the mint and all that needs its answer.
func (c *Connection) LeaveMint() {
	if c.Dialect.Mint == nil {
		return
	}
	for name := range c.Dialect.Mint.Take {
		c.absent[name] = true
	}
}

// absolute completes an address that begins with its path: by the host of the handshake, and
// by http where that is ws.
func (c *Connection) absolute(address string) string {
	switch {
	case !strings.HasPrefix(address, "/"):
		return address
	case c.secure:
		return "https://" + c.Scope.Host + address
	default:
		return "http://" + c.Scope.Host + address
	}
}

func orLeave(left bool, leave func() (*dial.MintRequest, error), err error, part string) (*dial.MintRequest, error) {
	if left {
		return leave()
	}
	return nil, fmt.Errorf("%s: %w", part, err)
}

// Minted takes the JSON answer of the request. The address is that of the handshake; "" for
// the first one. The error is a *dial.MintError.
func (c *Connection) Minted(answer []byte) (address string, err error) {
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	e := &Envelope{Payload: answer, HasJSON: true, Body: answer}
	if err := decoder.Decode(&e.JSON); err != nil {
		return "", &dial.MintError{Message: "the answer is not JSON"}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Dialect.Mint.Take)) {
		value, found := c.Dialect.Mint.Take[name].Text(e)
		switch {
		case name == takeExpires:
			c.expires = expiryOf(value, c.Scope.Now)
		case !found || value == "":
			return "", &dial.MintError{Message: fmt.Sprintf("the answer has no %s at %s", name, c.Dialect.Mint.Take[name])}
		case len(value) > MaxCapture:
			return "", &dial.MintError{Message: fmt.Sprintf("%s is larger than %d bytes", name, MaxCapture)}
		default:
			c.Scope.Captured[name], c.Scope.Hidden[name] = value, true
		}
	}
	return c.Scope.Captured[takeURL], nil
}

// lastExpiry is the end of the year 9999 in milliseconds since 1970.
const lastExpiry = 253_402_300_799_999

// expiryOf reads a time in RFC 3339, seconds or milliseconds since 1970, or a number of
// seconds from now; zero when the text is none of them.
func expiryOf(text string, now time.Time) time.Time {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at
	}
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || !(n > 0 && n <= lastExpiry): // NaN is neither
		return time.Time{}
	case n < 1e9:
		return now.Add(time.Duration(n * float64(time.Second)))
	case n < 1e11:
		return time.Unix(int64(n), 0)
	default:
		return time.UnixMilli(int64(n))
	}
}
