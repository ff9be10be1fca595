package sign

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// presignSeconds is the lifetime of a presigned URL: the maximum of streaming services
// (Amazon Transcribe, "Setting up a WebSocket stream").
const presignSeconds = "300"

// applySigV4 signs a handshake by AWS Signature Version 4: a GET with an empty body,
// Host and the headers of the credential, in headers or as a presigned URL.
//
// Source: AWS IAM user guide, "Signature Version 4 for API requests".
func applySigV4(h *Handshake, c Credential, now time.Time) (Applied, error) {
	if err := unambiguous(h.URL); err != nil {
		return Applied{}, err
	}
	keys := aws.Credentials{
		AccessKeyID:     c.plain("access_key"),
		SecretAccessKey: c.secret("secret_key"),
		SessionToken:    c.secret("security_token"),
	}
	if c.plain("placement") == PlacementQuery {
		return presign(h, c, keys, now)
	}
	request := h.plainGet()
	// The context reaches the library's logger only; nothing is sent.
	err := v4.NewSigner().SignHTTP(context.Background(), keys, request, emptyHash, c.plain("service"), c.plain("region"), now)
	if err != nil {
		return Applied{}, fmt.Errorf("sign: %w", err)
	}
	headers := []header{
		{name: "X-Amz-Date", value: request.Header.Get("X-Amz-Date"), open: true},
		{name: "Authorization", value: request.Header.Get("Authorization")},
	}
	if keys.SessionToken != "" {
		headers = append(headers, header{name: "X-Amz-Security-Token", value: keys.SessionToken})
	}
	applied, err := h.set(headers...)
	if err != nil {
		return Applied{}, err
	}
	h.URL.RawQuery = request.URL.RawQuery
	return applied, nil
}

func presign(h *Handshake, c Credential, keys aws.Credentials, now time.Time) (Applied, error) {
	for _, name := range QueryNames(h.URL.RawQuery) {
		if strings.HasPrefix(strings.ToLower(name), "x-amz-") {
			return Applied{}, &FieldError{Field: "params", Code: CodeQueryConflict}
		}
	}
	request := h.plainGet()
	request.URL.RawQuery = appendQuery(request.URL.RawQuery, "X-Amz-Expires", presignSeconds)
	signed, _, err := v4.NewSigner().PresignHTTP(context.Background(), keys, request, emptyHash, c.plain("service"), c.plain("region"), now)
	if err != nil {
		return Applied{}, fmt.Errorf("sign: %w", err)
	}
	u, err := url.Parse(signed)
	if err != nil {
		return Applied{}, fmt.Errorf("sign: parse presigned URL: %w", err)
	}
	h.URL.RawQuery = u.RawQuery
	applied := Applied{Query: []string{"X-Amz-Signature"}}
	if keys.SessionToken != "" {
		applied.Query = append(applied.Query, "X-Amz-Security-Token")
	}
	return applied, nil
}

// plainGet returns the handshake for the signer: a GET over http or https, without the
// headers that people set.
func (h *Handshake) plainGet() *http.Request {
	u := *h.URL
	u.Scheme = strings.Replace(u.Scheme, "ws", "http", 1)
	return &http.Request{Method: http.MethodGet, URL: &u, Host: h.hostHeader(), Header: http.Header{}}
}
