package dial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/bridge/sign"
	"duplex/bridge/testkit"
)

// iam is a fake of Huawei Cloud's IAM.
type iam struct {
	clock   *testkit.Clock
	life    time.Duration
	status  int
	asked   atomic.Int64
	body    atomic.Value  // of the last request, string
	hold    chan struct{} // answers wait for it to close; nil is open
	arrived func()        // called with every request; may be nil
}

func (i *iam) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := i.asked.Add(1)
	body, _ := io.ReadAll(r.Body)
	i.body.Store(r.Method + " " + r.URL.String() + " " + r.Header.Get("Content-Type") + " " + string(body))
	if i.arrived != nil {
		i.arrived()
	}
	if i.hold != nil {
		<-i.hold
	}
	if i.status != http.StatusCreated {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(i.status)
		_, _ = fmt.Fprintf(w, `{"error":{"message":"The password is wrong: %s","code":%d,"title":"Unauthorized"}}`, "hunter22!", i.status)
		return
	}
	w.Header().Set("X-Subject-Token", fmt.Sprintf("MIItoken-%d", n))
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, `{"token":{"expires_at":%q}}`, i.clock.Now().Add(i.life).Format("2006-01-02T15:04:05.000000Z"))
}

// iamStory is a target that stores the token it gets, and a Dialer for it.
type iamStory struct {
	*iam
	dialer  *Dialer
	request Request
	last    atomic.Value // X-Auth-Token of the last handshake, string
}

func newIAMStory(t *testing.T, life time.Duration) *iamStory {
	t.Helper()
	clock := testkit.NewClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	story := &iamStory{iam: &iam{clock: clock, life: life, status: http.StatusCreated}}
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		story.last.Store(strings.Join(r.Header["X-Auth-Token"], "|"))
		echo(nil)(w, r)
	})
	story.dialer = local()
	story.dialer.Now, story.dialer.Tokens = clock.Now, NewTokens()
	story.request = Request{URL: mustParse(t, address), Credential: credential(sign.KindIAMPassword, map[string]string{
		"iam_endpoint": serve(t, story.ServeHTTP), "domain": "acme", "user": "ann", "project": "cn-north-4",
	}, map[string]string{"password": "hunter22!"})}
	return story
}

// dials opens a connection and returns the token that was sent.
func (s *iamStory) dials(t *testing.T, want string) {
	t.Helper()
	_, report := open(t, s.dialer, s.request)
	if got := s.last.Load(); got != want {
		t.Errorf("token %v, want %s", got, want)
	}
	if shown := valueOf(report.RequestHeader, "X-Auth-Token"); shown != sign.Masked || report.CredentialKind != sign.KindIAMPassword {
		t.Errorf("shown %q of a credential of kind %s", shown, report.CredentialKind)
	}
}

