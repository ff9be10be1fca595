package sign

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"duplex/bridge/vault"
)

// Prefixes of the fields of a dialect's credential in a FieldError: "vars.language",
// "secrets.api_key".
const (
	VarsField    = "vars."
	SecretsField = "secrets."
)

// Limits of the variables and secrets of a dialect's credential.
const (
	maxNamed      = 100 // of each
	maxNamedName  = 100 // bytes
	maxNamedValue = 32 << 10
)

// readNamed reads the objects "vars" and "secrets" of a dialect's credential. A variable is
// a text, a number or a flag. Of secrets, a text is a new one, null deletes one, and an
// object, which describes a kept one in answers, is left out.
func (c Credential) readNamed(fields map[string]json.RawMessage) error {
	objects := map[string]map[string]json.RawMessage{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		var object map[string]json.RawMessage
		switch {
		case name != "vars" && name != "secrets":
			return &FieldError{Field: name, Code: CodeFieldUnknown}
		case json.Unmarshal(fields[name], &object) != nil || len(object) > maxNamed:
			return &FieldError{Field: name, Code: CodeBadValue}
		}
		objects[name] = object
	}
	for _, name := range slices.Sorted(maps.Keys(objects["vars"])) {
		value, ok := namedValue(objects["vars"][name])
		if !ok || !isNamedName(name) {
			return &FieldError{Field: VarsField + name, Code: CodeBadValue}
		}
		if value != "" {
			c.Plain[name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(objects["secrets"])) {
		raw := objects["secrets"][name]
		value, ok := text(raw)
		switch {
		case !isNamedName(name) || len(value) > maxNamedValue:
			return &FieldError{Field: SecretsField + name, Code: CodeBadValue}
		case string(raw) == "null":
			c.Secrets[name] = vault.Secret{}
		case bytes.HasPrefix(raw, []byte("{")):
		case !ok:
			return &FieldError{Field: SecretsField + name, Code: CodeBadValue}
		case value != "":
			c.Secrets[name] = vault.NewSecret(value)
		}
	}
	return nil
}

// namedValue reads the value of a variable; a number keeps its digits.
func namedValue(raw json.RawMessage) (value string, ok bool) {
	if value, ok = text(raw); ok {
		return value, len(value) <= maxNamedValue && !strings.Contains(value, "\x00")
	}
	word := string(raw)
	return word, len(word) <= maxNamedName && json.Valid(raw) && !strings.ContainsAny(word, "{[") && word != "null"
}

// isNamedName reports whether a dialect can have a variable or secret of that name. The key
// of a client certificate is kept beside the secrets, so its name is taken.
func isNamedName(name string) bool {
	return name != "" && name != "client_key_pem" && len(name) <= maxNamedName && isToken(name)
}
