package dial

import (
	"maps"
	"slices"
	"strings"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// Sealed is a header or a query parameter with a secret value.
type Sealed struct {
	Field string // the name of the secret: "headers[X-Api-Key]"
	Name  string
	Value vault.Secret
	Query bool // a parameter, which is sent behind the others
}

// headers returns all headers of the request, the secret ones revealed.
func (r *Request) headers() []Pair {
	all := slices.Clone(r.Headers)
	for _, s := range r.Sealed {
		if !s.Query {
			all = append(all, Pair{s.Name, s.Value.Reveal()})
		}
	}
	return all
}

// checkSealed refuses a parameter that the query already has, and secrets that may not be
// sent to the target.
func (r *Request) checkSealed() error {
	for _, s := range r.Sealed {
		if s.Query && slices.Contains(sign.QueryNames(r.URL.RawQuery), s.Name) {
			return &sign.FieldError{Field: "params", Code: sign.CodeQueryConflict}
		}
		if err := r.checkSecret(s.Field, s.Value); err != nil {
			return err
		}
	}
	return nil
}

// EnvironmentField precedes the name of a secret of an environment in errors.
const EnvironmentField = "environment.secrets."

// CheckSecrets refuses secrets of an environment that may not be sent to the target, as those
// of a message. The error is a *BoundError.
func (r *Request) CheckSecrets(secrets map[string]vault.Secret) error {
	sent := *r
	sent.Secrets = secrets
	return sent.checkEnvironment()
}

// checkEnvironment refuses secrets of the environment that may not be sent to the target.
func (r *Request) checkEnvironment() error {
	for _, name := range slices.Sorted(maps.Keys(r.Secrets)) {
		if err := r.checkSecret(EnvironmentField+name, r.Secrets[name]); err != nil {
			return err
		}
	}
	return nil
}

// checkSecret refuses a bound secret that may not be sent to the target as it is.
func (r *Request) checkSecret(field string, secret vault.Secret) error {
	b, bound := secret.Binding()
	if !bound {
		return nil
	}
	if err := checkBinding(r.URL, sign.Credential{}, b, r.SkipVerify); err != nil {
		err.Field, err.Owner = field, b.Owner
		return err
	}
	if r.OtherCA && b.TLS {
		return &BoundError{Field: field, Targets: Shown(b), Refused: originOf(r.URL), Owner: b.Owner, OtherCA: true}
	}
	return nil
}

// unseal adds the secret parameters to the address of a handshake, before it is signed, and
// returns the names of the headers and parameters to mask.
func (r *Request) unseal(h *sign.Handshake) (applied sign.Applied) {
	for _, s := range r.Sealed {
		if !s.Query { // see headers
			applied.Headers = append(applied.Headers, s.Name)
			continue
		}
		pair := EscapeText(s.Name) + "=" + EscapeText(s.Value.Reveal())
		h.URL.RawQuery = strings.TrimPrefix(h.URL.RawQuery+"&"+pair, "&")
		h.URL.ForceQuery = false
		applied.Query = append(applied.Query, s.Name)
	}
	return applied
}
