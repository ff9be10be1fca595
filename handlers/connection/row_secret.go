package connection

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"duplex/bridge"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/handlers/reply"
)

// A header or a query parameter may be marked as secret. Its value is then sealed like
// the secrets of a credential, under a field that the row keeps for life: the row may
// be renamed and moved, and is recognised by the field, or else by its name.

// maxSecretName is the longest name of a secret row, in bytes: it is part of a key of the
// store.
const maxSecretName = 256

// RowSecrets holds the secret values of a request's rows while it is read.
type RowSecrets struct {
	saved   *bridge.Service // the saved service; nil when there is none
	entered map[string]vault.Secret
}

// takeValue moves the value of a secret row into in, and sets the field of the row. Where names
// the row in errors; rows are the rows before it.
func (in *RowSecrets) takeValue(list, where string, rows []bridge.Parameter, p bridge.Parameter) (bridge.Parameter, error) {
	if !p.Secret {
		p.Field = ""
		return p, nil
	}
	value := p.Value
	p.Value, p.Raw = "", ""
	switch {
	case p.Name == "":
		return p, reply.Bad(reply.CodeMissingField, where+".name")
	case len(p.Name) > maxSecretName:
		return p, reply.TooLong(where+".name", len(p.Name), maxSecretName)
	case strings.ContainsFunc(p.Name, reply.IsControl) || !utf8.ValidString(p.Name):
		return p, reply.Breaks(reply.RuleNoControls, where+".name")
	case value != "" && len(value) < sign.MinSecret:
		return p, reply.Bad(reply.CodeSecretTooShort, where+".value")
	}
	field, kept := in.fieldOf(list, rows, &p)
	if value == "" && !kept {
		return p, reply.Bad(reply.CodeMissingSecret, where+".value")
	}
	if p.Field = field; value != "" {
		if in.entered == nil {
			in.entered = map[string]vault.Secret{}
		}
		in.entered[field] = vault.NewSecret(value)
	}
	return p, nil
}

// fieldOf returns the field of a row, and whether a secret is kept under it.
func (in *RowSecrets) fieldOf(list string, rows []bridge.Parameter, p *bridge.Parameter) (field string, kept bool) {
	taken := map[string]bool{}
	for _, row := range rows {
		taken[row.Field] = true
	}
	if in.saved != nil {
		before := in.saved.Headers
		if list == bridge.ParamsField {
			before = in.saved.Params
		}
		found := ""
		for _, row := range before {
			switch {
			case !row.Secret || taken[row.Field]:
			case row.Field == p.Field:
				return row.Field, in.isKept(row.Field)
			case found == "" && sameName(list, row.Name, p.Name) && p.Field == "":
				found = row.Field
			}
		}
		if found != "" {
			return found, in.isKept(found)
		}
		for field := range in.saved.Secrets {
			taken[field] = true // of a row that is about to go
		}
	}
	field = list + p.Name + "]"
	for n := 2; taken[field]; n++ {
		field = fmt.Sprintf("%s%s]%d", list, p.Name, n)
	}
	return field, false
}

func (in *RowSecrets) isKept(field string) bool {
	_, kept := in.saved.Secrets[field]
	return kept
}

func sameName(list, a, b string) bool {
	return a == b || list == bridge.HeadersField && strings.EqualFold(a, b)
}

// addSecrets adds the secrets that rows keep or get to c.
func (in *RowSecrets) addSecrets(s *bridge.Service, c *Change) {
	for _, rows := range [][]bridge.Parameter{s.Headers, s.Params} {
		for _, row := range rows {
			if !row.Secret {
				continue
			}
			if secret, entered := in.entered[row.Field]; entered {
				c.Secrets[row.Field] = secret
			} else {
				c.Keep = append(c.Keep, row.Field)
			}
		}
	}
}

// dropRowSecrets returns a credential as it was opened without the secrets of rows.
func dropRowSecrets(c sign.Credential) sign.Credential {
	if c.Secrets == nil {
		return c
	}
	own := make(map[string]vault.Secret, len(c.Secrets))
	for field, secret := range c.Secrets {
		if !bridge.IsRowField(field) {
			own[field] = secret
		}
	}
	c.Secrets = own
	return c
}
