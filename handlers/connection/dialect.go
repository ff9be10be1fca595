package connection

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// inlinePrefix begins the names of dialects that came with a request.
const inlinePrefix = "inline-"

// inlineDigits is the number of digits of the sum in such a name.
const inlineDigits = 12

// readDialect sets the dialect of s: a name, or an object, which is kept among the dialects of
// the team without being listed. Null or "" is none.
func (b *Builder) readDialect(ctx context.Context, raw json.RawMessage, s *bridge.Service) error {
	if len(raw) == 0 {
		return nil
	}
	if bytes.HasPrefix(raw, []byte("{")) {
		return b.keepInline(ctx, raw, s)
	}
	var name *string
	if err := json.Unmarshal(raw, &name); err != nil {
		return reply.Bad(reply.CodeBadJSON, "dialect")
	}
	if name == nil || *name == "" {
		s.Dialect = ""
		return nil
	}
	if _, err := b.LoadDialect(ctx, *name); err != nil {
		return err
	}
	s.Dialect = *name
	return nil
}

// keepInline keeps the dialect of a request.
func (b *Builder) keepInline(ctx context.Context, raw json.RawMessage, s *bridge.Service) error {
	if len(raw) > dialect.MaxSource {
		return reply.TooLong("dialect", len(raw), dialect.MaxSource)
	}
	d, err := dialect.Parse(raw)
	if err != nil {
		return err
	}
	s.Dialect = inlinePrefix + d.Sum()[:min(inlineDigits, len(d.Sum()))]
	return b.Store.CreateDialect(ctx, &bridge.SavedDialect{Name: s.Dialect, Source: d.Bytes(), Sum: d.Sum(), Owner: identity.Of(ctx).ID})
}

// LoadDialect returns a dialect by its name; dialect_not_found.
func (b *Builder) LoadDialect(ctx context.Context, name string) (*dialect.Dialect, error) {
	d, err := b.Store.Dialect(ctx, name)
	if err != nil && reply.IsMissing(b.Errors.MapNotFound(err, reply.CodeDialectNotFound), reply.CodeDialectNotFound) {
		return nil, reply.Bad(reply.CodeDialectNotFound, "dialect")
	}
	return d, err
}

// dialectOf returns the dialect of a service; nil without one.
func (b *Builder) dialectOf(ctx context.Context, s *bridge.Service) (*dialect.Dialect, error) {
	if s.Dialect == "" {
		return nil, nil //nolint:nilnil // there is none
	}
	return b.LoadDialect(ctx, s.Dialect)
}

// speechOf returns the dialect of a service with the variables and secrets of a credential;
// nil without a dialect.
func (b *Builder) speechOf(ctx context.Context, s *bridge.Service, c sign.Credential) (*bridge.Speech, error) {
	d, err := b.dialectOf(ctx, s)
	if err == nil && d == nil && c.Kind == sign.KindDialect {
		err = reply.Bad(reply.CodeMissingField, "dialect")
	}
	if err != nil || d == nil {
		return nil, err
	}
	speech := &bridge.Speech{Name: s.Dialect, Dialect: d, Values: dialect.Values{OtherCredential: c.Kind != sign.KindDialect && c.Kind != sign.KindNone}}
	if c.Kind == sign.KindDialect {
		speech.Values.Vars, speech.Values.Secrets = c.Plain, c.Secrets
	}
	return speech, nil
}

// requireDialect refuses a service whose dialect lacks a variable or secret, with those that c
// keeps. Kept secrets that the dialect does not have are deleted.
func (b *Builder) requireDialect(ctx context.Context, s *bridge.Service, c *Change) error {
	d, err := b.dialectOf(ctx, s)
	if err != nil {
		return err
	}
	with := sign.Credential{Kind: s.Credential.Kind, Plain: s.Credential.Plain, Secrets: maps.Clone(c.Secrets)}
	if d != nil && with.Kind == sign.KindDialect {
		has := func(name string) bool {
			return slices.ContainsFunc(d.Secrets, func(secret dialect.Secret) bool { return secret.Name == name })
		}
		c.Keep = slices.DeleteFunc(c.Keep, func(name string) bool { return name != dial.ClientKeyField && !has(name) })
		for _, name := range c.Keep {
			if has(name) {
				with.Secrets[name] = vault.NewSecret("kept")
			}
		}
	}
	_, err = b.loadVariables(ctx, s, with)
	return err
}
