package dial

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

// iamTimeout limits a whole request for a token.
const iamTimeout = 30 * time.Second

// iamAnswerLimit is the number of bytes that are read of IAM's response.
const iamAnswerLimit = 256 << 10

// IAMError says that IAM refused to issue a token.
type IAMError struct {
	Status  int
	Code    string // "IAM.0011"; "" when the response has none
	Message string // from IAM, without secrets
}

// Error implements error.
func (e *IAMError) Error() string {
	return fmt.Sprintf("iam answered %d %s: %s", e.Status, e.Code, e.Message)
}

// exchange returns the credential to apply: a token for an IAM password, and any other
// credential as it is.
func (d *Dialer) exchange(ctx context.Context, r Request, pool *x509.CertPool, a *attempt) (sign.Credential, error) {
	if r.Credential.Kind != sign.KindIAMPassword {
		return r.Credential, nil
	}
	if err := r.Credential.Validate(); err != nil {
		return sign.Credential{}, err
	}
	value, err := d.token(ctx, r, pool)
	if err != nil {
		return sign.Credential{}, fmt.Errorf("iam token: %w", err)
	}
	a.redactor.add(value)
	return sign.Credential{Kind: sign.KindToken, Secrets: map[string]vault.Secret{"token": value}}, nil
}

func (d *Dialer) token(ctx context.Context, r Request, pool *x509.CertPool) (vault.Secret, error) {
	fetch := func(ctx context.Context) (token, error) { return d.fetchToken(ctx, r.Credential, pool) }
	if d.Tokens == nil {
		fresh, err := fetch(ctx)
		return fresh.value, err
	}
	return d.Tokens.get(ctx, keyOf(r.Credential), d.now, r.RenewToken, fetch)
}

// fetchToken asks IAM for a token of one project: "Obtaining a User Token Through Password
// Authentication" in Huawei Cloud's IAM API reference.
func (d *Dialer) fetchToken(ctx context.Context, c sign.Credential, pool *x509.CertPool) (token, error) {
	ctx, cancel := context.WithTimeout(ctx, iamTimeout)
	defer cancel()
	response, err := d.askIAM(ctx, c, pool)
	if err != nil {
		return token{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, iamAnswerLimit))
	if err != nil {
		return token{}, fmt.Errorf("read answer: %w", err)
	}
	value := vault.NewSecret(response.Header.Get("X-Subject-Token"))
	if response.StatusCode != http.StatusCreated || value.IsZero() {
		return token{}, iamRefusal(response.StatusCode, body, c)
	}
	expires, err := iamExpiry(body)
	if err != nil {
		return token{}, fmt.Errorf("read expiry: %w", err)
	}
	d.log().InfoContext(ctx, "iam token issued", "endpoint", c.Plain["iam_endpoint"], "expires_at", expires)
	return newToken(value, d.now(), expires), nil
}

// iamExpiry returns "expires_at" of the token in IAM's response; zero if it is missing. It
// decodes into maps, because a struct would match "EXPIRES_AT" too.
func iamExpiry(body []byte) (expires time.Time, err error) {
	var answer, token map[string]json.RawMessage
	if err := json.Unmarshal(body, &answer); err != nil {
		return expires, err
	}
	if raw, found := answer["token"]; found {
		if err := json.Unmarshal(raw, &token); err != nil {
			return expires, err
		}
	}
	raw, found := token["expires_at"]
	if !found {
		return expires, nil
	}
	return expires, json.Unmarshal(raw, &expires)
}

// askIAM sends the request under the same policy as every dial.
func (d *Dialer) askIAM(ctx context.Context, c sign.Credential, pool *x509.CertPool) (*http.Response, error) {
	u, err := iamURL(c)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(iamBody(c)))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json;charset=utf8")
	request.Header.Set("User-Agent", "duplex")
	return d.exchangeHTTP(ctx, request, pool)
}

func iamURL(c sign.Credential) (*url.URL, error) {
	u, err := ParseAddress(strings.TrimRight(c.Plain["iam_endpoint"], "/") + "/v3/auth/tokens?nocatalog=true")
	if err != nil {
		return nil, err
	}
	u.Scheme = map[string]string{"ws": "http", "wss": "https"}[u.Scheme]
	return u, nil
}

func iamBody(c sign.Credential) []byte {
	type object map[string]any
	scope := object{"name": c.Plain["project"]}
	if isProjectID(c.Plain["project"]) {
		scope = object{"id": c.Plain["project"]}
	}
	body, err := json.Marshal(object{"auth": object{
		"identity": object{
			"methods": []string{"password"},
			"password": object{"user": object{
				"name": c.Plain["user"], "password": c.Secrets["password"].Reveal(), "domain": object{"name": c.Plain["domain"]},
			}},
		},
		"scope": object{"project": scope},
	}})
	if err != nil {
		panic(err) // strings and maps of them always encode
	}
	return body
}

// isProjectID tells an id from a name such as "cn-north-4".
func isProjectID(project string) bool {
	matched, err := regexp.MatchString("^[0-9a-f]{32}$", project)
	return err == nil && matched
}

// iamRefusal reads the error formats of IAM and of the gateway before it.
func iamRefusal(status int, body []byte, c sign.Credential) *IAMError {
	var answer struct {
		ErrorCode string `json:"error_code"`
		ErrorMsg  string `json:"error_msg"`
		Error     struct {
			Code    any    `json:"code"`
			Message string `json:"message"`
			Title   string `json:"title"`
		} `json:"error"`
	}
	_ = json.Unmarshal(body, &answer) // other text has neither code nor message
	code, _ := answer.Error.Code.(string)
	var hide redactor
	hide.addAll(Request{URL: &url.URL{}, Credential: c})
	return &IAMError{
		Status:  status,
		Code:    hide.text(cmp.Or(answer.ErrorCode, code, answer.Error.Title)),
		Message: hide.text(cmp.Or(answer.ErrorMsg, answer.Error.Message)),
	}
}
