package reply

import (
	"maps"

	"duplex/bridge/wire"
	"duplex/handlers/explain"
	"duplex/handlers/identity"
	"duplex/views/text"
)

// RoleName names a role in the words of t; "" for none.
func RoleName(t *text.Catalogue, role identity.Role) string {
	if role == identity.Nobody {
		return ""
	}
	return t.Say("identity.role."+role.String(), nil)
}

// WireError maps an error to JSON, with its sentence in the words of t.
func WireError(t *text.Catalogue, f *Error) *wire.Error {
	values := map[string]string{"field": f.Field}
	if f.reason != "" {
		values["reason"] = t.Say("evidence.reason."+f.reason, nil)
	}
	if f.search != nil {
		values["detail"] = explain.Expression(t, f.search)
	}
	if f.role != identity.Nobody {
		values["role"] = RoleName(t, f.role)
	}
	maps.Copy(values, f.Values)
	if f.syntax != nil && len(f.syntax.Problems) > 0 {
		values["detail"] = explain.Mistake(t, f.syntax.Problems[0].Detail)
	}
	e := &wire.Error{
		Code: string(f.Code), Message: t.Say(sentenceKey(t, f), values), Field: f.Field,
		Rule: f.rule.name, Least: f.rule.least, Limit: f.rule.limit, Column: f.column,
	}
	if f.syntax != nil {
		for _, p := range f.syntax.Problems {
			e.Problems = append(e.Problems, wire.Problem{Line: p.Line, Column: p.Column, Path: p.Path, Detail: explain.Mistake(t, p.Detail), Nearest: p.Nearest})
		}
	}
	if f.failed != nil {
		explain.AddDial(t, e, f.failed)
	}
	return e
}

// sentenceKey returns the key of the most specific sentence for f.
func sentenceKey(t *text.Catalogue, f *Error) string {
	key := "error." + string(f.Code)
	for _, exact := range []string{key + "." + f.rule.name + "." + f.Field, key + "." + f.rule.name + "." + f.rule.variant, key + "." + f.rule.name} {
		if f.rule.name != "" && t.Has(exact) {
			return exact
		}
	}
	if f.variant != "" && t.Has(key+"."+f.variant) {
		return key + "." + f.variant
	}
	return key
}
