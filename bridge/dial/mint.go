package dial

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"duplex/bridge/loopback"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// mintAnswerLimit is the number of bytes that are read of the answer to a mint request.
const mintAnswerLimit = 256 << 10

// mintQuoteLimit is the number of bytes of a refusal that are shown.
const mintQuoteLimit = 2 << 10

// MintRequest is an HTTP request to make before the handshake.
type MintRequest struct {
	Method, URL string
	Header      http.Header // raw keys keep their spelling
	Body        []byte
	Masked      []vault.Secret // all values that must not be shown
}

// MintError says that the request before the handshake gave nothing to use.
type MintError struct {
	Host    string // of the request
	Status  int    // of the answer; 0 when none came or it could not be used
	Message string // the beginning of a refusal, or what the answer lacks; without secrets
	Err     error  // why no answer came; may be nil
}

// Error implements error.
func (e *MintError) Error() string {
	switch {
	case e.Err != nil:
		return fmt.Sprintf("mint at %s: %v", e.Host, e.Err)
	case e.Status != 0:
		return fmt.Sprintf("mint: %s answered %d: %s", e.Host, e.Status, e.Message)
	}
	return fmt.Sprintf("mint at %s: %s", e.Host, e.Message)
}

// Unwrap returns Err.
func (e *MintError) Unwrap() error { return e.Err }

// mint makes the request that the addition of r needs, and returns r with the address that
// the answer has. Nothing is minted ahead or kept: each dial asks once.
func (d *Dialer) mint(ctx context.Context, r Request, pool *x509.CertPool, a *attempt) (Request, error) {
	if r.Addition == nil {
		return r, nil
	}
	m, err := r.Addition.Mint()
	if err != nil || m == nil {
		return r, err
	}
	for _, secret := range m.Masked {
		a.redactor.addValue(secret.Reveal())
	}
	u, err := ParseMintURL(m.URL, r.URL)
	if err != nil {
		return r, err
	}
	if err := r.checkMint(u); err != nil {
		return r, err
	}
	ctx, cancel := context.WithTimeout(ctx, iamTimeout)
	defer cancel()
	answer, err := d.askMint(ctx, u, m, pool, a)
	if err != nil {
		return r, err
	}
	address, err := r.Addition.Minted(answer)
	if wrong, ok := err.(*MintError); ok { //nolint:errorlint // it is not wrapped
		wrong.Host = u.Host
	}
	if err != nil || address == "" {
		return r, err
	}
	return d.moveTo(r, address, a)
}

func (d *Dialer) askMint(ctx context.Context, u *url.URL, m *MintRequest, pool *x509.CertPool, a *attempt) ([]byte, error) {
	for name, values := range m.Header {
		for _, value := range values {
			if err := CheckHeader(Pair{name, value}); err != nil {
				return nil, err
			}
		}
	}
	request, err := http.NewRequestWithContext(ctx, m.Method, u.String(), bytes.NewReader(m.Body))
	if err != nil {
		return nil, fmt.Errorf("mint: %w", err)
	}
	maps.Copy(request.Header, m.Header)
	setUserAgent(request.Header)
	response, err := d.exchangeHTTP(ctx, request, pool)
	if err != nil {
		return nil, &MintError{Host: u.Host, Err: a.redactor.error(err)}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, mintAnswerLimit))
	if err != nil {
		return nil, &MintError{Host: u.Host, Err: a.redactor.error(err)}
	}
	if response.StatusCode/100 != 2 {
		quote := a.redactor.body(body[:min(len(body), mintQuoteLimit)], true)
		return nil, &MintError{Host: u.Host, Status: response.StatusCode, Message: strings.ToValidUTF8(string(quote), "�")}
	}
	return body, nil
}

