package canary_test

import (
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"duplex/web/internal/canary"
)

// secret has something to escape for every encoder, and "?" and ">" where base64url
// differs.
func secret() canary.Secret {
	return canary.Secret{Name: "one", Value: `7/+="&<>??>Zq8Xw2kR5tY1uN4vB~ö`}
}

// encodings are those of the hits, each once, with a blank between.
func encodings(w *canary.Watch) string {
	seen := map[string]bool{}
	var out []string
	for _, h := range w.Hits() {
		if !seen[h.Encoding] && h.Encoding != "in part" {
			seen[h.Encoding] = true
			out = append(out, h.Encoding)
		}
	}
	return strings.Join(out, " ")
}

// planted are texts with the secret in every spelling of every encoding.
func planted() map[string][]string {
	out := map[string][]string{}
	for _, encoding := range canary.Encodings() {
		for i, spelling := range canary.Spellings(encoding, secret().Value) {
			out[encoding] = append(out[encoding], fmt.Sprintf("%d before %s behind", i, spelling))
		}
	}
	return out
}

func TestEverySpellingIsFoundWhereItStands(t *testing.T) {
	for encoding, texts := range planted() {
		for _, text := range texts {
			w := canary.New(secret()).Watch()
			w.Search("here", []byte(text))
			found := false
			for _, h := range w.Hits() {
				found = found || h.Place == "here" && h.Secret == "one" && h.Offset == int64(strings.Index(text, " before ")+8)
			}
			// Two encoders may spell it in the same way.
			if !found || encoding == "plain" && encodings(w) != "plain" {
				t.Errorf("%s: %q: %v", encoding, text, w.Hits())
			}
		}
	}
}

// Spellings as other programs write them, not as this package expects them.
func TestTextOfOtherProgramsIsFound(t *testing.T) {
	for name, text := range map[string]string{
		"encodeURIComponent": `7%2F%2B%3D%22%26%3C%3E%3F%3F%3EZq8Xw2kR5tY1uN4vB~%C3%B6`,
		"Java, nginx":        `7%2f%2b%3d%22%26%3c%3e%3f%3f%3eZq8Xw2kR5tY1uN4vB%7e%c3%b6`,
		"JSON.stringify":     `7/+=\"&<>??>Zq8Xw2kR5tY1uN4vB~ö`,
		"PHP's json_encode":  `7\/+=\"&<>??>Zq8Xw2kR5tY1uN4vB~ö`,
		"innerHTML":          `7/+="&amp;&lt;&gt;??&gt;Zq8Xw2kR5tY1uN4vB~ö`,
		"an attribute":       `7/+=&quot;&amp;<>??>Zq8Xw2kR5tY1uN4vB~ö`,
		"xxd -p":             "372f2b3d22263c3e3f3f3e5a71385877326b523574593175" + "4e3476427ec3b6",
		"base64":             "Ny8rPSImPD4/Pz5acThYdzJrUjV0WTF1TjR2Qn7Dtg==",
	} {
		w := canary.New(secret()).Watch()
		w.Search("here", []byte("before "+text+" behind"))
		if encodings(w) == "" {
			t.Errorf("%s is not found", name)
		}
	}
}

func TestBase64IsFoundInEveryAlignment(t *testing.T) {
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		for before := range 7 {
			for behind := range 4 {
				w := canary.New(secret()).Watch()
				w.Search("here", []byte(encoding.EncodeToString([]byte(strings.Repeat("a", before)+secret().Value+strings.Repeat("b", behind)))))
				if !strings.HasPrefix(encodings(w), "base64") {
					t.Errorf("%d before, %d behind: %v", before, behind, w.Hits())
				}
			}
		}
	}
}

func TestPartOfASecretIsFound(t *testing.T) {
	w := canary.New(secret()).Watch()
	w.Search("here", []byte(`an encoder of its own: 7{slash}{plus}Zq8Xw2kR5tY1uN4vB...`))
	if len(w.Hits()) != 1 || w.Hits()[0].Encoding != "in part" {
		t.Error(w.Hits())
	}
}

