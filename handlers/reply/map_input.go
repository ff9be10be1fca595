package reply

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/bridge/sign"
	"duplex/bridge/transcript"
	"duplex/bridge/vault"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
)

// mapInputError maps errors of identity, search, keys, events and saved things; nil for
// others.
func (m *Mapper) mapInputError(err error) *Error {
	if refusal, ok := errors.AsType[*identity.RefusedError](err); ok {
		return &Error{Code: Code(refusal.Code), role: refusal.Need, Values: map[string]string{"scope": string(refusal.Scope)}}
	}
	if query, ok := errors.AsType[*transcript.QueryError](err); ok {
		return &Error{Code: CodeBadSearch, Field: "q", search: query}
	}
	if key, ok := errors.AsType[*vault.KeyMissingError](err); ok {
		return &Error{Code: CodeKeyMissing, Values: map[string]string{"key": key.ID}}
	}
	if event, ok := errors.AsType[*wire.EventError](err); ok {
		return &Error{Code: CodeBadEvent, Field: event.Field}
	}
	if errors.Is(err, m.StoreErrors.NameTaken) {
		return &Error{Code: CodeNameTaken, Field: "name"}
	}
	if errors.Is(err, m.StoreErrors.Full) {
		return &Error{Code: CodeSavedFull, Values: map[string]string{"limit": strconv.Itoa(bridge.MaxSavedMessages)}}
	}
	if m.StoreErrors.TooManyEnvironments != nil && errors.Is(err, m.StoreErrors.TooManyEnvironments) {
		return &Error{Code: CodeTooManyEnvironments, Values: map[string]string{"limit": strconv.Itoa(bridge.MaxEnvironments)}}
	}
	if f := mapValueError(err); f != nil {
		return f
	}
	return m.mapHandshakeError(err)
}

// mapValueError maps the errors of the variables and secrets of a dialect; nil for others.
func mapValueError(err error) *Error {
	if missing, ok := errors.AsType[*dialect.MissingSecretError](err); ok {
		return &Error{Code: CodeMissingSecret, Field: "credential." + sign.SecretsField + missing.Name}
	}
	if missing, ok := errors.AsType[*dialect.MissingVarError](err); ok {
		return &Error{Code: CodeMissingVariable, Field: "credential." + sign.VarsField + missing.Name}
	}
	unknown, ok := errors.AsType[*dialect.UnknownVarError](err)
	switch {
	case !ok:
		return nil
	case unknown.Secret:
		return &Error{Code: CodeCredentialFieldUnknown, Field: "credential." + sign.SecretsField + unknown.Name}
	}
	return &Error{Code: CodeUnknownVariable, Field: "credential." + sign.VarsField + unknown.Name}
}

// MapTemplate maps the error of a template in a text; where names the text.
func MapTemplate(err error, where, text string) error {
	wrong, ok := errors.AsType[*dialect.TemplateError](err)
	if !ok {
		return err
	}
	column := utf8.RuneCountInString(text[:min(wrong.Offset, len(text))]) + 1
	f := &Error{Code: CodeUndefinedVariable, Field: where, column: column, Values: map[string]string{
		"name": wrong.Name, "detail": wrong.Detail, "column": strconv.Itoa(column),
	}}
	if wrong.Name == "" {
		f.Code, f.rule = CodeBadValue, rule{name: ruleTemplate}
	}
	return f
}

// mapDialError maps the error of a failed dial.
func (m *Mapper) mapDialError(failed *dial.Error) *Error {
	if blocked, ok := errors.AsType[*dial.BlockedError](failed.Err); ok {
		return &Error{Code: CodeTargetBlocked, Field: "address", reason: string(blocked.Reason)}
	}
	if _, ok := errors.AsType[*dial.IAMError](failed.Err); ok {
		return &Error{Code: CodeCredentialRefused, Field: "credential"}
	}
	if _, ok := errors.AsType[*dial.MintError](failed.Err); ok {
		return &Error{Code: CodeCredentialRefused, Field: "credential", variant: variantMint}
	}
	if f := m.mapHandshakeError(failed.Err); f != nil {
		return f
	}
	if failed.Report.Status != 0 {
		return &Error{Code: CodeHandshakeRefused}
	}
	return &Error{Code: CodeTargetUnreachable}
}