// exchangeHTTP makes one HTTP request under the same policy as every dial. The caller closes
// the body of the response.
func (d *Dialer) exchangeHTTP(ctx context.Context, request *http.Request, pool *x509.CertPool) (*http.Response, error) {
	u := request.URL
	if err := d.Policy.CheckURL(u); err != nil {
		return nil, err
	}
	unseen := newAttempt(Request{URL: u}, d.now) // the Report describes the target only
	conn, err := d.reach(ctx, u, unseen)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "https" {
		if conn, err = secure(ctx, conn, u, trust{pool: pool}, unseen); err != nil {
			return nil, err
		}
	}
	response, err := newClient(transport(conn)).Do(request)
	if err != nil {
		_ = conn.Close()
		return nil, plainCause(err)
	}
	return response, nil
}

// ParseMintURL reads the address of a mint request: https, because secrets are sent there, or
// http on this machine and at a target that gets them without TLS as well. The error is an
// *AddressError or a *MintError.
func ParseMintURL(raw string, target *url.URL) (*url.URL, error) {
	if !strings.HasPrefix(raw, "http://") && !strings.HasPrefix(raw, "https://") {
		return nil, &MintError{Message: "the address begins neither with https:// nor with http://"}
	}
	u, err := ParseAddress(raw)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "ws" && !loopback.Is(u.Hostname()) && (target.Scheme != "ws" || target.Host != u.Host) {
		return nil, &MintError{Host: u.Host, Message: "the address is not encrypted"}
	}
	u.Scheme = map[string]string{"ws": "http", "wss": "https"}[u.Scheme]
	return u, nil
}

// MintOrigin returns the origin of a mint request for the target u, to bind secrets to; "" when
// its host is that of the target. The error is that of ParseMintURL.
func MintOrigin(raw string, u *url.URL) (string, error) {
	mint, err := ParseMintURL(raw, u)
	if err != nil {
		return "", err
	}
	if allowsMint(BindingOf(u, sign.Credential{}, false, ""), mint) {
		return "", nil
	}
	return originOf(mint), nil
}

// checkMint checks that every stored secret of r may be sent to the address of a mint
// request. The error is a *BoundError.
func (r *Request) checkMint(u *url.URL) error {
	check := func(field string, secret vault.Secret) error {
		b, bound := secret.Binding()
		if !bound || originOf(u) == b.Endpoint || allowsMint(b, u) {
			return nil
		}
		return &BoundError{Field: field, Targets: append(Shown(b), nonEmpty(b.Endpoint)...), Refused: originOf(u), Owner: b.Owner}
	}
	for _, field := range slices.Sorted(maps.Keys(r.Credential.Secrets)) {
		if err := check(SecretField(r.Credential.Kind, field), r.Credential.Secrets[field]); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Secrets)) {
		if err := check(EnvironmentField+name, r.Secrets[name]); err != nil {
			return err
		}
	}
	return nil
}

// allowsMint reports whether the targets of a binding include the host of a mint request.
func allowsMint(b vault.Binding, u *url.URL) bool {
	target := *u
	target.Scheme = map[string]string{"http": "ws", "https": "wss"}[u.Scheme]
	within := func(pattern string) bool { return matchesTarget(pattern, &target) }
	return slices.ContainsFunc(b.Targets, within) && (!b.TLS || u.Scheme == "https")
}

func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// moveTo returns r for another address, which came from the service. It must not be less
// protected than the first, and the same rules apply to it.
func (d *Dialer) moveTo(r Request, address string, a *attempt) (Request, error) {
	u, err := ParseAddress(address)
	if err != nil {
		return r, &MintError{Host: r.URL.Host, Message: "the answer has no address that can be dialled"}
	}
	if r.URL.Scheme == "wss" && u.Scheme != "wss" {
		return r, &MintError{Host: r.URL.Host, Message: "the address in the answer is not encrypted"}
	}
	r.URL, a.moved = u, true
	a.redactor.addValue(u.EscapedPath())
	a.note(func(report *Report) { report.URL, report.Host = a.shownURL(u, sign.QueryNames(u.RawQuery)), HostOf(u) })
	if err := d.Policy.CheckURL(u); err != nil {
		return r, err
	}
	return r, r.checkBound()
}
