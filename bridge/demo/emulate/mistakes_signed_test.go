package emulate_test

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"duplex/bridge/demo/emulate"
)

// iflytekQuery is the signed query of a caller whose clock shows date.
func iflytekQuery(date time.Time, secret string) string {
	stamp := date.UTC().Format(http.TimeFormat)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("host: iat-api.xfyun.cn\ndate: " + stamp + "\nGET /v2/iat HTTP/1.1"))
	e, _ := emulate.Find("iflytek-iat")
	origin := `api_key="` + e.Vars["api_key"] + `", algorithm="hmac-sha256", headers="host date request-line", signature="` + base64.StdEncoding.EncodeToString(mac.Sum(nil)) + `"`
	return "?" + url.Values{"host": {"iat-api.xfyun.cn"}, "date": {stamp}, "authorization": {base64.StdEncoding.EncodeToString([]byte(origin))}}.Encode()
}

func TestIFlytekRefuses(t *testing.T) {
	t.Parallel()
	e, _ := emulate.Find("iflytek-iat")
	audio := base64.StdEncoding.EncodeToString(silence(40))
	first := `{"common":{"app_id":"` + e.Vars["app_id"] + `"},"business":{"language":"zh_cn","domain":"iat","accent":"mandarin"},"data":{"status":0,"format":"audio/L16;rate=16000","encoding":"raw","audio":"` + audio + `"}}`
	next := `{"data":{"status":1,"format":"audio/L16;rate=16000","encoding":"raw","audio":"` + audio + `"}}`
	say := func(messages ...string) func(*caller) {
		return func(c *caller) {
			for _, m := range messages {
				c.text("%s", m)
			}
		}
	}
	run(t, "iflytek-iat", iflytekQuery(time.Now(), emulate.Key), nil, []mistake{
		{name: "unsigned", query: "-", want: "401"},
		{name: "old signature", query: iflytekQuery(time.Now().Add(-301*time.Second), emulate.Key), want: "403"},
		{name: "wrong secret", query: iflytekQuery(time.Now(), "x"), want: "HMAC signature does not match"},
		{name: "no first frame", say: say(next), want: "10165"},
		{name: "first frame twice", say: say(first, first), want: "10165"},
		{name: "another application", say: say(with(t, first, map[string]any{"common.app_id": "x"})), want: "10313"},
		{name: "no language", say: say(with(t, first, map[string]any{"business.language": nil})), want: "param validate error:/business/language"},
		{name: "another format", say: say(with(t, first, map[string]any{"data.format": "audio/L16;rate=8000"})), want: "10139"},
		{name: "no JSON", say: say("hello"), want: "10160"},
		{name: "no base64", say: say(with(t, first, map[string]any{"data.audio": "!"})), want: "10161"},
		{name: "large frame", say: say(with(t, first, map[string]any{"data.audio": base64.StdEncoding.EncodeToString(silence(80))})), want: "10043"},
		{name: "fast", say: func(c *caller) {
			c.text("%s", first)
			for range 40 {
				c.text("%s", next)
			}
		}, want: "10114"},
		{name: "no data for 10 s", options: hurried(), say: say(first), want: "10200"},
		{name: "no right", options: fault("11200"), say: say(first), want: "11200"},
	})
}

// tencentQuery is the signed query of a caller of host.
func tencentQuery(host, path, secret string, stamp time.Time) string {
	e, _ := emulate.Find("tencent-asr")
	values := map[string]string{
		"engine_model_type": "16k_zh", "expired": strconv.FormatInt(stamp.Add(time.Hour).Unix(), 10), "nonce": "7", "secretid": e.Vars["secret_id"],
		"timestamp": strconv.FormatInt(stamp.Unix(), 10), "voice_format": "1", "voice_id": "v",
	}
	query := url.Values{}
	for name, value := range values {
		query.Set(name, value)
	}
	raw, _ := url.QueryUnescape(query.Encode()) // sorted by name
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(host + path + "?" + raw))
	query.Set("signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return "?" + query.Encode()
}

