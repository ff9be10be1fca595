package static

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
)

func TestWithoutABuildItSaysHowToMakeOne(t *testing.T) {
	_, err := load(fstest.MapFS{".gitkeep": {}})
	if !errors.Is(err, ErrNotBuilt) {
		t.Fatalf("load: %v, want ErrNotBuilt", err)
	}
}

func TestAssetsAreServedForGoodUnderTheirHashedNames(t *testing.T) {
	m, err := load(fstest.MapFS{
		"manifest.json":   {Data: []byte(`{"app.js":"/assets/app-AB.js"}`)},
		"app-AB.js":       {Data: []byte("1")},
		"icons-AB.svg":    {Data: []byte("<svg/>")},
		"style-AB.css":    {Data: []byte("a{}")},
		"inner/chunk.css": {Data: []byte("a{}")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := m.URL("app.js"); got != "/assets/app-AB.js" {
		t.Errorf("URL: %q", got)
	}
	for _, c := range []struct {
		path, kind string
		status     int
	}{
		{"/assets/app-AB.js", "text/javascript; charset=utf-8", http.StatusOK},
		{"/assets/style-AB.css", "text/css; charset=utf-8", http.StatusOK},
		{"/assets/icons-AB.svg", "image/svg+xml", http.StatusOK},
		{"/assets/manifest.json", "", http.StatusNotFound},
		{"/assets/app-CD.js", "", http.StatusNotFound},
		{"/assets/../static.css", "", http.StatusNotFound},
		{"/assets/", "", http.StatusNotFound},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/assets/", nil)
		r.URL.Path = c.path
		m.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s: status %d, want %d", c.path, w.Code, c.status)
		}
		if c.status != http.StatusOK {
			continue
		}
		if got := w.Header().Get("Content-Type"); got != c.kind {
			t.Errorf("%s: content type %q", c.path, got)
		}
		if got := w.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: cache control %q", c.path, got)
		}
	}
}
