package connection

import (
	"context"
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

// Store opens the credential of a service for a dial, and keeps dialects.
type Store interface {
	Credential(ctx context.Context, serviceID string) (sign.Credential, error)
	// Dialect returns a dialect, built-in or of the team; StoreErrors.NotFound.
	Dialect(ctx context.Context, name string) (*dialect.Dialect, error)
	// CreateDialect keeps a new dialect of the team; one that is not listed is kept once.
	CreateDialect(ctx context.Context, d *bridge.SavedDialect) error
}

// Builder prepares dials and services from requests.
type Builder struct {
	Store           Store
	Load            *load.Loader
	Errors          *reply.Mapper
	AllowSkipVerify bool // admins may connect without checking the certificate
}

// LoadSealed returns the secret rows that s dials with. It opens the saved ones that the
// request leaves out.
func (b *Builder) LoadSealed(ctx context.Context, in *RowSecrets, s *bridge.Service) ([]dial.Sealed, error) {
	var out []dial.Sealed
	var opened map[string]vault.Secret
	add := func(rows []bridge.Parameter, query bool) error {
		for _, row := range rows {
			if !row.Secret || !row.Enabled {
				continue
			}
			value, entered := in.entered[row.Field]
			if !entered && opened == nil && s.ID != "" {
				saved, err := b.Store.Credential(ctx, s.ID)
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
	c, key, err := b.LoadCredential(ctx, in, &s)
	if err != nil {
		return bridge.OpenRequest{}, err
	}
	request, err := b.DialRequest(ctx, &s, c)
	if err != nil {
		return request, err
	}
	if request.Target.Sealed, err = b.LoadSealed(ctx, &in.rows, &s); err != nil {
		return request, err
	}
	request.Target.RenewToken, request.Target.OtherCA = in.RenewToken, otherCA
	return request, UseClientCertificate(&in.Input, &s, key, &request.Target)
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
	return s, s.CAPEM != "" && s.CAPEM != saved && !access.ChangesService(&person, &s), err
}

// LoadCredential returns the credential to dial with, and the saved key of a client
// certificate. Secrets that the request leaves out come from the service, when both
// credentials are of the same kind.
func (b *Builder) LoadCredential(ctx context.Context, in *OpenInput, s *bridge.Service) (c sign.Credential, key vault.Secret, err error) {
	c, given, err := in.ReadCredential()
	if err != nil {
		return c, key, err
	}
	entered := c
	_, hasKey := s.Secrets[dial.ClientKeyField]
	ofOneKind := !given || c.Kind == s.Credential.Kind
	if s.ID != "" && (ofOneKind || hasKey) {
		saved, err := b.Store.Credential(ctx, s.ID)
		if err != nil {
			return c, key, b.Errors.MapNotFound(err, reply.CodeServiceNotFound)
		}
		key = saved.Secrets[dial.ClientKeyField]
		delete(saved.Secrets, dial.ClientKeyField)
		saved = dropRowSecrets(saved)
		if !given {
			c = saved
		}
		if ofOneKind {
			c = c.WithSaved(saved)
		}
	}
	if err := c.Validate(); err != nil {
		return c, key, err
	}
	return c, key, entered.CheckEntered()
}

// DialRequest returns the request to the hub for a service and a credential.
func (b *Builder) DialRequest(ctx context.Context, s *bridge.Service, c sign.Credential) (bridge.OpenRequest, error) {
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
	if s.ID != "" {
		request.Service = s
	}
	request.Speech, err = b.speechOf(ctx, s, c)
	return request, err
}
