package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/sign"
	"duplex/handlers/reply"
	"duplex/views/text"
)

type document struct {
	Paths      map[string]map[string]any
	Components struct {
		Schemas struct {
			ErrorCode    struct{ Enum []string } `yaml:"ErrorCode"`
			AuditAction  struct{ Enum []string } `yaml:"AuditAction"`
			AuditOutcome struct{ Enum []string } `yaml:"AuditOutcome"`
			Credential   struct {
				Properties struct {
					Kind struct{ Enum []string }
				}
			} `yaml:"Credential"`
		}
	}
}

func readDocument(t *testing.T) document {
	t.Helper()
	var d document
	if err := yaml.Unmarshal(openAPIDocument, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDocumentAndRoutesAreTheSame(t *testing.T) {
	var routes, documented []string
	h := New(Options{Hub: bridge.NewHub(bridge.HubOptions{})})
	err := chi.Walk(h.router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if strings.HasPrefix(route, "/api/") {
			routes = append(routes, method+" "+route)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, methods := range readDocument(t).Paths {
		for method := range methods {
			if method != "parameters" {
				documented = append(documented, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(routes)
	slices.Sort(documented)
	if diff := cmp.Diff(routes, documented); diff != "" {
		t.Errorf("routes (-) and document (+):\n%s", diff)
	}
}

func TestDocumentHasEveryErrorCodeAndKind(t *testing.T) {
	codes, kinds := reply.Codes(), []string(nil)
	for _, scheme := range sign.Schemes() {
		kinds = append(kinds, string(scheme.Kind))
	}
	schemas := readDocument(t).Components.Schemas
	slices.Sort(schemas.ErrorCode.Enum)
	if diff := cmp.Diff(codes, schemas.ErrorCode.Enum); diff != "" {
		t.Errorf("codes (-) and document (+):\n%s", diff)
	}
	if diff := cmp.Diff(kinds, schemas.Credential.Properties.Kind.Enum); diff != "" {
		t.Errorf("kinds (-) and document (+):\n%s", diff)
	}
}

func TestDocumentHasEveryActionAndOutcome(t *testing.T) {
	schemas := readDocument(t).Components.Schemas
	if diff := cmp.Diff(words(audit.Actions()), schemas.AuditAction.Enum); diff != "" {
		t.Errorf("actions (-) and document (+):\n%s", diff)
	}
	if diff := cmp.Diff(words(audit.Outcomes()), schemas.AuditOutcome.Enum); diff != "" {
		t.Errorf("outcomes (-) and document (+):\n%s", diff)
	}
}

func TestEveryWordOfTheAuditLogHasAName(t *testing.T) {
	catalogue, err := text.Load("en")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, action := range audit.Actions() {
		keys = append(keys, "page.audit.action."+string(action))
	}
	for _, outcome := range audit.Outcomes() {
		keys = append(keys, "page.audit.outcome."+string(outcome))
	}
	for _, kind := range audit.Kinds() {
		keys = append(keys, "page.audit.broken."+string(kind))
	}
	for _, key := range keys {
		if !catalogue.Has(key) {
			t.Errorf("no sentence for %q", key)
		}
	}
}
