package diagnose_test

import (
	"encoding/json"
	"strings"
	"testing"

	"duplex/bridge/diagnose"
)

func TestEchoedCanonicalRequestIsShownWithoutTheSecurityToken(t *testing.T) {
	t.Parallel()
	message := "Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:GET|/v1/infers/1f2e/|lang=en&room=" + secret +
		"|host:peer.example|x-sdk-date:20261123T120000Z|x-security-token:" + secret + "||host;x-sdk-date;x-security-token|" + emptyHash
	evidence := dialing(serving(answer(401, gatewayBody("APIG.0301", message))).path("/?lang=en"), credential("kind", "query", "name", "room", "value", secret))(t)
	finding, _ := diagnose.Explain(evidence)
	want := "GET|/v1/infers/1f2e/|lang=en&room=••••|host:peer.example|x-sdk-date:20261123T120000Z|x-security-token:••••||host;x-sdk-date;x-security-token|" + emptyHash
	if got := finding.Values["canonical"]; got != want {
		t.Errorf("canonical request\n got %s\nwant %s", got, want)
	}
	checkSecret(t, finding)
}

const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func TestEchoedCredentialsAreInNoFinding(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("MIIabc0", 20)
	for _, message := range []string{
		"invalid token: " + secret, "app not found, appcode:" + secret, `X-Auth-Token = "` + secret + `" refused`,
		"cannot decrypt " + long, "Authorization: Bearer " + secret + " is wrong", "canonicalRequest:GET|/||" + secret + "|" + long,
	} {
		evidence := dialing(serving(answer(401, gatewayBody("X.1", message), "WWW-Authenticate", "Bearer token="+secret)), token)(t)
		finding, ok := diagnose.Explain(evidence)
		raw, err := json.Marshal(finding)
		if err != nil {
			t.Fatal(err)
		}
		if !ok || strings.Contains(string(raw), secret) || strings.Contains(string(raw), long) {
			t.Errorf("%s: %s", message, raw)
		}
	}
}

func FuzzExplainTakesAnyAnswer(f *testing.F) {
	f.Add(401, gatewayBody("APIG.0301", "verify aksk signature fail, canonicalRequest:GET|/||host:x|"), "Location", "https://x/")
	f.Add(302, "", "Location", "://")
	f.Add(400, "[[[{\"error\":[", "Date", "yesterday")
	f.Fuzz(func(t *testing.T, status int, body, name, value string) {
		evidence := diagnose.Evidence{Report: report(status, body, name, value)}
		if _, ok := diagnose.Explain(evidence); !ok {
			t.Error("a refusal without a finding")
		}
	})
}
