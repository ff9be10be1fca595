package connection

import (
	"context"
	"maps"
	"time"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/handlers/access"
	"duplex/handlers/identity"
	"duplex/handlers/load"
	"duplex/handlers/reply"
)

// Store opens the secrets of services and environments for a dial, and keeps dialects.
type Store interface {
	Credential(ctx context.Context, serviceID string) (sign.Credential, error)
	// Dialect returns a dialect, built-in or of the team; StoreErrors.NotFound.
	Dialect(ctx context.Context, name string) (*dialect.Dialect, error)
	// CreateDialect keeps a new dialect of the team; one that is not listed is kept once.
	CreateDialect(ctx context.Context, d *bridge.SavedDialect) error
	// Environment returns the environment of a name; StoreErrors.NotFound.
	Environment(ctx context.Context, name string) (bridge.Environment, error)
	// EnvironmentSecrets opens the secrets of an environment.
	EnvironmentSecrets(ctx context.Context, id string) (map[string]vault.Secret, error)
}

// Builder prepares dials and services from requests.
type Builder struct {
	Store           Store
	Load            *load.Loader
	Errors          *reply.Mapper
	Now             func() time.Time
	AllowSkipVerify bool // admins may connect without checking the certificate

	preview bool // secrets stay sealed
}

// loadSealed returns the secret rows that s dials with. It opens the saved ones that the
// request leaves out.
func (b *Builder) loadSealed(ctx context.Context, in *RowSecrets, s *bridge.Service) ([]dial.Sealed, error) {
	var out []dial.Sealed
	var opened map[string]vault.Secret
	add := func(rows []bridge.Parameter, query bool) error {
		for _, row := range rows {
			if !row.Secret || !row.Enabled {
				continue
			}
			value, entered := in.entered[row.Field]
			if !entered && opened == nil && s.ID != "" {
				saved, err := b.openCredential(ctx, s)
				if err != nil {
					return b.Errors.MapNotFound(err, reply.CodeServiceNotFound)
				}
				opened = saved.Secrets
			}
			if !entered {
				value = opened[row.Field]
			}
			if value.IsZero() {
				return reply.Bad(reply.CodeMissingSecret, row.Field)
			}
			out = append(out, dial.Sealed{Field: row.Field, Name: row.Name, Value: value, Query: query})
		}
		return nil
	}
	if err := add(s.Headers, false); err != nil {
		return nil, err
	}
	return out, add(s.Params, true)
}

// OpenTime bounds a dial as a whole, a token from IAM included.
const OpenTime = time.Minute

// OpenInput names a saved service, an address, or both. Its fields override those of the
// service for this session.
type OpenInput struct {
	Input

	Service    string `json:"service"` // id or name
	RenewToken bool   `json:"renew_token"`

	otherDialect bool // than that of the service
}

// UnmarshalJSON implements json.Unmarshaler.
func (in *OpenInput) UnmarshalJSON(raw []byte) (err error) {
	type fields OpenInput // without this method
	in.settings, err = decodeInput(raw, false, (*fields)(in))
	return err
}

// OpenRequest turns the input into a dial. It checks all input before anything is sent.
func (b *Builder) OpenRequest(ctx context.Context, in *OpenInput) (bridge.OpenRequest, error) {
	s, otherCA, err := b.mergeService(ctx, in)
	if err != nil {
		return bridge.OpenRequest{}, err
	}
	request, err := b.dialRequest(ctx, in, &s)
	request.Target.RenewToken, request.Target.OtherCA = in.RenewToken, otherCA
	return request, err
}

// ServiceRequest returns the dial of a saved service as it is.
func (b *Builder) ServiceRequest(ctx context.Context, s *bridge.Service) (bridge.OpenRequest, error) {
	return b.dialRequest(ctx, &OpenInput{}, s)
}

// dialRequest returns the dial of s, which has the parts of in already.
func (b *Builder) dialRequest(ctx context.Context, in *OpenInput, s *bridge.Service) (bridge.OpenRequest, error) {
	c, key, err := b.loadCredential(ctx, in, s)
	if err != nil {
		return bridge.OpenRequest{}, err
	}
	v, err := b.loadVariables(ctx, s, c)
	if err != nil {
		return bridge.OpenRequest{}, err
	}
	r, err := v.resolve(s, in.ofAddress)
	if err != nil {
		return bridge.OpenRequest{}, err
	}
	request, err := b.newRequest(ctx, &r.Service, c)
	if err != nil {
		return request, err
	}
	if s.ID != "" {
		request.Service = s
	}
	if request.Target.Sealed, err = b.loadSealed(ctx, &in.rows, s); err != nil {
		return request, err
	}
	request.Target.Sealed = append(request.Target.Sealed, r.sealed...)
	request.Target.Secrets = r.used
	request.Speech, request.Environment = v.speech, s.Environment
	request.Variables = bridge.Variables{Values: v.values, Secrets: v.secrets}
	if b.preview {
		return request, nil
	}
	return request, UseClientCertificate(&in.Input, s, key, &request.Target)
}

