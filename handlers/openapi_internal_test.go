package handlers

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/handlers/reply"
	"duplex/views/text"
)

// document is the part of openapi.yaml that this package's own lists are compared with.
type document struct {
	Paths      map[string]map[string]any
	Components struct {
		Schemas struct {
			ErrorCode struct {
				Enum   []string
				Status map[string]int `yaml:"x-status"`
			} `yaml:"ErrorCode"`
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

// pageRoutes are the routes that answer with HTML, a redirect or a file, for browsers only.
var pageRoutes = []string{
	"GET /", "GET /account", "GET /assets/*", "GET /audit", "GET /connect", "GET /history", "GET /services/new", "GET /services/{service}",
	"GET /sessions/{session}", "GET /settings", "GET /settings/identity", "GET /sign-in", "GET /sign-in/callback", "GET /sign-in/done",
	"GET /signed-out", "POST /language",
}

func TestDocumentAndRoutesAreTheSame(t *testing.T) {
	routes, documented := []string{}, slices.Clone(pageRoutes)
	h := New(Options{Hub: bridge.NewHub(bridge.HubOptions{})})
	err := chi.Walk(h.router, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if method != http.MethodHead { // GetHead answers it for every GET
			routes = append(routes, method+" "+route)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, methods := range readDocument(t).Paths {
		path = strings.Replace(path, "/{path}", "/*", 1) // OpenAPI has no parameter that contains slashes
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

var update = flag.Bool("update", false, "write the error codes into openapi.yaml")

func TestDocumentHasEveryErrorCodeWithItsStatus(t *testing.T) {
	before, rest, _ := strings.Cut(string(openAPIDocument), "      # Error codes")
	_, after, marked := strings.Cut(rest, "      # End of error codes\n")
	current := before + errorCodesYAML() + after
	if !marked {
		t.Fatal("openapi.yaml has no marks around its error codes")
	}
	if *update {
		if err := os.WriteFile("openapi.yaml", []byte(current), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if current != string(openAPIDocument) {
		t.Error(`the error codes of openapi.yaml are not current: run "make generate"`)
	}
	var codes []string
	statuses := map[string]int{}
	for _, code := range reply.Codes() {
		codes = append(codes, string(code))
		statuses[string(code)] = reply.StatusOf(code)
	}
	documented := readDocument(t).Components.Schemas.ErrorCode
	if diff := cmp.Diff(statuses, documented.Status); diff != "" {
		t.Errorf("statuses (-) and document (+):\n%s", diff)
	}
	slices.Sort(documented.Enum)
	if diff := cmp.Diff(codes, documented.Enum); diff != "" {
		t.Errorf("codes (-) and document (+):\n%s", diff)
	}
}

// errorCodesYAML returns the generated lines of the schema ErrorCode, by status.
func errorCodesYAML() string {
	codes := reply.Codes()
	slices.SortStableFunc(codes, func(a, b reply.Code) int { return reply.StatusOf(a) - reply.StatusOf(b) })
	var enum, statuses strings.Builder
	for _, code := range codes {
		fmt.Fprintf(&enum, "        - %s\n", code)
		fmt.Fprintf(&statuses, "        %s: %d\n", code, reply.StatusOf(code))
	}
	return "      # Error codes, written by \"make generate\" from handlers/reply/code.go. Do not edit.\n" +
		"      enum:\n" + enum.String() + "      x-status:\n" + statuses.String() + "      # End of error codes\n"
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
