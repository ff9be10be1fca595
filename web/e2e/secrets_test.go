//go:build e2e

package e2e

import (
	"testing"

	"duplex/bridge/demo"
	"duplex/bridge/sign"
	"duplex/web/internal/canary"
	"duplex/web/internal/ssotest"
)

// The secrets that tests type, send and save, one for each secret field. Tests take their
// secrets from here and put none into a message, so that none may be found anywhere. Each
// has characters that every encoder escapes, and a run that none escapes.
var secrets = map[string]string{
	"token.token":              `7/+="&<PNbXqWm4Ts8Lk2Dz6R>t1`,
	"iam_password.password":    `3/+="&<cJ5vYf9QeHa2Gp7Kx> i2`,
	"api_key.key":              `9/+="&<Uo4MrZs6BwTn1Xd8Ve>k3`,
	"aksk.secret_key":          `2/+="&<hQ7LkPc3FyJi9Sg5Wa>s4`,
	"aksk.security_token":      `8/+="&<Xe2DbNt6RmVq4Ku1Zo>t5`,
	"app_code.app_code":        `4/+="&<fG8TjHp5LwYs3Cx7Mi>c6`,
	"app_key.app_key":          `6/+="&<Ak1QvEz9BrUn5Od2Jt>k7`,
	"app_signature.app_secret": `1/+="&<sW6MyKg4XhPf8Lc3Ve>s8`,
	"bearer.token":             `5/+="&<Rz3TqDj7NbFo2Hi9Ua>t9`,
	"basic.password":           `7/+="&<gB4XsVw8CkLm6Ye1Pt> p10`,
	"header.value":             `3/+="&<Ju9KrQd5GzHn7Ti4Ao> v11`,
	"subprotocol.value":        "Vt7+!mZ4qR9sXk2Hc5Jd%nB6w~|v20",
	"query.value":              `9/+="&<mE2FxMc6WpSy8Lb3Vk> v12`,
	"sigv4.secret_key":         `2/+="&<Yd7NtRh1ZgJq5Uo9Xi>s13`,
	"sigv4.security_token":     `8/+="&<vC5BwKs3PeLf4Tm6Ga>t14`,
	dialectSecret:              `6/+="&<Nw5GtXz2LpRc8Vb4Ju>d16`,
	environmentSecret:          `1/+="&<Fq9KsMd3YhTk7Bx6Oi>e17`,
	"proxy":                    `4/+="&<Ha8QzDx2JrVn9Yk7Ei>s15`,
}

// The names of secrets that have a name of their own in a dialect and in an environment.
const (
	dialectSecret     = "dialect.api_key"
	environmentSecret = "environment.api_key"
)

// The names of secrets that are made during a test: by the console, see makeToken, and by
// the IAM of the gate.
const (
	accessToken = "access token"
	iamToken    = "token that IAM gave"
	mintedToken = "token that a dialect fetched"
)

// canaries looks for them in all tests, and for the secrets of the demo services, which
// every program under test keeps.
var canaries = newNet()

func newNet() *canary.Net {
	n := canary.New(
		canary.Secret{Name: "of the demo, token", Value: demo.Token}, canary.Secret{Name: "of the demo, API key", Value: demo.APIKey},
		canary.Secret{Name: "of the demo, bearer", Value: demo.Bearer}, canary.Secret{Name: "of the demo, SK", Value: demo.SecretKey},
		canary.Secret{Name: "of the demo, app secret", Value: demo.AppSecret}, canary.Secret{Name: "of the demo, AppCode", Value: demo.AppCode},
		canary.Secret{Name: "of the demo, password", Value: demo.Password}, canary.Secret{Name: "of the demo, header", Value: demo.HeaderValue},
		canary.Secret{Name: "of the demo, parameter", Value: demo.QueryValue}, canary.Secret{Name: "of the demo, subprotocol", Value: demo.SubprotocolValue}, canary.Secret{Name: "of the demo, AWS key", Value: demo.AWSSecretKey},
		canary.Secret{Name: "of the demo, IAM password", Value: demo.IAMPassword},
		canary.Secret{Name: "of the console at the provider", Value: ssotest.ClientSecret},
	)
	for name, value := range secrets {
		n.Add(canary.Secret{Name: name, Value: value})
	}
	return n
}

// secretNames returns the secret fields of all kinds of credential.
func secretNames() []string {
	var names []string
	for _, scheme := range sign.Schemes() {
		for _, field := range scheme.Fields {
			if field.Secret {
				names = append(names, string(scheme.Kind)+"."+field.Name)
			}
		}
	}
	return names
}

func TestEverySecretFieldHasItsSecret(t *testing.T) {
	t.Parallel()
	names := secretNames()
	for _, name := range names {
		if secrets[name] == "" {
			t.Errorf("no secret for %s", name)
		}
	}
	if len(names) < 12 || len(secrets) != len(names)+3 {
		t.Errorf("%d secrets for %d fields, a dialect, an environment and the proxy", len(secrets), len(names))
	}
}
