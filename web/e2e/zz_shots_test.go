//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestZZShots(t *testing.T) {
	s := start(t, t.TempDir())
	width := 1440
	_, _ = fmt.Sscan(os.Getenv("W"), &width)
	lang := os.Getenv("L")
	p := browse(t, width, 900)
	p.reads(lang)
	for _, scene := range turnScenes() {
		if only := os.Getenv("ONLY"); only != "" && !strings.Contains(only, scene.name) {
			continue
		}
		p.take(s, scene, fmt.Sprintf("/tmp/h-shots/%s-%s-%d", strings.ReplaceAll(scene.name, " ", "-"), lang, width))
	}
}
