package handlers

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

// copySource returns the service that a new one is a copy of, with those of its secrets
// that a copy may have: the ones that the person at the request entered, and those that a
// demo came with, but not what an admin entered there since. The key of a client
// certificate is entered again.
func (h *Handler) copySource(ctx context.Context, id string) (bridge.Service, error) {
	source, err := h.service(ctx, id)
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

// copiedSecrets opens those secrets of source that may go to the target of s as well. What
// is not among them has to be entered for s.
func (h *Handler) copiedSecrets(ctx context.Context, source, s *bridge.Service, c sign.Credential) (map[string]vault.Secret, error) {
	copied, out := *s, map[string]vault.Secret{}
	copied.Credential = sign.Credential{Kind: c.Kind, Plain: c.Plain}
	for field, info := range source.Secrets {
		ofKind := bridge.IsRowField(field) || c.Kind == source.Credential.Kind
		if ofKind && copied.Usable(field, info) {
			out[field] = vault.Secret{}
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	opened, err := h.Store.Credential(ctx, source.ID)
	if err != nil {
		return nil, h.errors.MapNotFound(err, "service_not_found")
	}
	for field := range out {
		out[field] = opened.Secrets[field]
	}
	return out, nil
}

// takeCopied puts copied secrets in the place of those that rows of s would keep: s is
// new and keeps none.
func (c *change) takeCopied(s *bridge.Service, copied map[string]vault.Secret) error {
	c.keep = nil
	for list, rows := range map[string][]bridge.Parameter{"headers": s.Headers, "params": s.Params} {
		for i, row := range rows {
			if _, entered := c.secrets[row.Field]; !row.Secret || entered {
				continue
			}
			secret, may := copied[row.Field]
			if !may {
				return reply.Bad("missing_secret", fmt.Sprintf("%s[%d].value", list, i))
			}
			c.secrets[row.Field] = secret
		}
	}
	return nil
}
