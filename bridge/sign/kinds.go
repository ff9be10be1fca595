package sign

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"
)

// The kinds of credential, by their names in the API.
const (
	KindNone         Kind = "none"
	KindToken        Kind = "token"
	KindIAMPassword  Kind = "iam_password"
	KindAPIKey       Kind = "api_key"
	KindAKSK         Kind = "aksk"
	KindAppCode      Kind = "app_code"
	KindAppKey       Kind = "app_key"
	KindAppSignature Kind = "app_signature"
	KindBearer       Kind = "bearer"
	KindBasic        Kind = "basic"
	KindHeader       Kind = "header"
	KindQuery        Kind = "query"
	KindSubprotocol  Kind = "subprotocol"
	KindSigV4        Kind = "sigv4"
	KindDialect      Kind = "dialect"
)

// The algorithms of the two Huawei kinds.
const (
	SDKHMACSHA256 = "SDK-HMAC-SHA256"
	V11HMACSHA256 = "V11-HMAC-SHA256" // needs a region; newer dedicated gateways accept no other
)

// The places for a SigV4 signature.
const (
	PlacementHeader = "header"
	PlacementQuery  = "query" // a presigned URL
)

// defaultService is the service name of dedicated gateways in V11 scopes.
const defaultService = "apic"

// Scheme describes one kind of credential: its inputs, and how it is applied.
type Scheme struct {
	Kind   Kind
	Fields []Field
	apply  applier
}

// Named reports whether the inputs are the variables and secrets of a dialect, which the
// objects "vars" and "secrets" hold by name. Fields is empty then, and the dialect adds the
// credential to the handshake.
func (s Scheme) Named() bool { return s.Kind == KindDialect }

// applier adds a valid credential to a handshake; see Apply.
type applier func(h *Handshake, c Credential, now time.Time) (Applied, error)

// Schemes returns every kind, in the order in which a page offers them. It is the only
// list of kinds: the API, the form on the page and the tests are derived from it. The
// caller may change the result.
//
// Sources: X-Auth-Token, X-Apig-AppCode and apikey are in Huawei Cloud's "Accessing
// real-time services" pages; Bearer is RFC 6750 section 2.1, Basic is RFC 7617.
func Schemes() []Scheme {
	return []Scheme{
		{KindNone, nil, applyNothing},
		{KindToken, []Field{secret("token", isWord)}, inHeader("X-Auth-Token", "", "token")},
		{KindIAMPassword, []Field{
			plain("iam_endpoint", isBaseURL), plain("domain", isPrintable), plain("user", isPrintable),
			secret("password", isPrintable), plain("project", isPrintable),
		}, func(*Handshake, Credential, time.Time) (Applied, error) { return Applied{}, ErrNotExchanged }},
		{KindAPIKey, []Field{secret("key", isWord)}, inHeader("Authorization", "Bearer ", "key")},
		{KindAKSK, append([]Field{
			plain("access_key", isScopePart), secret("secret_key", isKey),
			optional(secret("security_token", isWord)), optional(plain("project_id", isWord)),
		}, huaweiScope()...), applyHuawei},
		{KindAppCode, []Field{secret("app_code", isWord)}, inHeader("X-Apig-AppCode", "", "app_code")},
		{KindAppKey, []Field{secret("app_key", isWord)}, inHeader("apikey", "", "app_key")}, // a secret here: it grants access alone
		{KindAppSignature, append([]Field{plain("app_key", isScopePart), secret("app_secret", isKey)}, huaweiScope()...), applyHuawei},
		{KindBearer, []Field{secret("token", isWord)}, inHeader("Authorization", "Bearer ", "token")},
		{KindBasic, []Field{plain("username", isUsername), secret("password", isPrintable)}, applyBasic},
		{KindHeader, []Field{plain("name", isToken), secret("value", isPrintable)}, applyHeader},
		{KindQuery, []Field{plain("name", isPrintable), secret("value", isPrintable)}, applyQuery},
		// Name and value make one subprotocol: a token, RFC 6455 section 4.1.
		{KindSubprotocol, []Field{optional(plain("name", isToken)), secret("value", isToken)}, applySubprotocol},
		{KindSigV4, []Field{
			plain("access_key", isScopePart), secret("secret_key", isKey), optional(secret("security_token", isWord)),
			plain("region", isScopePart), plain("service", isScopePart),
			choice("placement", PlacementHeader, PlacementQuery),
		}, applySigV4},
		{KindDialect, nil, applyNothing},
	}
}

