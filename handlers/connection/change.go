package connection

import (
	"duplex/bridge"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// Change is a credential to save, with its new secrets and the names of the kept ones.
type Change struct {
	plain   sign.Credential
	Secrets map[string]vault.Secret // new ones
	Keep    []string                // names of the saved ones that stay
}

// changeOf returns the change from the credential of saved to c. Saved secrets stay
// sealed. The error names a secret that would be missing.
func changeOf(c sign.Credential, saved *bridge.Service) (Change, error) {
	out := Change{plain: sign.Credential{Kind: c.Kind, Plain: c.Plain}, Secrets: map[string]vault.Secret{}}
	kept := sign.Credential{Kind: saved.Credential.Kind, Secrets: map[string]vault.Secret{}}
	for name := range saved.Secrets {
		if bridge.IsRowField(name) {
			continue
		}
		kept.Secrets[name] = vault.NewSecret("kept") // represents a secret that was checked when it was saved
	}
	if err := c.WithSaved(kept).Validate(); err != nil {
		return out, err
	}
	if err := c.CheckEntered(); err != nil {
		return out, err
	}
	for name, secret := range c.Secrets {
		if !secret.IsZero() { // a zero one is to be deleted
			out.Secrets[name] = secret
		}
	}
	if c.Kind != saved.Credential.Kind {
		return out, nil
	}
	for name := range saved.Secrets {
		if _, said := c.Secrets[name]; !said && !bridge.IsRowField(name) {
			out.Keep = append(out.Keep, name)
		}
	}
	return out, nil
}