func TestOtherTextIsNoHit(t *testing.T) {
	w := canary.New(secret(), canary.Secret{Name: "two", Value: "a-second-one-of-another-length"}).Watch()
	w.Search("here", []byte(strings.Repeat("a-second-one-of-another-lengt 7/+=\"&<>??Zq8Xw2kR5tY1uN4v ", 1000)))
	if len(w.Hits()) > 0 {
		t.Error(w.Hits())
	}
}

func TestSecretAcrossEverySeamIsFoundOnce(t *testing.T) {
	text := strings.Repeat("x", 300) + secret().Value + strings.Repeat("y", 300)
	for first := range len(text) {
		for _, second := range []int{1, 7, 40, 1000} {
			w := canary.New(secret()).Watch()
			s := w.Stream("here")
			rest := text
			for _, n := range []int{first, second} {
				n = min(n, len(rest))
				_, _ = io.WriteString(s, rest[:n])
				rest = rest[n:]
			}
			for len(rest) > 0 { // and the rest byte by byte
				_, _ = io.WriteString(s, rest[:1])
				rest = rest[1:]
			}
			if encodings(w) != "plain" || len(w.Hits()) != 2 || w.Hits()[0].Offset != 300 && w.Hits()[1].Offset != 300 {
				t.Fatalf("cut at %d and %d: %v", first, first+second, w.Hits())
			}
		}
	}
}

func TestSecretThatIsAddedLaterIsFoundFromThen(t *testing.T) {
	n := canary.New()
	w := n.Watch()
	w.Search("before", []byte(secret().Value))
	n.Add(secret())
	n.Add(secret())
	w.Search("after", []byte(secret().Value))
	if len(w.Hits()) != 2 || w.Hits()[0].Place != "after" || n.Totals().Secrets != 1 {
		t.Error(w.Hits())
	}
	if unused := n.Unused([]string{"one"}); len(unused) != 1 {
		t.Error(unused)
	}
	n.Use("one")
	if unused := n.Unused([]string{"one"}); len(unused) != 0 {
		t.Error(unused)
	}
}

func TestHitsNeverSayTheSecret(t *testing.T) {
	w := canary.New(secret()).Watch()
	for _, texts := range planted() {
		w.Search("here", []byte(strings.Join(texts, "\n")))
	}
	said := fmt.Sprintf("%v %+v", w.Hits(), w.Hits())
	for _, encoding := range canary.Encodings() {
		for _, spelling := range canary.Spellings(encoding, secret().Value) {
			if strings.Contains(said, spelling) {
				t.Errorf("a hit says the secret in %s", encoding)
			}
		}
	}
}

func TestFilesAreSearchedAgainWhenTheyChange(t *testing.T) {
	dir := t.TempDir()
	n := canary.New(secret())
	w := n.Watch()
	for _, name := range []string{"db", "db-wal", "deep/er/db-shm"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{strings.Repeat("\x00", 1<<20), strings.Repeat("\x00", 600<<10) + secret().Value} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := w.Files(dir); err != nil {
				t.Fatal(err)
			}
		}
		hits := w.Hits()
		if last := hits[len(hits)-1]; last.Place != "file "+name || last.Offset < 600<<10 {
			t.Errorf("%s: %v", name, hits)
		}
	}
	before := n.Totals()
	if err := w.Files(dir); err != nil || n.Totals().Bytes > before.Bytes+100 { // names are searched all the same
		t.Errorf("unchanged files were searched again: %+v, %v", n.Totals(), err)
	}
	if err := w.Files(filepath.Join(dir, "gone")); err != nil {
		t.Error(err)
	}
}

// leaky answers with the secret in a place that the path names.
func leaky(w http.ResponseWriter, r *http.Request) {
	text := r.URL.Query().Get("text")
	if r.Header.Get("X-Text") != "" {
		text = r.Header.Get("X-Text")
	}
	half := len(text) / 2
	switch r.URL.Path {
	case "/header":
		w.Header().Set("X-Leak", text)
	case "/pieces": // each a chunk of its own
		for _, piece := range []string{text[:half], text[half:]} {
			_, _ = io.WriteString(w, piece)
			_ = http.NewResponseController(w).Flush()
		}
	case "/packed":
		w.Header().Set("Content-Encoding", "gzip")
		packed := gzip.NewWriter(w)
		_, _ = io.WriteString(packed, text)
		_ = packed.Close()
	case "/unreadable":
		w.Header().Set("Content-Encoding", "br")
	case "/early":
		w.Header().Set("Link", text)
		w.WriteHeader(http.StatusEarlyHints)
	case "/error":
		http.Error(w, text, http.StatusBadGateway)
	case "/socket", "/fragments", "/reason", "/deflated":
		socket(w, r, text)
	default:
		_, _ = io.WriteString(w, text)
	}
}

