package sign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"duplex/bridge/vault"
)

// The codes of a FieldError.
const (
	CodeKindUnknown     = "credential_kind_unknown"
	CodeFieldUnknown    = "credential_field_unknown"
	CodeMissingSecret   = "missing_secret"
	CodeSecretTooShort  = "secret_too_short" // shorter than MinSecret
	CodeMissingField    = "missing_field"
	CodeBadValue        = "bad_value"
	CodeHeaderForbidden = "header_forbidden" // the header belongs to the connection; see IsForbidden
	CodeHeaderConflict  = "header_conflict"  // the request has a header that the credential sets
	CodeQueryConflict   = "query_conflict"   // the request has a query parameter that the credential sets
	CodePathAmbiguous   = "path_ambiguous"   // gateways normalise it differently
	CodeQueryAmbiguous  = "query_ambiguous"  // a raw ";" or a broken "%": likewise
)

// FieldError names an invalid input. Field is the name of a credential's field, "kind",
// "credential" for the object as a whole, or "address", "params" or "headers" for the
// part of the request that Apply cannot sign. Header is the name of a header that is
// forbidden or set twice, or "".
type FieldError struct{ Field, Code, Header string }

// Error implements error.
func (e *FieldError) Error() string { return fmt.Sprintf("credential: %s: %s", e.Field, e.Code) }

// Parse reads a credential from the API: a flat object with "kind" and the fields of that
// kind, all strings; see readNamed for the objects of a dialect. Nothing, null and {} are no credential. An empty string is an
// omitted field; null deletes a secret, so that WithSaved does not restore a saved one.
// Required fields may be missing, because a change may omit secrets. Errors are
// *FieldError.
func Parse(raw json.RawMessage) (Credential, error) {
	var fields map[string]json.RawMessage
	if len(bytes.TrimSpace(raw)) > 0 {
		if err := json.Unmarshal(raw, &fields); err != nil {
			return Credential{}, &FieldError{Field: "credential", Code: CodeBadValue}
		}
	}
	if len(fields) == 0 {
		return Credential{Kind: KindNone}, nil
	}
	kind, _ := text(fields["kind"])
	scheme, ok := SchemeOf(Kind(kind))
	if !ok {
		return Credential{}, &FieldError{Field: "kind", Code: CodeKindUnknown}
	}
	delete(fields, "kind")
	c := Credential{Kind: scheme.Kind, Plain: map[string]string{}, Secrets: map[string]vault.Secret{}}
	if scheme.Named() {
		return c, c.readNamed(fields)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := c.read(scheme, name, fields[name]); err != nil {
			return Credential{}, err
		}
	}
	return c, nil
}

func (c Credential) read(scheme Scheme, name string, raw json.RawMessage) error {
	field, ok := scheme.field(name)
	if !ok {
		return &FieldError{Field: name, Code: CodeFieldUnknown}
	}
	if field.Secret && string(raw) == "null" {
		c.Secrets[name] = vault.Secret{}
		return nil
	}
	value, ok := text(raw)
	switch {
	case !ok:
		return &FieldError{Field: name, Code: CodeBadValue}
	case value == "":
	case field.Secret:
		c.Secrets[name] = vault.NewSecret(value)
	default:
		c.Plain[name] = value
	}
	return nil
}

// text reads a JSON string; false for any other value.
func text(raw json.RawMessage) (string, bool) {
	var value *string
	if err := json.Unmarshal(raw, &value); err != nil || value == nil {
		return "", false
	}
	return *value, true
}

// WithSaved returns c with its omitted secrets taken from saved, when both are of the
// same kind. Neither is changed.
func (c Credential) WithSaved(saved Credential) Credential {
	if c.Kind != saved.Kind {
		return c
	}
	secrets := maps.Clone(saved.Secrets)
	if secrets == nil {
		secrets = map[string]vault.Secret{}
	}
	maps.Copy(secrets, c.Secrets)
	c.Secrets = secrets
	return c
}