// mergeService returns the saved service with the fields of the request over it. OtherCA
// reports that the request brings certificates that the person may not save.
func (b *Builder) mergeService(ctx context.Context, in *OpenInput) (s bridge.Service, otherCA bool, err error) {
	s = bridge.NewService()
	switch {
	case in.Service != "":
		if s, err = b.Load.Service(ctx, in.Service); err != nil {
			return s, false, err
		}
	case in.Address == nil:
		return s, false, reply.Bad(reply.CodeMissingField, "address")
	}
	saved, person, before := s.CAPEM, identity.Of(ctx), s
	if s.ID != "" {
		in.rows.saved = &before
	}
	if err = in.applyTo(&s); err == nil {
		err = b.readDialect(ctx, in.Dialect, &s)
	}
	in.otherDialect = s.Dialect != before.Dialect
	return s, s.CAPEM != "" && s.CAPEM != saved && !access.ChangesService(&person, &s), err
}

// loadCredential returns the credential to dial with, and the saved key of a client
// certificate. Secrets that the request leaves out come from the service, when both
// credentials are of the same kind.
func (b *Builder) loadCredential(ctx context.Context, in *OpenInput, s *bridge.Service) (c sign.Credential, key vault.Secret, err error) {
	c, given, err := in.ReadCredential()
	if err != nil {
		return c, key, err
	}
	entered := c
	_, hasKey := s.Secrets[dial.ClientKeyField]
	ofOneKind := !given || c.Kind == s.Credential.Kind
	if s.ID != "" && (ofOneKind || hasKey) {
		saved, err := b.openCredential(ctx, s)
		if err != nil {
			return c, key, b.Errors.MapNotFound(err, reply.CodeServiceNotFound)
		}
		key = saved.Secrets[dial.ClientKeyField]
		delete(saved.Secrets, dial.ClientKeyField)
		saved = dropRowSecrets(saved)
		if in.otherDialect && saved.Kind == sign.KindDialect {
			saved = ownPart(ctx, saved)
		}
		if !given {
			c = saved
		}
		if ofOneKind {
			c = c.WithSaved(saved)
		}
		if c.Kind == sign.KindDialect && ofOneKind {
			c.Plain = overlay(saved.Plain, c.Plain)
		}
	}
	if err := c.Validate(); err != nil {
		return c, key, err
	}
	return c, key, entered.CheckEntered()
}

// ownPart returns the secrets of a dialect's credential that the person entered. A request
// with another dialect than that of the service gets no others: it could send them in a
// message that comes back. Variables belong to the dialect of the service.
func ownPart(ctx context.Context, c sign.Credential) sign.Credential {
	person, own := identity.Of(ctx), map[string]vault.Secret{}
	for name, secret := range c.Secrets {
		if b, _ := secret.Binding(); b.Owner == person.ID {
			own[name] = secret
		}
	}
	return sign.Credential{Kind: c.Kind, Secrets: own}
}

// overlay returns the values of both, those of the second first.
func overlay(under, over map[string]string) map[string]string {
	out := maps.Clone(under)
	if out == nil {
		return over
	}
	maps.Copy(out, over)
	return out
}

// newRequest returns the request to the hub for a service and a credential.
func (b *Builder) newRequest(ctx context.Context, s *bridge.Service, c sign.Credential) (bridge.OpenRequest, error) {
	u, err := s.URL()
	if err != nil {
		return bridge.OpenRequest{}, err
	}
	if s.SkipVerify && !access.MaySkipVerify(ctx, b.AllowSkipVerify) {
		return bridge.OpenRequest{}, reply.Bad(reply.CodeSkipVerifyRefused, "tls.skip_verify")
	}
	person := identity.Of(ctx)
	request := bridge.OpenRequest{
		Target: dial.Request{
			URL: u, Headers: bridge.Enabled(s.Headers), Subprotocols: s.Subprotocols, Credential: c,
			Compression: s.Compression, CAPEM: s.CAPEM, SkipVerify: s.SkipVerify,
		},
		ConnectionSettings: s.ConnectionSettings, OpenedBy: person.Name, PersonID: person.ID,
		Access: bridge.Access{Owner: person.ID, OwnerName: person.Name, Rights: bridge.Watch},
	}
	return request, nil
}
