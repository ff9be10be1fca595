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

// iamTimeout bounds a request for a token as a whole.
const iamTimeout = 30 * time.Second

// iamAnswerLimit is how much of IAM's answer is read, in bytes.
const iamAnswerLimit = 256 << 10

// IAMError is IAM's refusal to give a token.
type IAMError struct {
	Status  int
	Code    string // "IAM.0011", or "" when the answer has none
	Message string // of IAM, without secrets
}

// Error implements error.
func (e *IAMError) Error() string {
	return fmt.Sprintf("iam answered %d %s: %s", e.Status, e.Code, e.Message)
}

// exchange returns the credential to apply: an IAM password is exchanged for a
// token, the others come back as they are.
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

// fetchToken asks IAM for a token that is good in one project: "Obtaining a User
// Token Through Password Authentication" in Huawei Cloud's IAM API reference.
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

// iamExpiry reads "expires_at" of the token in IAM's answer; the zero time when it is
// not there. Maps, because their names are exact: a struct would take "EXPIRES_AT" too.
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

// askIAM sends the request through the same guard as every dial.
func (d *Dialer) askIAM(ctx context.Context, c sign.Credential, pool *x509.CertPool) (*http.Response, error) {
	u, err := iamURL(c)
	if err != nil {
		return nil, err
	}
	if err := d.Policy.CheckURL(u); err != nil {
		return nil, err
	}
	unseen := newAttempt(Request{URL: u}, d.now) // the report is about the target
	conn, err := d.reach(ctx, u, unseen)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "https" {
		if conn, err = secure(ctx, conn, u, trust{pool: pool}, unseen); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(iamBody(c)))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json;charset=utf8")
	request.Header.Set("User-Agent", "duplex")
	response, err := newClient(transport(conn)).Do(request)
	if err != nil {
		_ = conn.Close()
		return nil, plainCause(err)
	}
	return response, nil
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

// iamRefusal reads either of the two forms that IAM and the gateway before it use.
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
	_ = json.Unmarshal(body, &answer) // what is not JSON has neither code nor message
	code, _ := answer.Error.Code.(string)
	var hide redactor
	hide.addAll(Request{URL: &url.URL{}, Credential: c})
	return &IAMError{
		Status:  status,
		Code:    hide.text(cmp.Or(answer.ErrorCode, code, answer.Error.Title)),
		Message: hide.text(cmp.Or(answer.ErrorMsg, answer.Error.Message)),
	}
}
