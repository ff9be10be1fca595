package demo

// The credentials that the demo services accept. All of them are made up, work nowhere
// else, and may be shown to anybody.
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

// Credentials that the demo services know and refuse, each for its own reason.
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