func TestTokenRequest(t *testing.T) {
	story := newIAMStory(t, 24*time.Hour)
	story.dials(t, "MIItoken-1")
	head, body, _ := strings.Cut(fmt.Sprint(story.body.Load()), "{")
	if head != "POST /v3/auth/tokens?nocatalog=true application/json;charset=utf8 " {
		t.Errorf("asked %s", head)
	}
	var got, want any
	if err := json.Unmarshal([]byte("{"+body), &got); err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal([]byte(`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"ann","password":"hunter22!",
		"domain":{"name":"acme"}}}},"scope":{"project":{"name":"cn-north-4"}}}}`), &want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	story.request.Credential.Plain["project"] = "0123456789abcdef0123456789abcdef"
	story.dials(t, "MIItoken-2")
	if body := fmt.Sprint(story.body.Load()); !strings.Contains(body, `"scope":{"project":{"id":"0123456789abcdef0123456789abcdef"}}`) {
		t.Errorf("asked %s", body)
	}
}

func TestTokenIsKeptUntilShortlyBeforeItEnds(t *testing.T) {
	story := newIAMStory(t, 24*time.Hour)
	story.dials(t, "MIItoken-1")
	story.clock.Pass(24*time.Hour - 10*time.Minute - time.Second)
	story.dials(t, "MIItoken-1")
	story.clock.Pass(time.Second)
	story.dials(t, "MIItoken-2")
}

func TestShortTokenIsRenewedAtHalfOfItsLife(t *testing.T) {
	story := newIAMStory(t, 10*time.Minute)
	story.dials(t, "MIItoken-1")
	story.clock.Pass(5*time.Minute - time.Second)
	story.dials(t, "MIItoken-1")
	story.clock.Pass(time.Second)
	story.dials(t, "MIItoken-2")
}

func TestTokenIsAskedForAnewOnDemand(t *testing.T) {
	story := newIAMStory(t, time.Hour)
	story.dials(t, "MIItoken-1")
	story.request.RenewToken = true
	story.dials(t, "MIItoken-2")
	story.request.RenewToken = false
	story.dials(t, "MIItoken-2")
	story.dialer.Tokens.Forget(story.request.Credential)
	story.dials(t, "MIItoken-3")
	story.request.Credential = credential(sign.KindIAMPassword, story.request.Credential.Plain, map[string]string{"password": "changed!"})
	story.dials(t, "MIItoken-4")
	story.dialer.Tokens = nil
	story.dials(t, "MIItoken-5")
}

func TestConcurrentDialsShareOneTokenRequest(t *testing.T) {
	story := newIAMStory(t, time.Hour)
	var dials sync.WaitGroup
	for range 50 {
		dials.Go(func() {
			conn, _, err := story.dialer.Dial(t.Context(), story.request)
			if err != nil {
				t.Error(err)
				return
			}
			_ = conn.CloseNow()
		})
	}
	dials.Wait()
	if asked := story.asked.Load(); asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestIAMRefusalIsReportedAndNotTriedAgain(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusFound, http.StatusOK} {
		story := newIAMStory(t, time.Hour)
		story.status = status
		_, err := fail(t, story.dialer, story.request, PhaseCredential)
		want := &IAMError{Status: status, Code: "Unauthorized", Message: "The password is wrong: " + sign.Masked}
		refused, _ := errors.AsType[*IAMError](err)
		if diff := cmp.Diff(want, refused); diff != "" {
			t.Error(diff)
		}
		if asked := story.asked.Load(); asked != 1 || strings.Contains(err.Error(), "hunter22!") {
			t.Errorf("asked %d times: %v", asked, err)
		}
		_, _ = fail(t, story.dialer, story.request, PhaseCredential)
		if asked := story.asked.Load(); asked != 2 {
			t.Errorf("a failure was kept: asked %d times", asked)
		}
	}
}

func TestIAMErrorsOfTheGateway(t *testing.T) {
	c := credential(sign.KindIAMPassword, nil, nil)
	got := iamRefusal(400, []byte(`{"error_code":"IAM.0011","error_msg":"Invalid"}`), c)
	if diff := cmp.Diff(&IAMError{400, "IAM.0011", "Invalid"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&IAMError{Status: 502}, iamRefusal(502, []byte("<html>"), c)); diff != "" {
		t.Error(diff)
	}
}

func TestIAMIsBehindTheSameGuard(t *testing.T) {
	story := newIAMStory(t, time.Hour)
	story.request.Credential.Plain["iam_endpoint"] = "https://169.254.169.254"
	_, err := fail(t, story.dialer, story.request, PhaseCredential)
	if blocked, ok := errors.AsType[*BlockedError](err); !ok || blocked.Reason != ReasonMetadata {
		t.Error(err)
	}
}

func TestIAMOverTLSTrustsTheSameCertificates(t *testing.T) {
	story := newIAMStory(t, time.Hour)
	authority := testkit.NewAuthority(t)
	story.request.Credential.Plain["iam_endpoint"] = serveTLS(t, authority.Issue(t), story.ServeHTTP)
	_, _ = fail(t, story.dialer, story.request, PhaseCredential)
	story.request.CAPEM = authority.PEM()
	story.dials(t, "MIItoken-1")
}

func TestTokenRequestOutlivesTheDialThatBeganIt(t *testing.T) {
	story := newIAMStory(t, time.Hour)
	story.hold = make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	story.arrived = cancel
	if _, _, err := story.dialer.Dial(ctx, story.request); err == nil {
		t.Fatal("a dial whose context ended succeeded")
	}
	close(story.hold)
	story.dials(t, "MIItoken-1")
	if asked := story.asked.Load(); asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}
