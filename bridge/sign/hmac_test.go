package sign

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duplex/bridge/vault"
)

// vector is a signature that the vendor's own signers or guide produced.
type vector struct {
	Name, Method, URL, AK, SK, Date, Region, Service, Authorization string

	Headers                map[string]string
	SignedHeaders          string `json:"signed_headers"`
	CanonicalRequest       string `json:"canonical_request"`
	CanonicalRequestSHA256 string `json:"canonical_request_sha256"`
	StringToSign           string `json:"string_to_sign"`
}

func readVectors(t *testing.T) []vector {
	t.Helper()
	files, err := filepath.Glob("testdata/sign-vectors*.json")
	if err != nil || len(files) != 3 {
		t.Fatalf("vector files: %v, %v", files, err)
	}
	var all []vector
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var some []vector
		if err := json.Unmarshal(raw, &some); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, some...)
	}
	return all
}

func (v vector) signer() HMAC {
	algorithm, _, _ := strings.Cut(v.Authorization, " ")
	return HMAC{Algorithm: algorithm, Access: v.AK, Secret: vault.NewSecret(v.SK), Region: v.Region, Service: v.Service}
}

func (v vector) header() http.Header {
	h := http.Header{}
	for name, value := range v.Headers {
		h[name] = []string{value}
	}
	return h
}

func TestSignatureIsTheVendorsOwn(t *testing.T) {
	for _, v := range readVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			got, err := v.signer().Sign(v.Method, mustURL(t, v.URL), v.header())
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256([]byte(got.CanonicalRequest))
			for _, check := range []struct{ what, got, want string }{
				{"canonical request", got.CanonicalRequest, v.CanonicalRequest},
				{"hash of the canonical request", hex.EncodeToString(sum[:]), v.CanonicalRequestSHA256},
				{"string to sign", got.StringToSign, v.StringToSign},
				{"signed headers", got.SignedHeaders, v.SignedHeaders},
				{"authorization", got.Authorization, v.Authorization},
			} {
				if check.want != "" && check.got != check.want {
					t.Errorf("%s:\ngot  %q\nwant %q", check.what, check.got, check.want)
				}
			}
		})
	}
}

func TestSignatureDoesNotHangOnSchemeOrHeaderCase(t *testing.T) {
	for _, v := range readVectors(t) {
		u := mustURL(t, v.URL)
		u.Scheme = map[string]string{"wss": "https", "https": "wss"}[u.Scheme]
		upper := http.Header{}
		for name, value := range v.Headers {
			upper[strings.ToUpper(name)] = []string{value}
		}
		got, err := v.signer().Sign(v.Method, u, upper)
		if err != nil || got.Authorization != v.Authorization {
			t.Errorf("%s: %q, %v", v.Name, got.Authorization, err)
		}
	}
}

func TestSignRefusesWhatItCannotSign(t *testing.T) {
	dated := http.Header{"X-Sdk-Date": {"20261123T080000Z"}}
	for _, c := range []struct {
		name, url string
		header    http.Header
	}{
		{"no date", "wss://h/", http.Header{}},
		{"date in another form", "wss://h/", http.Header{"X-Sdk-Date": {"2026-11-23T08:00:00Z"}}},
		{"semicolon in the query", "wss://h/?a=1;b=2", dated},
		{"broken percent in the query", "wss://h/?a=%zz", dated},
	} {
		signer := HMAC{Algorithm: SDKHMACSHA256, Access: "AK", Secret: vault.NewSecret("sk")}
		if got, err := signer.Sign(http.MethodGet, mustURL(t, c.url), c.header); err == nil {
			t.Errorf("%s: signed as %q", c.name, got.Authorization)
		}
	}
}

func TestContentHashHeaderStandsForTheBody(t *testing.T) {
	h := http.Header{"X-Sdk-Date": {"20261123T080000Z"}, "X-Sdk-Content-Sha256": {"UNSIGNED-PAYLOAD"}}
	got, err := HMAC{Algorithm: SDKHMACSHA256}.Sign(http.MethodGet, mustURL(t, "wss://h/"), h)
	if err != nil || !strings.HasSuffix(got.CanonicalRequest, "\nUNSIGNED-PAYLOAD") {
		t.Errorf("canonical request %q, %v", got.CanonicalRequest, err)
	}
}

func mustURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
