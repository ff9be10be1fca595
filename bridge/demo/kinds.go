package demo

import (
	"net/http"
	"slices"
	"strings"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// service is one deployed service. Every service has the same endpoints.
type service struct {
	id         string
	kind       sign.Kind
	generation string // of its saved address: "v1" or "v2"; the gateway answers under both
	name       string // of its saved echo; "" when it is not saved
	plain      fields
	secrets    fields
	admit      func(d *Demo, s service, r *http.Request) *refusal // nil when the credential is accepted

	v11Only bool // a dedicated gateway that accepts no algorithm but V11-HMAC-SHA256
}

// fields are those of a credential, by their names in the API.
type fields map[string]string

// V11ServiceID is the service behind a gateway that refuses any algorithm but
// V11-HMAC-SHA256 with APIG.0624. Its keys are those of the AK/SK service.
const V11ServiceID = "de300000-0000-4000-8000-000000000014"

// deployed returns the services: one for each kind of credential, in the order in
// which they are saved, and the V11 service. ModelArts v1 and v2 services differ in the
// kinds they accept.
func deployed() []service {
	return []service{
		{
			id: "de300000-0000-4000-8000-000000000001", kind: sign.KindNone, generation: "v2", name: "no credential",
			admit: func(*Demo, service, *http.Request) *refusal { return nil },
		},
		{
			id: "de300000-0000-4000-8000-000000000002", kind: sign.KindToken, generation: "v2", name: "IAM token",
			secrets: fields{"token": Token}, admit: (*Demo).admitToken,
		},
		{
			id: "de300000-0000-4000-8000-000000000003", kind: sign.KindIAMPassword, generation: "v2", name: "IAM user and password",
			plain:   fields{"domain": IAMDomain, "user": IAMUser, "project": IAMProject}, // credential adds the endpoint
			secrets: fields{"password": IAMPassword}, admit: (*Demo).admitToken,
		},
		{
			id: "de300000-0000-4000-8000-000000000004", kind: sign.KindAPIKey, generation: "v2", name: "API key",
			secrets: fields{"key": APIKey}, admit: admitAPIKey,
		},
		{
			id: "de300000-0000-4000-8000-000000000005", kind: sign.KindAKSK, generation: "v1", name: "AK/SK signature",
			plain: fields{"access_key": AccessKey}, secrets: fields{"secret_key": SecretKey}, admit: (*Demo).admitAccessKey,
		},
		{
			id: "de300000-0000-4000-8000-000000000006", kind: sign.KindAppCode, generation: "v1", name: "AppCode",
			secrets: fields{"app_code": AppCode}, admit: admitAppCode,
		},
		{
			id: "de300000-0000-4000-8000-000000000007", kind: sign.KindAppKey, generation: "v1", name: "AppKey",
			secrets: fields{"app_key": AppKey}, admit: admitAppKey,
		},
		{
			id: "de300000-0000-4000-8000-000000000008", kind: sign.KindAppSignature, generation: "v1", name: "app signature",
			plain: fields{"app_key": AppKey}, secrets: fields{"app_secret": AppSecret}, admit: (*Demo).admitAppSignature,
		},
		{
			id: "de300000-0000-4000-8000-000000000009", kind: sign.KindBearer, generation: "v2", name: "bearer token",
			secrets: fields{"token": Bearer}, admit: admitBearer,
		},
		{
			id: "de300000-0000-4000-8000-000000000010", kind: sign.KindBasic, generation: "v2", name: "user name and password",
			plain: fields{"username": Username}, secrets: fields{"password": Password}, admit: admitBasic,
		},
		{
			id: "de300000-0000-4000-8000-000000000011", kind: sign.KindHeader, generation: "v2", name: "header",
			plain: fields{"name": HeaderName}, secrets: fields{"value": HeaderValue}, admit: admitHeader,
		},
		{
			id: "de300000-0000-4000-8000-000000000012", kind: sign.KindQuery, generation: "v2", name: "query parameter",
			plain: fields{"name": QueryName}, secrets: fields{"value": QueryValue}, admit: admitQuery,
		},
		{
			id: "de300000-0000-4000-8000-000000000015", kind: sign.KindSubprotocol, generation: "v2", name: "subprotocol",
			plain: fields{"name": SubprotocolName}, secrets: fields{"value": SubprotocolValue}, admit: admitSubprotocol,
		},
		{
			id: "de300000-0000-4000-8000-000000000013", kind: sign.KindSigV4, generation: "v2", name: "AWS SigV4",
			plain:   fields{"access_key": AWSAccessKey, "region": Region, "service": AWSService, "placement": sign.PlacementHeader},
			secrets: fields{"secret_key": AWSSecretKey}, admit: (*Demo).admitSigV4,
		},
		{id: V11ServiceID, kind: sign.KindAKSK, generation: "v1", admit: (*Demo).admitAccessKey, v11Only: true},
	}
}

// Path returns the path of an endpoint ("echo") of the service for a kind, or ""
// for an unknown kind.
func Path(kind sign.Kind, endpoint string) string {
	services := deployed()
	i := slices.IndexFunc(services, func(s service) bool { return s.kind == kind && !s.v11Only })
	if i < 0 {
		return ""
	}
	return "/" + services[i].generation + "/infers/" + services[i].id + "/" + endpoint
}

// credential returns the credential that s accepts, for a Demo that is reached at base.
func (s service) credential(base string) sign.Credential {
	c := sign.Credential{Kind: s.kind, Plain: s.plain, Secrets: map[string]vault.Secret{}}
	if s.kind == sign.KindIAMPassword {
		s.plain["iam_endpoint"] = strings.Replace(base, "ws", "http", 1) // ws to http, wss to https
	}
	for name, value := range s.secrets {
		c.Secrets[name] = vault.NewSecret(value)
	}
	return c
}
