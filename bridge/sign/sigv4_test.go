package sign

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// verifier is the peer: it knows the keys and sees only the request as sent.
type verifier struct {
	keys            aws.Credentials
	region, service string
}

// received is the request of a ws handshake as an HTTP server would see it.
func received(h *Handshake) *http.Request {
	u := *h.URL
	u.Scheme = map[string]string{"ws": "http", "wss": "https"}[u.Scheme]
	return &http.Request{Method: http.MethodGet, URL: &u, Host: h.Host, Header: http.Header{}}
}

func (v verifier) checkHeader(t *testing.T, h *Handshake) {
	t.Helper()
	at, err := time.Parse(sdkDateFormat, h.Header.Get("X-Amz-Date"))
	if err != nil {
		t.Fatal(err)
	}
	request := received(h)
	if err := v4.NewSigner().SignHTTP(t.Context(), v.keys, request, emptyHash, v.service, v.region, at); err != nil {
		t.Fatal(err)
	}
	if got, want := h.Header.Get("Authorization"), request.Header.Get("Authorization"); got != want {
		t.Errorf("signature:\ngot  %s\nwant %s", got, want)
	}
	if got, want := h.Header.Get("X-Amz-Security-Token"), v.keys.SessionToken; got != want {
		t.Errorf("security token %q, want %q", got, want)
	}
	if h.URL.RawQuery != request.URL.RawQuery {
		t.Errorf("sends query %q, signed %q", h.URL.RawQuery, request.URL.RawQuery)
	}
}

func (v verifier) checkQuery(t *testing.T, h *Handshake) {
	t.Helper()
	query := h.URL.Query()
	at, err := time.Parse(sdkDateFormat, query.Get("X-Amz-Date"))
	if err != nil {
		t.Fatal(err)
	}
	request := received(h)
	for _, name := range []string{"Algorithm", "Credential", "Date", "SignedHeaders", "Signature", "Security-Token"} {
		query.Del("X-Amz-" + name)
	}
	request.URL.RawQuery = query.Encode()
	signed, _, err := v4.NewSigner().PresignHTTP(t.Context(), v.keys, request, emptyHash, v.service, v.region, at)
	if err != nil {
		t.Fatal(err)
	}
	if want := mustURL(t, signed).RawQuery; h.URL.RawQuery != want {
		t.Errorf("query:\ngot  %s\nwant %s", h.URL.RawQuery, want)
	}
}

func TestSigV4HoldsBeforeAVerifier(t *testing.T) {
	for _, raw := range []string{
		"wss://abc.execute-api.eu-west-1.amazonaws.com/prod?b=2&a=1&flag",
		"wss://transcribestreaming.us-east-1.amazonaws.com:8443/stream-transcription-websocket?language-code=en-US&q=a%2Fb&q=a-b",
		"ws://127.0.0.1:9000/with%20blank/%E4%BD%A0",
		"wss://h",
	} {
		for _, token := range []string{"", "session/token=="} {
			v := verifier{aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "s/k", SessionToken: token}, "eu-west-1", "execute-api"}
			fields := map[string]string{"access_key": "AKID", "secret_key": "s/k", "security_token": token, "region": v.region, "service": v.service}

			h := handshake(t, raw)
			h.Header["X-Mine"] = []string{"not signed"}
			applySigned(t, h, fields, PlacementHeader)
			v.checkHeader(t, h)

			h = handshake(t, raw)
			applySigned(t, h, fields, PlacementQuery)
			v.checkQuery(t, h)
			if len(h.Header) != 0 || h.URL.Query().Get("X-Amz-Expires") != "300" {
				t.Errorf("presigned: headers %v, query %s", h.Header, h.URL.RawQuery)
			}
		}
	}
}

// applySigned applies a credential and checks that address and path stay unchanged and
// that no secret is shown.
func applySigned(t *testing.T, h *Handshake, fields map[string]string, placement string) {
	t.Helper()
	before := *h.URL
	fields["placement"] = placement
	applied, err := Apply(h, credential(KindSigV4, fields), dialTime())
	if err != nil {
		t.Fatal(err)
	}
	if h.URL.Scheme != before.Scheme || h.URL.Host != before.Host || h.URL.EscapedPath() != before.EscapedPath() {
		t.Errorf("address %v became %v", &before, h.URL)
	}
	shown := MaskQuery(h.URL, applied.Query)
	for name, values := range h.Header {
		shown += "\n" + name + ": " + applied.Mask(name, values[0])
	}
	for _, secret := range []string{signatureOf(h), fields["security_token"], url.QueryEscape(fields["security_token"])} {
		if secret != "" && strings.Contains(shown, secret) {
			t.Errorf("%q is shown in %s", secret, shown)
		}
	}
	if !strings.Contains(shown, "AKID/20261123") && !strings.Contains(shown, "AKID%2F20261123") {
		t.Errorf("the access key is not shown in %s", shown)
	}
}

func signatureOf(h *Handshake) string {
	if signature := h.URL.Query().Get("X-Amz-Signature"); signature != "" {
		return signature
	}
	_, signature, _ := strings.Cut(h.Header.Get("Authorization"), "Signature=")
	return signature
}
