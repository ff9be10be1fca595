package dial

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// Addition adds to one handshake just before it goes out, such as the signature that a
// dialect computes. Its calls come in this order, each once.
type Addition interface {
	// Mint returns an HTTP request whose answer is needed first; nil for none.
	Mint() (*MintRequest, error)
	// Minted takes the JSON answer. The address replaces that of the handshake unless it is "".
	Minted(answer []byte) (address string, err error)
	// Sign returns the handshake for u, which it does not change.
	Sign(u *url.URL, now time.Time) (Added, error)
}

// Added holds the parts that an Addition adds to a handshake.
type Added struct {
	URL          *url.URL    // with more parameters
	Header       http.Header // raw keys keep their spelling on the wire
	Subprotocols []string    // offered behind the others
	Secret       sign.Applied
	Masked       []vault.Secret // all values that must not be shown
}

// apply adds a to h. The error is a *HeaderError, *OptionError, or a *sign.FieldError for a
// header that h has already.
func (a *Added) apply(h *sign.Handshake) error {
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		for existing := range h.Header {
			if strings.EqualFold(existing, name) {
				return &sign.FieldError{Field: "headers", Code: sign.CodeHeaderConflict, Header: name}
			}
		}
		for _, value := range a.Header[name] {
			if err := CheckHeader(Pair{name, value}); err != nil {
				return err
			}
		}
	}
	maps.Copy(h.Header, a.Header)
	offered := slices.Clone(h.Subprotocols)
	for _, name := range a.Subprotocols {
		if !httpguts.ValidHeaderFieldName(name) { // a token, RFC 6455 section 4.1
			return &OptionError{Field: "subprotocols"}
		}
		if !slices.Contains(offered, name) {
			offered = append(offered, name)
		}
	}
	h.Subprotocols, h.URL = offered, a.URL
	return nil
}

// maskIn hides all secret values of a in the report and in answers of the target.
func (a *Added) maskIn(attempt *attempt) {
	for _, secret := range a.Masked {
		attempt.redactor.addValue(secret.Reveal())
	}
}

// addTo adds the parts of the addition of r to h, and returns the names of the headers and
// parameters to mask.
func (d *Dialer) addTo(h *sign.Handshake, r Request, a *attempt) (sign.Applied, error) {
	if r.Addition == nil {
		return sign.Applied{}, nil
	}
	added, err := r.Addition.Sign(h.URL, d.now())
	if err != nil {
		return sign.Applied{}, err
	}
	added.maskIn(a)
	if a.moved { // the whole address may be a secret
		added.Secret.Query = append(added.Secret.Query, sign.QueryNames(r.URL.RawQuery)...)
	}
	return added.Secret, added.apply(h)
}
