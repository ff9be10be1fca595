package dial

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strings"
	"testing"

	"duplex/bridge/sign"
)

func TestRefusalBodyIsReadWhateverItsCoding(t *testing.T) {
	const words = `{"error":"密钥无效 canaryToken123"}`
	const shown = `{"error":"密钥无效 ••••"}`
	packed := func(open func(io.Writer) io.WriteCloser) string {
		var b bytes.Buffer
		w := open(&b)
		_, _ = io.WriteString(w, words)
		_ = w.Close()
		return b.String()
	}
	gzipped := packed(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	gbk := "{\"error\":\"\xc3\xdc\xd4\xbf\xce\xde\xd0\xa7 canaryToken123\"}"
	tests := []struct{ name, body, coding, kind, want string }{
		{"gzip", gzipped, "gzip", "application/json", shown},
		{"gzip without a word of it", gzipped, "", "application/json", shown},
		{"gzip cut off", gzipped[:len(gzipped)-9], "gzip", "application/json", shown},
		{"zlib", packed(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }), "deflate", "", shown},
		{"raw deflate", packed(func(w io.Writer) io.WriteCloser { f, _ := flate.NewWriter(w, 9); return f }), "deflate", "", shown},
		{"not gzip at all", words, "gzip", "", shown},
		{"GBK", gbk, "", "application/json; charset=GBK", shown},
		{"byte order mark", "\xef\xbb\xbf" + words, "", "application/json", shown},
		{"GBK of a page", "<meta charset=gb2312>" + gbk, "", "text/html", "<meta charset=gb2312>" + shown},
		{"unknown charset", "\xc3\xdc", "", "text/plain", "\xc3\xdc"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", test.kind)
				if test.coding != "" {
					w.Header().Set("Content-Encoding", test.coding)
				}
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, test.body)
			})
			request := Request{URL: mustParse(t, address), Credential: credential(sign.KindBearer, nil, map[string]string{"token": "canaryToken123"})}
			if report, _ := fail(t, local(), request, PhaseUpgrade); string(report.Body) != test.want {
				t.Errorf("kept %q", report.Body)
			}
		})
	}
}

func TestInflatedRefusalIsKeptTo64KiB(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = io.WriteString(z, strings.Repeat("b", 16<<20))
	_ = z.Close()
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write(bomb.Bytes())
	})
	if report, _ := fail(t, local(), Request{URL: mustParse(t, address)}, PhaseUpgrade); len(report.Body) != MaxRefusalBody || !report.BodyTruncated {
		t.Errorf("kept %d, truncated %v", len(report.Body), report.BodyTruncated)
	}
}
