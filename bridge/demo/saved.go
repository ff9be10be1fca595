package demo

import (
	"strings"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// Param is a query parameter of a saved service.
type Param struct{ Name, Value string }

// Saved is a service as a newcomer finds it: it works as it is.
type Saved struct {
	Name         string
	Endpoint     string // "echo", "stream", ...
	Address      string // without the parameters
	Params       []Param
	Credential   sign.Credential // with its secrets, which are made up
	Subprotocols []string
}

// Services returns the services to save for a Demo that is reached at base, such
// as "ws://127.0.0.1:8081": the endpoints to look at, a stream of tokens first, and
// then an echo for each kind of credential.
func (d *Demo) Services(base string) []Saved {
	base = strings.TrimSuffix(base, "/")
	saved := endpointServices(base)
	for _, k := range kinds(base) {
		saved = append(saved, Saved{
			Name: "Demo · echo · " + k.name, Endpoint: "echo",
			Address: base + Path(k.credential.Kind, "echo"), Credential: k.credential,
		})
	}
	return saved
}

func endpointServices(base string) []Saved {
	open := func(name, endpoint string, params ...Param) Saved {
		return Saved{
			Name: "Demo · " + name, Endpoint: endpoint, Params: params,
			Address: base + Path(sign.KindNone, endpoint), Credential: sign.Credential{Kind: sign.KindNone},
		}
	}
	stream := open("token stream", "stream", Param{"interval_ms", "30"})
	stream.Subprotocols = []string{"duplex.demo"}
	return []Saved{
		stream,
		open("ticker", "ticker", Param{"rate", "10"}, Param{"size", "128"}, Param{"count", "0"}),
		open("12 MB JSON", "big", Param{"size", "12582912"}, Param{"shape", "json"}),
		open("slow answer", "slow", Param{"delay_ms", "2000"}),
		open("close codes", "close", Param{"code", "1011"}, Param{"reason", "the model crashed"}, Param{"after", "1"}),
	}
}

// kind is a kind of credential with a name for people.
type kind struct {
	name       string
	credential sign.Credential
}

func kinds(base string) []kind {
	iam := strings.Replace(base, "ws", "http", 1) // ws to http, wss to https
	return []kind{
		{"no credential", credential(sign.KindNone, nil, nil)},
		{"IAM token", credential(sign.KindToken, nil, fields{"token": Token})},
		{"IAM user and password", credential(sign.KindIAMPassword,
			fields{"iam_endpoint": iam, "domain": IAMDomain, "user": IAMUser, "project": IAMProject},
			fields{"password": IAMPassword})},
		{"API key", credential(sign.KindAPIKey, nil, fields{"key": APIKey})},
		{"AK/SK signature", credential(sign.KindAKSK, fields{"access_key": AccessKey}, fields{"secret_key": SecretKey})},
		{"AppCode", credential(sign.KindAppCode, nil, fields{"app_code": AppCode})},
		{"AppKey", credential(sign.KindAppKey, nil, fields{"app_key": AppKey})},
		{"app signature", credential(sign.KindAppSignature, fields{"app_key": AppKey}, fields{"app_secret": AppSecret})},
		{"bearer token", credential(sign.KindBearer, nil, fields{"token": Bearer})},
		{"user name and password", credential(sign.KindBasic, fields{"username": Username}, fields{"password": Password})},
		{"header", credential(sign.KindHeader, fields{"name": HeaderName}, fields{"value": HeaderValue})},
		{"query parameter", credential(sign.KindQuery, fields{"name": QueryName}, fields{"value": QueryValue})},
		{"subprotocol", credential(sign.KindSubprotocol, fields{"name": SubprotocolName}, fields{"value": SubprotocolValue})},
		{"AWS SigV4", credential(sign.KindSigV4,
			fields{"access_key": AWSAccessKey, "region": Region, "service": AWSService, "placement": sign.PlacementHeader},
			fields{"secret_key": AWSSecretKey})},
	}
}

type fields map[string]string

func credential(k sign.Kind, plain, secrets fields) sign.Credential {
	c := sign.Credential{Kind: k, Plain: plain, Secrets: map[string]vault.Secret{}}
	for name, value := range secrets {
		c.Secrets[name] = vault.NewSecret(value)
	}
	return c
}
