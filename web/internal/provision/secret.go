package provision

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"duplex/bridge/sign"
)

// The keys of a reference to a secret, which has one of them: {env: ASR_TOKEN}.
const (
	fromEnvironment = "env"
	fromFile        = "file"
)

// resolver puts secrets in place of references.
type resolver struct {
	item     *item
	getenv   func(string) string
	mistakes []error
}

// resolve returns the body for the API. It refuses a secret that is in the file itself.
func (i *item) resolve(getenv func(string) string) (map[string]any, []error) {
	r := &resolver{item: i, getenv: getenv}
	switch i.list {
	case services:
		kind, _ := object(i.value["credential"])["kind"].(string)
		credential := r.credential(sign.Kind(kind), i.value["credential"])
		out := copyOf(i.value)
		if credential != nil {
			out["credential"] = credential
		}
		for _, rows := range []string{"headers", "params"} {
			if list, ok := i.value[rows].([]any); ok {
				out[rows] = r.rows(rows, list)
			}
		}
		if tls, ok := i.value["tls"].(map[string]any); ok {
			tls = copyOf(tls)
			r.replace(tls, "client_key_pem", "tls.client_key_pem")
			out["tls"] = tls
		}
		return out, r.mistakes
	case environments:
		out, secrets := copyOf(i.value), map[string]any{}
		for name, secret := range object(i.value["secrets"]) {
			entry := copyOf(object(secret))
			r.replace(entry, "value", "secrets."+name+".value")
			secrets[name] = entry
		}
		out["secrets"] = secrets
		return out, r.mistakes
	}
	return i.value, nil
}

func (r *resolver) credential(kind sign.Kind, value any) map[string]any {
	given, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	out := copyOf(given)
	if secrets, ok := given["secrets"].(map[string]any); ok { // of a dialect
		secrets = copyOf(secrets)
		for name := range secrets {
			r.replace(secrets, name, "credential.secrets."+name)
		}
		out["secrets"] = secrets
	}
	for _, name := range secretFields(kind) {
		r.replace(out, name, "credential."+name)
	}
	return out
}

// secretFields returns the names of the secret fields of a kind of credential.
func secretFields(kind sign.Kind) (names []string) {
	for _, scheme := range sign.Schemes() {
		if scheme.Kind != kind {
			continue
		}
		for _, field := range scheme.Fields {
			if field.Secret {
				names = append(names, field.Name)
			}
		}
	}
	return names
}

func (r *resolver) rows(name string, list []any) []any {
	out := slices.Clone(list)
	for n := range out {
		row := copyOf(object(out[n]))
		if row["secret"] == true {
			r.replace(row, "value", fmt.Sprintf("%s[%d].value", name, n))
		}
		out[n] = row
	}
	return out
}

// replace puts the secret in place of the reference under a key, if there is one.
func (r *resolver) replace(in map[string]any, key, field string) {
	value, given := in[key]
	if !given || value == nil {
		return
	}
	reference, ok := value.(map[string]any)
	if !ok || len(reference) != 1 {
		r.mistakes = append(r.mistakes, r.item.mistake(field, "A secret does not belong in this file. Name the environment variable or the file that has it: {env: NAME} or {file: PATH}."))
		return
	}
	secret, problem := r.read(reference)
	if problem != "" {
		r.mistakes = append(r.mistakes, r.item.mistake(field, problem))
		return
	}
	in[key] = secret
}

// read returns the secret of a reference, or a sentence that says why there is none.
func (r *resolver) read(reference map[string]any) (secret, problem string) {
	if name, ok := reference[fromEnvironment].(string); ok {
		if value := r.getenv(name); value != "" {
			return value, ""
		}
		return "", fmt.Sprintf("The environment variable %s is not set.", name)
	}
	file, ok := reference[fromFile].(string)
	if !ok {
		return "", "A secret is {env: NAME} or {file: PATH}."
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Sprintf("The file of the secret cannot be read: %v.", err)
	}
	return strings.TrimRight(string(raw), "\r\n"), ""
}

func object(value any) map[string]any {
	fields, _ := value.(map[string]any)
	return fields
}

func copyOf(fields map[string]any) map[string]any {
	out := make(map[string]any, len(fields))
	maps.Copy(out, fields)
	return out
}