// SchemeOf returns the scheme of a kind; false when the kind is unknown.
func SchemeOf(kind Kind) (Scheme, bool) {
	schemes := Schemes()
	i := slices.IndexFunc(schemes, func(s Scheme) bool { return s.Kind == kind })
	if i < 0 {
		return Scheme{}, false
	}
	return schemes[i], true
}

// Field describes one input of a kind.
type Field struct {
	Name     string   // as in the API: "secret_key"
	Secret   bool     // sealed at rest, write-only in API and page
	Required bool     // a credential without it is refused
	Choices  []string // the allowed values, or nil for free text
	Default  string   // used when the field is empty

	isValid func(value string) bool // of a value that is not empty
}

// field returns the field of that name.
func (s Scheme) field(name string) (Field, bool) {
	i := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return s.Fields[i], true
}

// huaweiScope returns the fields that select the algorithm and its scope. Validate
// requires the region for V11.
func huaweiScope() []Field {
	service := optional(plain("service", isScopePart))
	service.Default = defaultService
	return []Field{choice("algorithm", SDKHMACSHA256, V11HMACSHA256), optional(plain("region", isScopePart)), service}
}

func plain(name string, isValid func(string) bool) Field {
	return Field{Name: name, Required: true, isValid: isValid}
}

func secret(name string, isValid func(string) bool) Field {
	return Field{Name: name, Required: true, Secret: true, isValid: isValid}
}

func optional(f Field) Field {
	f.Required = false
	return f
}

// choice returns a field with a fixed set of values; the first is the default.
func choice(name string, values ...string) Field {
	return Field{
		Name: name, Choices: values, Default: values[0],
		isValid: func(value string) bool { return slices.Contains(values, value) },
	}
}

// inHeader returns the applier of a kind that sends its secret field unchanged behind a
// prefix.
func inHeader(name, prefix, field string) applier {
	return func(h *Handshake, c Credential, _ time.Time) (Applied, error) {
		return h.set(header{name: name, value: prefix + c.secret(field)})
	}
}

func applyNothing(*Handshake, Credential, time.Time) (Applied, error) { return Applied{}, nil }

func applyBasic(h *Handshake, c Credential, _ time.Time) (Applied, error) {
	pair := c.plain("username") + ":" + c.secret("password")
	return h.set(header{name: "Authorization", value: "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))})
}

func applyHeader(h *Handshake, c Credential, _ time.Time) (Applied, error) {
	return h.set(header{name: c.plain("name"), value: c.secret("value")})
}

// applyQuery adds a query parameter. The rest of the query stays byte for byte.
func applyQuery(h *Handshake, c Credential, _ time.Time) (Applied, error) {
	name := c.plain("name")
	if slices.Contains(QueryNames(h.URL.RawQuery), name) {
		return Applied{}, &FieldError{Field: "params", Code: CodeQueryConflict}
	}
	h.URL.RawQuery = appendQuery(h.URL.RawQuery, name, c.secret("value"))
	return Applied{Query: []string{name}}, nil
}

// applySubprotocol adds a subprotocol that holds the secret behind a fixed text, as
// browsers do because they cannot set headers. It is offered last: a service that
// selects the first subprotocol it is offered then echoes none that holds a secret.
//
// Sources: "openai-insecure-api-key." in OpenAI's Realtime guide for WebSocket,
// "base64url.bearer.authorization.k8s.io." in Kubernetes' API server, "token, KEY" in
// Deepgram's streaming guide.
func applySubprotocol(h *Handshake, c Credential, _ time.Time) (Applied, error) {
	name := c.plain("name") + c.secret("value")
	if !slices.Contains(h.Subprotocols, name) { // each may be offered once, RFC 6455 section 4.1
		h.Subprotocols = append(slices.Clone(h.Subprotocols), name)
	}
	return Applied{}, nil
}

// isKey reports whether value can be the secret of a signature. Blanks around it would
// come from pasting.
func isKey(value string) bool { return isPrintable(value) && value == strings.TrimSpace(value) }

// isUsername excludes the colon, RFC 7617 section 2.
func isUsername(value string) bool { return isPrintable(value) && !strings.Contains(value, ":") }
