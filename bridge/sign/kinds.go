package sign

import "slices"

// The algorithms of the two Huawei kinds.
const (
	SDKHMACSHA256 = "SDK-HMAC-SHA256"
	V11HMACSHA256 = "V11-HMAC-SHA256" // needs a region; newer dedicated gateways insist on it
)

// Where a SigV4 signature goes.
const (
	PlacementHeader = "header"
	PlacementQuery  = "query" // a presigned URL
)

// defaultService is what dedicated gateways call themselves in V11 scopes.
const defaultService = "apic"

// Schemes returns the table of kinds, in the order a page offers them. The caller
// may change what it gets.
func Schemes() []Scheme {
	return []Scheme{
		{KindNone, nil},
		{KindToken, []Field{secret("token")}},
		{KindIAMPassword, []Field{
			plain("iam_endpoint"), plain("domain"), plain("user"), secret("password"), plain("project"),
		}},
		{KindAPIKey, []Field{secret("key")}},
		{KindAKSK, append([]Field{
			plain("access_key"), secret("secret_key"), optional(secret("security_token")), optional(plain("project_id")),
		}, huaweiScope()...)},
		{KindAppCode, []Field{secret("app_code")}},
		{KindAppKey, []Field{secret("app_key")}}, // here the key alone lets in
		{KindAppSignature, append([]Field{plain("app_key"), secret("app_secret")}, huaweiScope()...)},
		{KindBearer, []Field{secret("token")}},
		{KindBasic, []Field{plain("username"), secret("password")}},
		{KindHeader, []Field{plain("name"), secret("value")}},
		{KindQuery, []Field{plain("name"), secret("value")}},
		{KindSubprotocol, []Field{optional(plain("name")), secret("value")}}, // the secret follows the name in one subprotocol
		{KindSigV4, []Field{
			plain("access_key"), secret("secret_key"), optional(secret("security_token")), plain("region"), plain("service"),
			choice("placement", PlacementHeader, PlacementQuery),
		}},
	}
}

// SchemeOf returns the row of kind.
func SchemeOf(kind Kind) (Scheme, bool) {
	schemes := Schemes()
	i := slices.IndexFunc(schemes, func(s Scheme) bool { return s.Kind == kind })
	if i < 0 {
		return Scheme{}, false
	}
	return schemes[i], true
}

// field returns the field of that name.
func (s Scheme) field(name string) (Field, bool) {
	i := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return s.Fields[i], true
}

// huaweiScope is what says how to sign; Validate demands the region for V11.
func huaweiScope() []Field {
	service := optional(plain("service"))
	service.Default = defaultService
	return []Field{choice("algorithm", SDKHMACSHA256, V11HMACSHA256), optional(plain("region")), service}
}

func plain(name string) Field  { return Field{Name: name, Required: true} }
func secret(name string) Field { return Field{Name: name, Required: true, Secret: true} }

func optional(f Field) Field {
	f.Required = false
	return f
}

// choice is a field with a fixed set of values; the first is the default.
func choice(name string, values ...string) Field {
	return Field{Name: name, Choices: values, Default: values[0]}
}
