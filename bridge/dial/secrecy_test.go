package dial

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/sign"
)

const canary = `s3cr+t/"canary"&Value`

func TestRefusalBodyIsKeptTo64KiB(t *testing.T) {
	for size, truncated := range map[int]bool{2000: false, MaxRefusalBody: false, MaxRefusalBody + 1: true, 1 << 20: true} {
		body := strings.Repeat("b", size)
		report, _ := fail(t, local(), Request{URL: mustParse(t, serve(t, refuse(401, body)))}, PhaseUpgrade)
		if len(report.Body) != min(size, MaxRefusalBody) || report.BodyTruncated != truncated || report.Status != 401 {
			t.Errorf("%d bytes: kept %d, truncated %v", size, len(report.Body), report.BodyTruncated)
		}
	}
}

func TestBodyThatBreaksOffIsKept(t *testing.T) {
	address := raw(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1<<10))
		_, _ = conn.Write([]byte("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhalf"))
	})
	if report, _ := fail(t, local(), Request{URL: mustParse(t, address)}, PhaseUpgrade); string(report.Body) != "half" || !report.BodyTruncated {
		t.Errorf("kept %q, truncated %v", report.Body, report.BodyTruncated)
	}
}

func TestCredentialsAreMaskedInTheReport(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	tests := []struct {
		credential sign.Credential
		header     string // as reported
		query      bool
	}{
		{credential(sign.KindBearer, nil, map[string]string{"token": "canaryToken123"}), "Authorization: Bearer ••••", false},
		{credential(sign.KindBasic, map[string]string{"username": "ann"}, map[string]string{"password": canary}), "Authorization: Basic ••••", false},
		{credential(sign.KindHeader, map[string]string{"name": "X-Plain"}, map[string]string{"value": canary}), "X-Plain: ••••", false},
		{credential(sign.KindAppCode, nil, map[string]string{"app_code": "canaryToken123"}), "X-Apig-AppCode: ••••", false},
		{credential(sign.KindQuery, map[string]string{"name": "plain"}, map[string]string{"value": canary}), "", true},
		{
			credential(sign.KindAKSK, map[string]string{"access_key": "AK"}, map[string]string{"secret_key": canary}),
			"Authorization: SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=••••", false,
		},
	}
	for _, test := range tests {
		t.Run(string(test.credential.Kind), func(t *testing.T) {
			var log bytes.Buffer
			dialer := local()
			dialer.Now, dialer.Log = now, slog.New(slog.NewTextHandler(&log, nil))
			// The peer echoes the request, as gateways do that refuse a signature.
			address := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Echo", r.Header.Get("Authorization")+r.Header.Get("X-Plain")+r.URL.Query().Get("plain"))
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = fmt.Fprintf(w, "%s %v", r.URL, r.Header)
			})
			report, err := fail(t, dialer, Request{URL: mustParse(t, address+"/?a=1"), Credential: test.credential}, PhaseUpgrade)
			noCanary(t, log.String()+err.Error(), report)
			if test.header != "" {
				name, want, _ := strings.Cut(test.header, ": ")
				if got := valueOf(report.RequestHeader, name); got != want {
					t.Errorf("%s: %s, want %s", name, got, want)
				}
			}
			if strings.Contains(report.URL, "plain=••••") != test.query {
				t.Errorf("address %s", report.URL)
			}
			if report.CredentialKind != test.credential.Kind {
				t.Errorf("kind %s", report.CredentialKind)
			}
		})
	}
}

// noCanary looks for the secrets of these tests in the report and the error.
func noCanary(t *testing.T, text string, report *Report) {
	t.Helper()
	encoded, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	text += string(encoded) + string(report.Body) + fmt.Sprintf("%+v", *report)
	basic := base64.StdEncoding.EncodeToString([]byte("ann:" + canary))
	for _, hidden := range []string{canary, url.QueryEscape(canary), "canaryToken123", basic, "%22canary%22"} {
		if strings.Contains(text, hidden) {
			t.Errorf("%q can be seen in %s", hidden, text)
		}
	}
	if signature := regexp.MustCompile("Signature=[0-9a-f]+").FindString(text); signature != "" {
		t.Errorf("%s can be seen in %s", signature, text)
	}
}

func TestErrorsHoldNoSecretOfTheAddress(t *testing.T) {
	parrot := func(conn net.Conn) { // sends the request line back in place of an answer
		request := make([]byte, 4<<10)
		n, _ := conn.Read(request)
		_, _ = conn.Write(request[:n])
	}
	c := credential(sign.KindQuery, map[string]string{"name": "plain"}, map[string]string{"value": canary})
	hangUp := raw(t, func(net.Conn) {})
	for _, address := range []string{raw(t, parrot), hangUp, "ws://127.0.0.1:1/", strings.Replace(hangUp, "ws", "wss", 1)} {
		u := mustParse(t, address+"?token=canaryToken123")
		_, report, err := local().Dial(t.Context(), Request{URL: u, Credential: c})
		noCanary(t, err.Error(), report)
	}
}

func TestSecretCutOffAtTheEndIsHidden(t *testing.T) {
	body := strings.Repeat("b", MaxRefusalBody-10) + "canaryToken123"
	c := credential(sign.KindBearer, nil, map[string]string{"token": "canaryToken123"})
	report, _ := fail(t, local(), Request{URL: mustParse(t, serve(t, refuse(403, body))), Credential: c}, PhaseUpgrade)
	if diff := cmp.Diff(strings.Repeat("b", MaxRefusalBody-10), string(report.Body)); diff != "" {
		t.Error(diff)
	}
}

func TestCredentialThatCannotBeApplied(t *testing.T) {
	c := credential(sign.KindBearer, nil, nil)
	_, err := fail(t, local(), Request{URL: mustParse(t, "ws://127.0.0.1:1/"), Credential: c}, PhaseCredential)
	if refused, ok := errors.AsType[*sign.FieldError](err); !ok || refused.Code != sign.CodeMissingSecret {
		t.Error(err)
	}
}

// TestSecretOfAnOddPairIsHidden: a pair that url.ParseQuery drops is sent, so an echo of it is
// masked too.
func TestSecretOfAnOddPairIsHidden(t *testing.T) {
	for _, query := range []string{"token=canaryToken123;x=1", "a=1;token=canaryToken123", "token=canaryToken123&b=%zz"} {
		report, _ := fail(t, local(), Request{URL: mustParse(t, serve(t, refuse(403, "canaryToken123 is wrong"))+"/?"+query)}, PhaseUpgrade)
		if strings.Contains(string(report.Body), "canaryToken123") {
			t.Errorf("%s: shown %s", query, report.Body)
		}
	}
}
