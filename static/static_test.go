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

func TestAssetsAreServedCompressedToWhoeverTakesThat(t *testing.T) {
	m, err := load(fstest.MapFS{
		"manifest.json": {Data: []byte(`{}`)},
		"app-AB.js":     {Data: []byte("plain")}, "app-AB.js.gz": {Data: []byte("compressed")},
		"mark-AB.svg": {Data: []byte("plain")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, accepts, body, encoding string }{
		{"app-AB.js", "gzip, deflate, br, zstd", "compressed", "gzip"},
		{"app-AB.js", "br", "plain", ""},
		{"app-AB.js", "", "plain", ""},
		{"mark-AB.svg", "gzip", "plain", ""},
		{"app-AB.js.gz", "gzip", "404 page not found\n", ""},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, Prefix+c.path, nil)
		r.Header.Set("Accept-Encoding", c.accepts)
		m.ServeHTTP(w, r)
		if got := w.Body.String(); got != c.body || w.Header().Get("Content-Encoding") != c.encoding {
			t.Errorf("%s for %q: %q as %q", c.path, c.accepts, got, w.Header().Get("Content-Encoding"))
		}
		if w.Code == http.StatusOK && w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: caches may mix up what differs by encoding", c.path)
		}
	}
}
