package demo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/coder/websocket"

	"duplex/bridge/demo"
	"duplex/bridge/sign"
)

func write(t *testing.T, conn *websocket.Conn, opcode websocket.MessageType, payload []byte) {
	t.Helper()
	if err := conn.Write(t.Context(), opcode, payload); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, conn *websocket.Conn) (websocket.MessageType, []byte) {
	t.Helper()
	opcode, payload, err := conn.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return opcode, payload
}

func TestEchoKeepsEveryByteAndTheOpcode(t *testing.T) {
	r := newRig(t)
	conn := r.open(t, "echo")
	for _, payload := range [][]byte{
		{},
		[]byte("hello"), []byte("not UTF-8: \xff\xfe"), bytes.Repeat([]byte("x"), 64<<10),
		bytes.Repeat([]byte{0, 1, 2}, 64<<10),
	} {
		for _, opcode := range []websocket.MessageType{websocket.MessageText, websocket.MessageBinary} {
			write(t, conn, opcode, payload)
			gotOpcode, got := read(t, conn)
			if gotOpcode != opcode || !bytes.Equal(got, payload) {
				t.Errorf("%d bytes as %v came back as %d as %v", len(payload), opcode, len(got), gotOpcode)
			}
		}
	}
}

func TestEchoTakesTheLongestMessage(t *testing.T) {
	r := newRig(t)
	conn := r.open(t, "echo")
	payload := bytes.Repeat([]byte("longest."), 8<<20)
	write(t, conn, websocket.MessageBinary, payload)
	if _, got := read(t, conn); !bytes.Equal(got, payload) {
		t.Errorf("%d bytes came back as %d", len(payload), len(got))
	}
}

func TestNewServicesSplitLongMessages(t *testing.T) {
	r := newRig(t)
	for generation, want := range map[string][]byte{
		"v1": {0x81, 0x7f, 0, 0, 0, 0, 0, 1, 0x11, 0x70}, // FIN, text, 70,000 bytes: RFC 6455 section 5.2
		"v2": {0x01, 0x7f, 0, 0, 0, 0, 0, 1, 0x00, 0x00}, // more to come, text, 65,536 bytes
	} {
		path := "/" + generation + strings.TrimPrefix(demo.Path(sign.KindNone, "ticker?count=1&size=70000"), "/v2")
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header = handshakeHeader()
		response, err := r.server.Client().Transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(want))
		_, err = io.ReadFull(response.Body, got)
		_ = response.Body.Close()
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: the first frame begins % x, want % x; %v", generation, got, want, err)
		}
	}
}

func TestSubprotocolIsTheFirstOfferedThatIsKnown(t *testing.T) {
	r := newRig(t)
	tests := []struct {
		query string
		offer []string
		want  string
	}{
		{"", nil, ""},
		{"", []string{"other", "json", "chat"}, "json"},
		{"", []string{"duplex.demo"}, "duplex.demo"},
		{"", []string{"other"}, ""},
		{"?subprotocol=any", []string{"other", "chat"}, "other"},
	}
	for _, tt := range tests {
		conn, _, err := websocket.Dial(t.Context(), r.server.URL+demo.Path(sign.KindNone, "echo")+tt.query, &websocket.DialOptions{Subprotocols: tt.offer})
		if err != nil {
			t.Fatal(err)
		}
		if got := conn.Subprotocol(); got != tt.want {
			t.Errorf("%s of %v: %q, want %q", tt.query, tt.offer, got, tt.want)
		}
		_ = conn.CloseNow()
	}
}

func TestCompressionIsUsedWhenOffered(t *testing.T) {
	r := newRig(t)
	conn, response, err := websocket.Dial(t.Context(), r.server.URL+demo.Path(sign.KindNone, "echo"),
		&websocket.DialOptions{CompressionMode: websocket.CompressionNoContextTakeover})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	if got := response.Header.Get("Sec-WebSocket-Extensions"); !strings.HasPrefix(got, "permessage-deflate") {
		t.Errorf("extensions %q", got)
	}
	conn.SetReadLimit(1 << 20)
	payload := bytes.Repeat([]byte("compressible "), 10_000)
	write(t, conn, websocket.MessageText, payload)
	if _, got := read(t, conn); !bytes.Equal(got, payload) {
		t.Errorf("%d bytes came back as %d", len(payload), len(got))
	}
}

