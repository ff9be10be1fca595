package connection

import (
	"context"
	"fmt"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// loadCopySource loads the service that is copied, with the secrets that the copy may
// have: those that the person entered, and those of an unchanged demo. The key of a
// client certificate has to be entered again.
func (b *Builder) loadCopySource(ctx context.Context, id string) (bridge.Service, error) {
	source, err := b.Load.Service(ctx, id)
	if err != nil {
		return source, err
	}
	person, own := identity.Of(ctx), map[string]bridge.SecretInfo{}
	for field, info := range source.Secrets {
		ofDemo := source.Demo != "" && info.Binding.Owner == source.Owner
		if field != dial.ClientKeyField && (ofDemo || info.Binding.Owner == person.ID) {
			own[field] = info
		}
	}
	source.Secrets = own
	return source, nil
}

// loadCopiedSecrets opens the secrets of source that may go to the target of s as well.
// Others have to be entered for s.
func (b *Builder) loadCopiedSecrets(ctx context.Context, source, s *bridge.Service, c sign.Credential) (map[string]vault.Secret, error) {
	if len(source.Secrets) == 0 {
		return nil, nil
	}
	copied, out := *s, map[string]vault.Secret{}
	copied.Credential = sign.Credential{Kind: c.Kind, Plain: c.Plain}
	binding, at, err := b.bindingOf(ctx, &copied, "")
	if err != nil {
		return nil, err
	}
	for field, info := range source.Secrets {
		isRow := bridge.IsRowField(field)
		ofKind := isRow || c.Kind == source.Credential.Kind && (binding.Endpoint == "" || binding.Endpoint == info.Binding.Endpoint)
		if ofKind && at.Usable(field, info) {
			out[field] = vault.Secret{}
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	opened, err := b.Store.Credential(ctx, source.ID)
	if err != nil {
		return nil, b.Errors.MapNotFound(err, reply.CodeServiceNotFound)
	}
	for field := range out {
		out[field] = opened.Secrets[field]
	}
	return out, nil
}

// takeCopied adds copied secrets for the rows of s that would keep one: s is new and has
// none to keep.
func (c *Change) takeCopied(s *bridge.Service, copied map[string]vault.Secret) error {
	c.Keep = nil
	for list, rows := range map[string][]bridge.Parameter{"headers": s.Headers, "params": s.Params} {
		for i, row := range rows {
			if _, entered := c.Secrets[row.Field]; !row.Secret || entered {
				continue
			}
			secret, may := copied[row.Field]
			if !may {
				return reply.Bad(reply.CodeMissingSecret, fmt.Sprintf("%s[%d].value", list, i))
			}
			c.Secrets[row.Field] = secret
		}
	}
	return nil
}
