package connection

import (
	"context"
	"crypto/rand"

	"duplex/bridge"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// PreviewRequest is OpenRequest for a preview. Kept secrets stay sealed: others of the same
// bindings take their places.
func (b *Builder) PreviewRequest(ctx context.Context, in *OpenInput) (bridge.OpenRequest, error) {
	sealed := *b
	sealed.preview = true
	return sealed.OpenRequest(ctx, in)
}

// openCredential opens the credential of a saved service.
func (b *Builder) openCredential(ctx context.Context, s *bridge.Service) (sign.Credential, error) {
	if b.preview {
		return sign.Credential{Kind: s.Credential.Kind, Plain: s.Credential.Plain, Secrets: standInsOf(s.Secrets)}, nil
	}
	return b.Store.Credential(ctx, s.ID)
}

// openEnvironment opens the secrets of an environment.
func (b *Builder) openEnvironment(ctx context.Context, e *bridge.Environment) (map[string]vault.Secret, error) {
	if b.preview {
		return standInsOf(e.Secrets), nil
	}
	return b.Store.EnvironmentSecrets(ctx, e.ID)
}

// standInsOf returns a random text for each secret, with its binding. It is masked like the
// secret.
func standInsOf(secrets map[string]bridge.SecretInfo) map[string]vault.Secret {
	out := map[string]vault.Secret{}
	for name, info := range secrets {
		out[name] = vault.NewSecret(rand.Text()).Bind(info.Binding)
	}
	return out
}