// piece holds the fields of a stream's message that a test checks.
type piece struct {
	ID      string `json:"id"`
	Choices []struct {
		Delta struct {
			Content string `json:"content"`
		} `json:"delta"`
		FinishReason *string `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
	} `json:"usage"`
}

// streamed reads an answer to its end.
func streamed(t *testing.T, conn *websocket.Conn) (text string, tokens int, last piece) {
	t.Helper()
	for {
		_, payload := read(t, conn)
		var p piece
		if err := json.Unmarshal(payload, &p); err != nil || len(p.Choices) != 1 {
			t.Fatalf("%s: %v", payload, err)
		}
		if p.Usage != nil {
			return text, tokens, p
		}
		if p.Choices[0].FinishReason != nil {
			t.Fatalf("finished without usage: %s", payload)
		}
		text, tokens = text+p.Choices[0].Delta.Content, tokens+1
	}
}

func TestStreamAnswersTokenByTokenAndQueuesWhatComesMeanwhile(t *testing.T) {
	r := newRig(t)
	conn := r.open(t, "stream?interval_ms=1")
	for _, prompt := range []string{"What is the limit?", `{"prompt":"And now?"}`, `{"messages":[{"role":"user","content":"Third one"}]}`} {
		write(t, conn, websocket.MessageText, []byte(prompt))
	}
	for i, want := range []string{"What is the limit?", "And now?", "Third one"} {
		text, tokens, last := streamed(t, conn)
		if !strings.HasPrefix(text, "You asked: “"+want+"”.") {
			t.Errorf("answer %d is %q", i+1, text)
		}
		if last.ID != "demo-"+string(rune('1'+i)) || *last.Choices[0].FinishReason != "stop" {
			t.Errorf("answer %d ends with %+v", i+1, last)
		}
		if last.Usage.CompletionTokens != tokens || last.Usage.PromptTokens != len(strings.Fields(want)) {
			t.Errorf("usage %+v for %d tokens", last.Usage, tokens)
		}
	}
}

func TestStreamHasTheLengthThatWasAskedFor(t *testing.T) {
	r := newRig(t)
	for _, want := range []int{1, 7, 500} {
		conn := r.open(t, "stream?interval_ms=0&tokens="+itoa(want))
		write(t, conn, websocket.MessageText, []byte("go"))
		if _, tokens, last := streamed(t, conn); tokens != want || *last.Choices[0].FinishReason != "length" {
			t.Errorf("%d tokens, want %d, finished by %s", tokens, want, *last.Choices[0].FinishReason)
		}
	}
}

func TestStreamSaysThatAPromptIsText(t *testing.T) {
	r := newRig(t)
	conn := r.open(t, "stream?interval_ms=0&tokens=1")
	write(t, conn, websocket.MessageBinary, []byte{1})
	if _, payload := read(t, conn); !strings.Contains(string(payload), `"invalid_request"`) {
		t.Errorf("%s", payload)
	}
	write(t, conn, websocket.MessageText, []byte("go"))
	streamed(t, conn)
}

func TestBigAnswersHaveTheExactSizeAndAreAlwaysTheSame(t *testing.T) {
	r := newRig(t)
	for _, shape := range []string{"json", "line", "text", "text_line", "binary"} {
		for _, size := range []int{64, 65, 257, 1000, 1 << 20} {
			conn := r.open(t, "big?shape="+shape+"&size="+itoa(size))
			write(t, conn, websocket.MessageText, []byte("please"))
			opcode, first := read(t, conn)
			write(t, conn, websocket.MessageText, []byte("again"))
			_, second := read(t, conn)
			if len(first) != size || !bytes.Equal(first, second) {
				t.Errorf("%s of %d: %d bytes, then %d", shape, size, len(first), len(second))
			}
			checkShape(t, shape, opcode, first)
		}
	}
	conn := r.open(t, "big")
	write(t, conn, websocket.MessageText, []byte("please"))
	if _, payload := read(t, conn); len(payload) != 12<<20 || !json.Valid(payload) {
		t.Errorf("by default %d bytes", len(payload))
	}
}

func checkShape(t *testing.T, shape string, opcode websocket.MessageType, payload []byte) {
	t.Helper()
	isJSON, lines := json.Valid(payload), bytes.Count(payload, []byte("\n"))
	good := map[string]bool{
		"json":      opcode == websocket.MessageText && isJSON && lines > 3,
		"line":      opcode == websocket.MessageText && isJSON && lines == 0,
		"text":      opcode == websocket.MessageText && !isJSON && utf8.Valid(payload),
		"text_line": opcode == websocket.MessageText && !isJSON && utf8.Valid(payload) && lines == 0,
		"binary":    opcode == websocket.MessageBinary && !isJSON,
	}
	if !good[shape] {
		t.Errorf("%s of %d bytes as %v begins %q", shape, len(payload), opcode, payload[:64])
	}
}

func TestSlowAnswersUnlessTheGatewayGivesUp(t *testing.T) {
	r := newRig(t)
	conn := r.open(t, "slow?delay_ms=5")
	write(t, conn, websocket.MessageBinary, []byte("one"))
	write(t, conn, websocket.MessageText, []byte("two"))
	for _, want := range []string{"one", "two"} {
		if _, got := read(t, conn); string(got) != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	conn = r.open(t, "slow?delay_ms=60000&timeout_ms=5")
	write(t, conn, websocket.MessageText, []byte("too slow"))
	if got, err := closing(t, conn); err != nil || got.Code != 1011 || got.Reason != "backend timeout" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCloseGivesTheCodeAndReasonThatWereAskedFor(t *testing.T) {
	r := newRig(t)
	for query, want := range map[string]websocket.CloseError{
		"":                            {Code: 1000},
		"?code=1013&reason=try+later": {Code: 1013, Reason: "try later"},
		"?code=1005":                  {Code: 1005},
		"?code=4999&reason=%E4%BD%A0": {Code: 4999, Reason: "你"},
	} {
		conn := r.open(t, "close"+query)
		if got, err := closing(t, conn); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", query, got, err, want)
		}
	}
}

func TestCloseWaitsForAsManyMessagesAsItWasTold(t *testing.T) {
	r := newRig(t)
	conn := r.open(t, "close?code=1011&after=2")
	ended := make(chan error, 1)
	go func() {
		_, _, err := conn.Read(t.Context())
		ended <- err
	}()
	write(t, conn, websocket.MessageText, []byte("one"))
	if err := conn.Ping(t.Context()); err != nil {
		t.Fatalf("closed too early: %v", err)
	}
	write(t, conn, websocket.MessageText, []byte("two"))
	if err := <-ended; websocket.CloseStatus(err) != websocket.StatusInternalError {
		t.Error(err)
	}
}

func TestClose1006CutsTheConnection(t *testing.T) {
	r := newRig(t)
	conn := r.open(t, "close?code=1006")
	if got, err := closing(t, conn); err == nil || !errors.Is(err, io.EOF) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestHeadersAreShownAsTheyArrived(t *testing.T) {
	r := newRig(t)
	conn, _, err := websocket.Dial(t.Context(), r.server.URL+demo.Path(sign.KindAppCode, "headers?a=%20b"),
		&websocket.DialOptions{HTTPHeader: http.Header{"X-Apig-AppCode": {demo.AppCode}, "X-Twice": {"1", "2"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	var seen struct {
		Method, Target, Host string
		Headers              []struct{ Name, Value string }
	}
	_, payload := read(t, conn)
	if err := json.Unmarshal(payload, &seen); err != nil {
		t.Fatal(err)
	}
	lines := "\n"
	for _, h := range seen.Headers {
		lines += h.Name + ": " + h.Value + "\n"
	}
	for _, want := range []string{"\nX-Apig-Appcode: " + demo.AppCode + "\n", "\nX-Twice: 1\nX-Twice: 2\n", "\nUpgrade: websocket\n"} {
		if !strings.Contains(lines, want) {
			t.Errorf("%q is not in %q", want, lines)
		}
	}
	if seen.Method != http.MethodGet || seen.Host != r.host() || !strings.HasSuffix(seen.Target, "/headers?a=%20b") {
		t.Errorf("%+v", seen)
	}
	write(t, conn, websocket.MessageText, []byte("echo"))
	if _, got := read(t, conn); string(got) != "echo" {
		t.Errorf("%q", got)
	}
}
