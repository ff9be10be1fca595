package handlers

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/goccy/go-yaml"

	"duplex/handlers/identity"
)

// provisioner is the person in whose name files of settings are applied.
var provisioner = identity.Person{ID: "provision", Name: "provision", Role: identity.Admin}

// Provision makes a call about services, environments or dialects on behalf of the process
// itself, as an admin named "provision".
func (h *Handler) Provision(ctx context.Context, method, path, kind string, body []byte) (status int, answer []byte) {
	r := chi.NewRouter()
	r.Get("/api/services", h.handle(h.services.List))
	r.Post("/api/services", h.handle(h.services.Create))
	r.Put("/api/services/{service}", h.handle(h.services.Replace))
	r.Get("/api/environments", h.handle(h.environments.List))
	r.Post("/api/environments", h.handle(h.environments.Create))
	r.Put("/api/environments/{environment}", h.handle(h.environments.Replace))
	r.Get("/api/dialects", h.handle(h.dialects.List))
	r.Get("/api/dialects/{dialect}", h.handle(h.dialects.Read))
	r.Post("/api/dialects", h.handle(h.dialects.Create))
	r.Put("/api/dialects/{dialect}", h.handle(h.dialects.Replace))
	req, err := http.NewRequestWithContext(identity.With(ctx, provisioner), method, path, bytes.NewReader(body))
	if err != nil {
		return http.StatusBadRequest, []byte(err.Error())
	}
	req.Header.Set("Content-Type", kind)
	w := &answerBuffer{header: http.Header{}, status: http.StatusOK}
	r.ServeHTTP(w, req)
	return w.status, w.body.Bytes()
}

// answerBuffer keeps an answer.
type answerBuffer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *answerBuffer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answerBuffer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *answerBuffer) Write(p []byte) (int, error) { return a.body.Write(p) }

// RequestKeys returns the keys that requests about services and environments may have, from
// the API document.
func RequestKeys() ([]string, error) {
	var document struct {
		Components struct{ Schemas map[string]any }
	}
	if err := yaml.Unmarshal(openAPIDocument, &document); err != nil {
		return nil, err
	}
	keys := map[string]bool{}
	for name, schema := range document.Components.Schemas {
		if name == "Connection" || strings.HasSuffix(name, "Request") {
			addProperties(keys, schema)
		}
	}
	return slices.Sorted(maps.Keys(keys)), nil
}

func addProperties(keys map[string]bool, schema any) {
	switch schema := schema.(type) {
	case []any:
		for _, part := range schema {
			addProperties(keys, part)
		}
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		for name := range properties {
			keys[name] = true
		}
		for _, part := range schema {
			addProperties(keys, part)
		}
	}
}