func socket(w http.ResponseWriter, r *http.Request, text string) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionNoContextTakeover})
	if err != nil {
		return
	}
	switch r.URL.Path {
	case "/reason":
		_ = conn.Close(websocket.StatusNormalClosure, text[:min(len(text), 123)])
		return
	case "/fragments":
		out, _ := conn.Writer(r.Context(), websocket.MessageText)
		for _, piece := range []string{strings.Repeat("x", 5000), text[:len(text)/2], text[len(text)/2:]} {
			_, _ = io.WriteString(out, piece)
		}
		_ = out.Close()
	default:
		_ = conn.Write(r.Context(), websocket.MessageBinary, []byte(strings.Repeat("\x00", 70_000)+text))
	}
	_ = conn.Close(websocket.StatusNormalClosure, "")
}

// offered is the compression that a client offers for its messages.
var offered = map[bool]websocket.CompressionMode{true: websocket.CompressionNoContextTakeover, false: websocket.CompressionDisabled}

// tapped sends a request to a leaky program through a tap, and returns its hits.
func tapped(t *testing.T, path, text string) *canary.Watch {
	t.Helper()
	program := httptest.NewServer(http.HandlerFunc(leaky))
	defer program.Close()
	w := canary.New(secret()).Watch()
	tap, err := w.Tap(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	defer tap.Close()
	tap.To(netip.MustParseAddrPort(strings.TrimPrefix(program.URL, "http://")))
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+tap.Addr()+path, nil)
	req.Header.Set("X-Text", text)
	switch path {
	case "/socket", "/fragments", "/reason", "/deflated":
		conn, _, err := websocket.Dial(t.Context(), req.URL.String(), &websocket.DialOptions{HTTPClient: client, HTTPHeader: req.Header, CompressionMode: offered[path == "/deflated"]})
		if err != nil {
			t.Fatal(err)
		}
		conn.SetReadLimit(1 << 20)
		for err == nil {
			_, _, err = conn.Read(t.Context())
		}
	default:
		for range 2 { // the second on the same connection
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
	}
	return w
}

func TestTapFindsEveryEncodingInEveryPlace(t *testing.T) {
	for _, path := range []string{"/header", "/early", "/body", "/pieces", "/packed", "/error", "/socket", "/fragments", "/reason"} {
		for encoding, texts := range planted() {
			text := texts[0]
			if w := tapped(t, path, text); len(w.Hits()) == 0 {
				t.Errorf("%s in %s is not found", encoding, path)
			}
		}
		if w := tapped(t, path, "nothing of the kind"); len(w.Hits()) > 0 {
			t.Errorf("%s: %v", path, w.Hits())
		}
	}
}

func TestAnswerThatCannotBeReadIsAHit(t *testing.T) {
	for path, encoding := range map[string]string{"/unreadable": "br", "/deflated": "an extension"} {
		if w := tapped(t, path, "nothing"); len(w.Hits()) != 1 || w.Hits()[0].Encoding != encoding {
			t.Error(path, w.Hits())
		}
	}
}

func TestTapFindsSecretsInAddresses(t *testing.T) {
	w := tapped(t, "/body?key="+strings.ReplaceAll(canary.Spellings("url", secret().Value)[1], "+", "%2B"), "nothing")
	if len(w.Hits()) == 0 || w.Hits()[0].Place != "the address of a request" {
		t.Error(w.Hits())
	}
}

func BenchmarkSearch(b *testing.B) {
	n := canary.New()
	for i := range 30 {
		n.Add(canary.Secret{Name: fmt.Sprint(i), Value: fmt.Sprintf(`%d/+="&<Zq8Xw2kR5t%dY1uN4vB`, i, i)})
	}
	w := n.Watch()
	text := []byte(strings.Repeat(`{"seq": 12345, "text": "The quick brown fox", "sent": 1700000000}`, 20_000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		w.Search("here", text)
	}
}
