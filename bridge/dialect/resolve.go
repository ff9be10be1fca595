package dialect

import (
	"slices"
	"strings"
	"time"

	"duplex/bridge/vault"
)

// HasTemplate reports whether a text has braces that Resolve reads.
func HasTemplate(source string) bool { return strings.Contains(source, "{{") }

// Resolved is a text with its values filled in.
type Resolved struct {
	Text

	Secrets []string // the names of those that it contains, each once
}

// Resolve fills the values into a text that a person wrote, such as an address or a message.
// Names are those of values, and "secret.NAME" those of secrets; $now, $uuid and $random are as
// in a dialect. The error is a *TemplateError.
func Resolve(source string, values map[string]string, secrets map[string]vault.Secret, now time.Time) (Resolved, error) {
	if !HasTemplate(source) {
		return Resolved{Text: Text{Wire: []byte(source), Shown: []byte(source)}}, nil
	}
	var used []string
	known := func(name string) bool {
		secret, found := strings.CutPrefix(name, "secret.")
		if !found {
			_, found = values[name]
			return found
		}
		if !slices.Contains(used, secret) {
			used = append(used, secret)
		}
		return !secrets[secret].IsZero()
	}
	t, err := ParseTemplate(source, known)
	if err != nil {
		return Resolved{}, err
	}
	// Words of dialects are names like others here.
	body := []byte(values["body"])
	s := &Scope{
		Vars: values, Secrets: secrets, Now: now, Host: values["host"], Path: values["path"], Text: values["text"],
		Chunk: []byte(values["chunk"]), Head: []byte(values["head"]), body: &Text{Wire: body, Shown: body},
	}
	text, err := t.Build(s)
	return Resolved{Text: text, Secrets: used}, err
}
