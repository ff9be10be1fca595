package connection

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"duplex/bridge"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/handlers/access"
	"duplex/handlers/identity/origin"
	"duplex/handlers/reply"
)

// serviceInput is a service in a request. ID, Demo, Owner, Mine, MayChange and Secrets
// are fields of answers: they are ignored, so that a client can send back an answer.
type serviceInput struct {
	Input

	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Origins   []string `json:"relay_origins"`
	Shared    *bool    `json:"shared"` // nil leaves it as it is; a new one is the team's
	Folder    *string  `json:"folder"` // nil leaves it as it is; "" is none
	Demo      string   `json:"demo"`
	Secrets   any      `json:"secrets"`
	Owner     string   `json:"owner"`
	Mine      bool     `json:"mine"`
	MayChange bool     `json:"may_change"`

	// CopySecretsFrom is the id of the service that a new one is a copy of: secrets that
	// are left out come from there, as far as they may.
	CopySecretsFrom string `json:"copy_secrets_from"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (in *serviceInput) UnmarshalJSON(raw []byte) (err error) {
	type fields serviceInput // without this method
	in.settings, err = decodeInput(raw, true, (*fields)(in))
	return err
}

// ReadService reads the service that replaces saved. It keeps the identity of saved and,
// where the request leaves them out, the credential and its secrets.
func (b *Builder) ReadService(w http.ResponseWriter, r *http.Request, saved *bridge.Service) (bridge.Service, Change, error) {
	var in serviceInput
	if err := reply.Decode(w, r, &in); err != nil {
		return bridge.Service{}, Change{}, err
	}
	s := bridge.NewService()
	s.ID, s.Demo, s.CreatedAt = saved.ID, saved.Demo, saved.CreatedAt
	s.Owner, s.OwnerName, s.Shared = saved.Owner, saved.OwnerName, saved.Shared
	if in.Shared != nil {
		s.Shared = *in.Shared
	}
	s.Folder = saved.Folder
	if in.Folder != nil {
		folder, err := reply.OptionalName("folder", *in.Folder)
		if err != nil {
			return s, Change{}, err
		}
		s.Folder = folder
	}
	s.Name = strings.TrimSpace(in.Name)
	if err := reply.RequireName(s.Name); err != nil {
		return s, Change{}, err
	}
	var err error
	if s.RelayOrigins, err = readRelayOrigins(in.Origins); err != nil {
		return s, Change{}, err
	}
	if in.Address == nil {
		return s, Change{}, reply.Bad(reply.CodeMissingField, "address")
	}
	in.rows.saved = saved
	isCopy := saved.ID == "" && in.CopySecretsFrom != ""
	if isCopy {
		source, err := b.loadCopySource(r.Context(), in.CopySecretsFrom)
		if err != nil {
			return s, Change{}, err
		}
		in.rows.saved = &source
	}
	if err := in.applyTo(&s); err != nil {
		return s, Change{}, err
	}
	if err := b.readDialect(r.Context(), in.Dialect, &s); err != nil {
		return s, Change{}, err
	}
	c, given, err := in.ReadCredential()
	if err != nil {
		return s, Change{}, err
	}
	if !given && saved.ID != "" {
		c = saved.Credential
	}
	var copied map[string]vault.Secret
	if isCopy {
		if copied, err = b.loadCopiedSecrets(r.Context(), in.rows.saved, &s, c); err != nil {
			return s, Change{}, err
		}
		c = c.WithSaved(dropRowSecrets(sign.Credential{Kind: c.Kind, Secrets: copied}))
	}
	credential, err := changeOf(c, saved)
	if err != nil {
		return s, credential, err
	}
	if err := credential.changeClientKey(&in.Input, &s, saved); err != nil {
		return s, credential, err
	}
	s.Credential = credential.plain
	if err := b.requireDialect(r.Context(), &s, &credential); err != nil {
		return s, credential, err
	}
	in.rows.addSecrets(&s, &credential)
	if isCopy {
		if err := credential.takeCopied(&s, copied); err != nil {
			return s, credential, err
		}
	}
	return s, credential, requireNoConflict(&s)
}

// requireNoConflict refuses a header or parameter of s that its credential sets as well:
// such a service could be saved and never dialled.
func requireNoConflict(s *bridge.Service) error {
	parsed := *s
	if s.HasTemplate() { // only the parameters matter here
		parsed.Address = "wss://stand-in.example"
	}
	u, err := parsed.URL()
	if err != nil {
		return err
	}
	header, names := http.Header{}, sign.QueryNames(u.RawQuery)
	for _, row := range s.Headers {
		if row.Enabled {
			header.Add(row.Name, row.Value)
		}
	}
	for _, row := range s.Params {
		if !row.Secret || !row.Enabled {
			continue
		}
		if slices.Contains(names, row.Name) {
			return reply.Bad(sign.CodeQueryConflict, "params")
		}
		names = append(names, row.Name)
		u.RawQuery += "&" + url.QueryEscape(row.Name) + "="
	}
	return sign.CheckConflict(&sign.Handshake{URL: u, Header: header}, s.Credential)
}

// maxRelayOrigins bounds the relay origins of a service.
const maxRelayOrigins = 20

// readRelayOrigins reads the origins of the pages that may use the relay of a service.
func readRelayOrigins(given []string) ([]string, error) {
	if len(given) > maxRelayOrigins {
		return nil, reply.TooMany("relay_origins", len(given), maxRelayOrigins)
	}
	var out []string
	for i, raw := range given {
		origin, err := origin.Parse(raw)
		if err != nil {
			return nil, &reply.Error{Code: reply.CodeBadOrigin, Field: fmt.Sprintf("relay_origins[%d]", i), Cause: err}
		}
		if !slices.Contains(out, origin) {
			out = append(out, origin)
		}
	}
	return out, nil
}

// RequireVerification refuses to turn off the check of certificates for a person who may
// not. A service that was saved without the check stays so, and its dials are refused.
func (b *Builder) RequireVerification(ctx context.Context, s, saved *bridge.Service) error {
	if s.SkipVerify && !saved.SkipVerify && !access.MaySkipVerify(ctx, b.AllowSkipVerify) {
		return reply.Bad(reply.CodeSkipVerifyRefused, "tls.skip_verify")
	}
	return nil
}
