package demo

import "duplex/bridge/sign"

// What the demo services let in. All of it is made up, works nowhere else, and may
// be shown to anybody.
//
//nolint:gosec // G101: none of these opens anything but the demo
const (
	Token  = "MIIDemoTokenMadeUpForDuplexDemoOnly0001"
	APIKey = "demo-api-key-0001"
	Bearer = "demo-bearer-token-0001"

	AccessKey        = "DEMOACCESSKEY0000001"
	SecretKey        = "demo-secret-key-made-up-0123456789abcdef"
	AppKey           = "demo-app-key-0001"
	AppSecret        = "demo-app-secret-0001"
	AppCode          = "demo-app-code-0001"
	Username         = "demo"
	Password         = "demo-password-0001"
	HeaderName       = "X-Demo-Key"
	HeaderValue      = "demo-header-value-0001"
	QueryName        = "key"
	QueryValue       = "demo-query-value-0001"
	SubprotocolName  = "demo-insecure-key." // the secret follows in the same subprotocol
	SubprotocolValue = "demo-subprotocol-key-0001"
	AWSAccessKey     = "DEMOAWSACCESSKEY0001"
	AWSSecretKey     = "demo-aws-secret-key-made-up-0123456789ab"
	Region           = "demo-region-1"
	AWSService       = "execute-api"
	IAMDomain        = "demo-account"
	IAMUser          = "demo-user"
	IAMPassword      = "demo-iam-password-0001"
	IAMProject       = "demo-project"
	IAMProjectID     = "0000000000000000000000000000demo"

	TemporaryKey  = "DEMOTEMPORARYKEY0001"     // an access key; its secret is SecretKey
	SecurityToken = "demo-security-token-0001" // goes with TemporaryKey, in X-Security-Token
)

// What the demo services know and refuse, each for its own reason.
//
//nolint:gosec // G101: none of these opens anything at all
const (
	ExpiredToken     = "MIIDemoTokenExpiredLongAgo0001" // APIG.0307
	UnboundAppKey    = "demo-app-key-unbound"           // APIG.0304
	UnboundAppSecret = "demo-app-secret-unbound"        // APIG.0304
	UnboundAppCode   = "demo-app-code-unbound"          // APIG.0304
)

// app is an application registered at the gateway.
type app struct {
	key, secret, code string
	bound             bool // authorised for the service
}

func apps() []app {
	return []app{
		{AppKey, AppSecret, AppCode, true},
		{UnboundAppKey, UnboundAppSecret, UnboundAppCode, false},
	}
}

// service is one deployed service: the demo has the same endpoints under each.
type service struct {
	id         string
	kind       sign.Kind
	generation string // the path it is shown under: "v1" or "v2"
	v11Only    bool   // a dedicated gateway that insists on V11-HMAC-SHA256
}

// V11ServiceID is the service behind a gateway that refuses any algorithm but
// V11-HMAC-SHA256 with APIG.0624. Its keys are those of the AK/SK service.
const V11ServiceID = "de300000-0000-4000-8000-000000000014"

// deployed is the table of services. Old services (v1) and new ones (v2) differ in
// what they authenticate by; the gateway answers under both paths all the same.
func deployed() []service {
	return []service{
		{id: "de300000-0000-4000-8000-000000000001", kind: sign.KindNone, generation: "v2"},
		{id: "de300000-0000-4000-8000-000000000002", kind: sign.KindToken, generation: "v2"},
		{id: "de300000-0000-4000-8000-000000000003", kind: sign.KindIAMPassword, generation: "v2"},
		{id: "de300000-0000-4000-8000-000000000004", kind: sign.KindAPIKey, generation: "v2"},
		{id: "de300000-0000-4000-8000-000000000005", kind: sign.KindAKSK, generation: "v1"},
		{id: "de300000-0000-4000-8000-000000000006", kind: sign.KindAppCode, generation: "v1"},
		{id: "de300000-0000-4000-8000-000000000007", kind: sign.KindAppKey, generation: "v1"},
		{id: "de300000-0000-4000-8000-000000000008", kind: sign.KindAppSignature, generation: "v1"},
		{id: "de300000-0000-4000-8000-000000000009", kind: sign.KindBearer, generation: "v2"},
		{id: "de300000-0000-4000-8000-000000000010", kind: sign.KindBasic, generation: "v2"},
		{id: "de300000-0000-4000-8000-000000000011", kind: sign.KindHeader, generation: "v2"},
		{id: "de300000-0000-4000-8000-000000000012", kind: sign.KindQuery, generation: "v2"},
		{id: "de300000-0000-4000-8000-000000000013", kind: sign.KindSigV4, generation: "v2"},
		{id: "de300000-0000-4000-8000-000000000015", kind: sign.KindSubprotocol, generation: "v2"},
		{id: V11ServiceID, kind: sign.KindAKSK, generation: "v1", v11Only: true},
	}
}

// Path returns the path of an endpoint ("echo") of the service for a kind, or ""
// for an unknown kind.
func Path(kind sign.Kind, endpoint string) string {
	for _, s := range deployed() {
		if s.kind == kind && !s.v11Only {
			return "/" + s.generation + "/infers/" + s.id + "/" + endpoint
		}
	}
	return ""
}
