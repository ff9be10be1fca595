package bridge

import (
	"strings"

	"duplex/bridge/dial"
	"duplex/bridge/dialect"
)

// Parameter is a query parameter or a header of a service. A disabled one is stored and
// not sent.
type Parameter struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Enabled bool   `json:"enabled"`
	// Secret says that the value is sealed under the name Field, and Value is empty.
	Secret bool   `json:"secret,omitempty"`
	Field  string `json:"field,omitempty"`
	// Raw is the spelling of a query parameter, escaped by dial.EscapeQuery. It is ignored
	// unless it decodes to Name and Value.
	Raw string `json:"raw,omitempty"`
}

// Enabled returns the headers to send, without the secret ones.
func Enabled(headers []Parameter) []dial.Pair {
	var out []dial.Pair
	for _, p := range headers {
		if p.Enabled && p.Name != "" && !p.Secret {
			out = append(out, dial.Pair{Name: p.Name, Value: p.Value})
		}
	}
	return out
}

// ParametersOf splits the query of a parsed address so that Service.URL writes the same
// bytes. An "&" with nothing before it belongs to the next parameter, and one at the end to
// the last. A query of nothing but "&" has no parameters.
func ParametersOf(query string) []Parameter {
	var out []Parameter
	lead := ""
	for piece := range strings.SplitSeq(query, "&") {
		if piece == "" {
			lead += "&"
			continue
		}
		name, value, _ := strings.Cut(piece, "=")
		out = append(out, Parameter{Name: dial.PlainText(name), Value: dial.PlainText(value), Enabled: true, Raw: lead + piece})
		lead = ""
	}
	if len(out) > 0 {
		out[len(out)-1].Raw += lead
	}
	return out
}

// queryOf writes the enabled parameters as a query, without the secret ones.
func queryOf(params []Parameter) string {
	var pieces []string
	for _, p := range params {
		if p.Enabled && !p.Secret && (p.Name != "" || p.IsSpelled()) {
			pieces = append(pieces, p.Spelling())
		}
	}
	return strings.Join(pieces, "&")
}

// Spelling returns a query parameter as it is sent: Raw, or Name and Value percent-encoded
// when one of them was changed after Raw.
func (p Parameter) Spelling() string {
	if p.IsSpelled() {
		return p.Raw
	}
	return dial.EscapeText(p.Name) + "=" + dial.EscapeText(p.Value)
}

// Template returns the value of a query parameter as a person wrote it, if it has a template;
// "" otherwise. Braces that are percent-encoded begin none.
func (p Parameter) Template() string {
	value := p.Value
	if p.IsSpelled() {
		_, value, _ = strings.Cut(strings.Trim(p.Raw, "&"), "=")
	}
	if !dialect.HasTemplate(value) {
		return ""
	}
	return value
}

// IsSpelled reports whether Raw decodes to Name and Value.
func (p Parameter) IsSpelled() bool {
	piece := strings.Trim(p.Raw, "&")
	name, value, _ := strings.Cut(piece, "=")
	return piece != "" && !strings.Contains(piece, "&") && dial.PlainText(name) == p.Name && dial.PlainText(value) == p.Value
}