// mapHandshakeError maps errors about the address, headers, TLS and credential of a
// handshake; nil for others.
func (m *Mapper) mapHandshakeError(err error) *Error {
	if address, ok := errors.AsType[*dial.AddressError](err); ok {
		return &Error{Code: CodeAddressRefused, Field: "address", reason: string(address.Reason)}
	}
	if certificate, ok := errors.AsType[*dial.ClientCertificateError](err); ok {
		return &Error{Code: CodeClientCertRefused, Field: certificate.Field, reason: string(certificate.Reason)}
	}
	if header, ok := errors.AsType[*dial.HeaderError](err); ok {
		return MapHeader(header, "headers")
	}
	if bound, ok := errors.AsType[*dial.BoundError](err); ok {
		return mapBinding(bound)
	}
	if option, ok := errors.AsType[*dial.OptionError](err); ok {
		return &Error{Code: CodeBadValue, Field: option.Field}
	}
	if field, ok := errors.AsType[*sign.FieldError](err); ok {
		f := &Error{Code: Code(field.Code), Field: credentialField(field.Field), Values: map[string]string{"name": field.Header}}
		if field.Code == string(CodeHeaderForbidden) && strings.EqualFold(field.Header, "Sec-WebSocket-Protocol") {
			f.rule.name = ruleOfSubprotocol // a credential kind of its own sends a secret there
		}
		return f
	}
	return nil
}

// mapBinding maps the refusal to send a saved secret to another target.
func mapBinding(err *dial.BoundError) *Error {
	f := &Error{Code: CodeSecretNotForTarget, Field: credentialField(err.Field), Values: map[string]string{
		"field": strings.ReplaceAll(err.Field, "_", " "), "bound_to": strings.Join(err.Targets, ", "),
		"refused": err.Refused, "owner": err.Owner,
	}}
	switch {
	case err.Unverified:
		f.Code = "secret_needs_verified_tls"
	case err.OtherCA:
		f.Code = "secret_needs_saved_ca"
	}
	return f
}

// MapHeader maps the error of a header; where names the field.
func MapHeader(err *dial.HeaderError, where string) *Error {
	f := &Error{Field: where, Values: sizes(err.Size, err.Limit)}
	f.Values["name"] = err.Name
	f.rule.limit = int64(err.Limit)
	switch err.Reason {
	case dial.ReasonForbidden:
		f.Code = "header_forbidden"
	case dial.ReasonHostHeader:
		f.Code, f.rule.name = "header_forbidden", ruleOfAddress
	case dial.ReasonSubprotocol:
		f.Code, f.rule.name = "header_forbidden", ruleOfSubprotocol
	case dial.ReasonBadName:
		f.Code = "header_bad_name"
	case dial.ReasonBadValue:
		f.Code = "header_bad_value"
	case dial.ReasonTooLong:
		f.Code, f.rule.name = "header_too_long", ruleMaxBytes
	case dial.ReasonTooLarge:
		f.Code, f.rule.name = "header_too_long", ruleMaxTotal
	case dial.ReasonTooMany:
		f.Code, f.rule.name = "header_too_many", ruleMaxItems
	}
	return f
}

// credentialField names the input that a sign.FieldError is about.
func credentialField(field string) string {
	switch {
	case slices.Contains([]string{"credential", "address", "params", "headers"}, field), bridge.IsRowField(field):
		return field
	case strings.HasPrefix(field, dial.EnvironmentField):
		return field
	case field == dial.ClientKeyField:
		return "tls." + field
	default:
		return "credential." + field
	}
}