func TestTencentRefuses(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]struct {
		options emulate.Options
		secret  string
		age     time.Duration
		query   string
		say     func(*caller)
		want    string
	}{
		"no parameters": {query: "?voice_id=v", want: `"code":4001`},
		"wrong secret":  {secret: "x", want: `"code":4002`},
		"old signature": {age: 2 * time.Hour, want: `"code":4002`},
		"resource pack": {options: fault("4004"), want: `"code":4004`},
		"fast": {say: func(c *caller) {
			for range 30 {
				c.binary(silence(40))
			}
		}, want: `"code":4000`},
		"half a sample": {say: func(c *caller) { c.binary(make([]byte, 1281)) }, want: `"code":4007`},
		"unknown text":  {say: func(c *caller) { c.text(`{"type":"stop"}`) }, want: `"code":4010`},
		"no audio":      {options: hurried(), want: `"code":4008`},
		"a long gap":    {options: hurried(), say: func(c *caller) { c.binary(silence(40)) }, want: `"code":4000`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, address := serve(t, "tencent-asr", m.options)
			if m.secret == "" {
				m.secret = emulate.Key
			}
			if m.query == "" {
				host, _, _ := strings.Cut(strings.TrimPrefix(address, "http://"), "/")
				m.query = tencentQuery(host, e.Path, m.secret, time.Now().Add(-m.age))
			}
			c, refusal := call(t, address+m.query, nil)
			if c == nil {
				t.Fatal(refusal)
			}
			if m.say != nil {
				m.say(c)
			}
			c.until(m.want)
		})
	}
}

// sauc returns a message of Volcengine: header, sequence number, length, gzip.
func sauc(header string, sequence int32, body []byte) []byte {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(body)
	_ = z.Close()
	out := binary.BigEndian.AppendUint32([]byte(header), uint32(sequence))
	out = binary.BigEndian.AppendUint32(out, uint32(zipped.Len()))
	return append(out, zipped.Bytes()...)
}

func TestVolcengineRefuses(t *testing.T) {
	t.Parallel()
	e, _ := emulate.Find("volcengine-asr")
	header := func(key, resource string) http.Header {
		return http.Header{
			"X-Api-App-Key": {e.Vars["app_key"]}, "X-Api-Access-Key": {key}, "X-Api-Resource-Id": {resource},
			"X-Api-Connect-Id": {"67ee89ba-7050-4c04-a3d7-ac61a63499b3"},
		}
	}
	const request = `{"audio":{"format":"pcm","rate":16000,"bits":16,"channel":1},"request":{"model_name":"bigmodel"}}`
	const full, audio = "\x11\x11\x11\x00", "\x11\x21\x01\x00"
	begun := func(say func(*caller)) func(*caller) {
		return func(c *caller) {
			c.binary(sauc(full, 1, []byte(request)))
			say(c)
		}
	}
	run(t, "volcengine-asr", "", header(emulate.Key, "volc.bigasr.sauc.duration"), []mistake{
		{name: "wrong key", header: header("x", "volc.bigasr.sauc.duration"), want: "45000010"},
		{name: "no resource", header: header(emulate.Key, "x"), want: "45000030"},
		{name: "audio first", say: func(c *caller) { c.binary(sauc(audio, 1, silence(200))) }, want: "message type 2, expected 1"},
		{name: "a number left out", say: begun(func(c *caller) { c.binary(sauc(audio, 3, silence(200))) }), want: "mismatch sequence in request (3)"},
		{name: "last one not negative", say: begun(func(c *caller) { c.binary(sauc("\x11\x23\x01\x00", 2, silence(200))) }), want: "mismatch sequence"},
		{name: "no gzip", say: func(c *caller) {
			c.binary(append([]byte(full+"\x00\x00\x00\x01\x00\x00\x00\x04"), "{}{}"...))
		}, want: "gzip: invalid header"},
		{name: "length", say: func(c *caller) { c.binary(append(sauc(full, 1, []byte(request)), 0)) }, want: "payload size"},
		{name: "text message", say: func(c *caller) { c.text(request) }, want: "unable to decode V1 protocol message"},
		{name: "no model", say: func(c *caller) { c.binary(sauc(full, 1, []byte(`{"audio":{"format":"pcm"},"request":{}}`))) }, want: "missing request.model_name"},
		{name: "another rate", say: func(c *caller) { c.binary(sauc(full, 1, []byte(strings.Replace(request, "16000", "8000", 1)))) }, want: "audio format is not supported"},
		{name: "empty audio", say: begun(func(c *caller) { c.binary(sauc(audio, 2, nil)) }), want: "empty audio"},
		{name: "no packet for 8 s", options: hurried(), say: begun(func(*caller) {}), want: "waiting next packet timeout(8s)"},
		{name: "busy", options: fault("55000031"), say: func(c *caller) { c.binary(sauc(full, 1, []byte(request))) }, want: "server busy"},
	})
}
