// Package static holds the built assets of the page: scripts, styles and icons that
// build.mjs writes into dist, with their hashes in the names. It knows nothing of the
// page but that assets are served under /assets/.
package static

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

//go:embed all:dist
var dist embed.FS

// Prefix is the path of the assets.
const Prefix = "/assets/"

// ErrNotBuilt says that dist holds only its placeholder: the binary was built
// before the assets were. "npm ci && npm run build" in static makes them.
var ErrNotBuilt = errors.New("the page's assets are not built: run npm ci && npm run build in static, then build again")

// Manifest maps the names pages use ("app.js") to hashed addresses and serves the
// files. It is safe for concurrent use.
type Manifest struct {
	urls  map[string]string
	files fs.FS
}

// Load reads the manifest that was built into this binary. Without one it returns
// ErrNotBuilt.
func Load() (*Manifest, error) {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	return load(files)
}

func load(files fs.FS) (*Manifest, error) {
	raw, err := fs.ReadFile(files, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	}
	if err != nil {
		return nil, fmt.Errorf("assets manifest: %w", err)
	}
	m := &Manifest{files: files}
	if err := json.Unmarshal(raw, &m.urls); err != nil {
		return nil, fmt.Errorf("assets manifest: %w", err)
	}
	return m, nil
}

// URL is the address of the asset that pages call name, or "" for a name that was
// not built.
func (m *Manifest) URL(name string) string { return m.urls[name] }

// URLs returns all names with their addresses.
func (m *Manifest) URLs() map[string]string { return maps.Clone(m.urls) }

// ServeHTTP serves the files under Prefix. Their names change with their content,
// so browsers may keep them for good.
func (m *Manifest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, Prefix)
	kind, known := contentTypes[path.Ext(name)]
	if !known || !fs.ValidPath(name) {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Vary", "Accept-Encoding")
	content, err := fs.ReadFile(m.files, name+".gz")
	if err == nil && httpguts.HeaderValuesContainsToken(r.Header["Accept-Encoding"], "gzip") {
		header.Set("Content-Encoding", "gzip")
	} else if content, err = fs.ReadFile(m.files, name); err != nil {
		http.NotFound(w, r)
		return
	}
	header.Set("Content-Type", kind)
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

// The types are fixed here, because mime's depend on the machine. manifest.json is
// not among them: nobody needs it from outside.
var contentTypes = map[string]string{
	".js":  "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
}
