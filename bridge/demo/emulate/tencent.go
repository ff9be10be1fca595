package emulate

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the service's algorithm
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// The account that the emulated Tencent Cloud accepts.
const (
	tencentApp = "1259228442"
	tencentID  = "AKIDemulated0c9d1e2f3a4b5c6d7e8f"
)

// tencentASR is Tencent Cloud's real-time recognition (cloud.tencent.com/document/product/
// 1093/48982). Mistakes are told after the handshake.
func tencentASR() Emulator {
	return Emulator{
		Name: "tencent-asr", Path: "/asr/v2/" + tencentApp,
		Vars:    map[string]string{"app_id": tencentApp, "secret_id": tencentID, "engine": "16k_zh"},
		Secrets: map[string]string{"secret_key": Key},
		Audio:   16000, Faults: []string{"4004", "4006", "5000"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				converse(w, r, o, nil, func(c *call) error { return (&tencentTalk{call: c}).run() })
			})
		},
	}
}

const (
	tencentIdle = 15 * time.Second
	tencentGap  = 6 * time.Second
)

// tencentTalk is one connection.
type tencentTalk struct {
	*call

	voice  string // voice_id
	number int    // of messages
	heard  *utterance
}

func (t *tencentTalk) fail(code int, reason string) error {
	return t.refuseCall(map[string]any{"code": code, "message": reason, "voice_id": t.voice}, websocket.StatusNormalClosure, "")
}

// admit checks the query and its signature: HMAC-SHA1 of host, path and all other parameters
// in order of their names, with their raw values.
func (t *tencentTalk) admit() (code int, reason string) {
	query := t.request.URL.Query()
	for _, name := range []string{"secretid", "timestamp", "expired", "nonce", "engine_model_type", "voice_id", "signature"} {
		if query.Get(name) == "" {
			return 4001, "参数不合法: " + name
		}
	}
	var pairs []string
	for name, values := range query {
		if name != "signature" {
			pairs = append(pairs, name+"="+values[0])
		}
	}
	slices.Sort(pairs)
	mac := hmac.New(sha1.New, []byte(Key))
	_, _ = mac.Write([]byte(t.request.Host + t.request.URL.Path + "?" + strings.Join(pairs, "&")))
	now := t.Now().Unix()
	stamp, _ := strconv.ParseInt(query.Get("timestamp"), 10, 64)
	expired, _ := strconv.ParseInt(query.Get("expired"), 10, 64)
	_, err := strconv.ParseUint(query.Get("nonce"), 10, 34)
	switch {
	case query.Get("secretid") != tencentID || query.Get("signature") != base64.StdEncoding.EncodeToString(mac.Sum(nil)):
		return 4002, "鉴权失败"
	case expired <= now || stamp > now+300 || expired-stamp > 90*24*3600:
		return 4002, "鉴权失败: 签名已过期"
	case err != nil || len(query.Get("voice_id")) > 128:
		return 4001, "参数不合法: nonce, voice_id"
	case !strings.HasPrefix(query.Get("engine_model_type"), "16k_") || query.Get("voice_format") != "1":
		return 4001, "参数不合法: engine_model_type, voice_format"
	}
	return 0, ""
}

func (t *tencentTalk) run() error {
	t.voice = t.request.URL.Query().Get("voice_id")
	if code, reason := t.admit(); code != 0 {
		return t.fail(code, reason)
	}
	if code, err := strconv.Atoi(t.Fault); err == nil {
		return t.fail(code, map[int]string{4004: "资源包耗尽", 4006: "账号当前调用并发超限", 5000: "后台错误"}[code])
	}
	if err := t.sendJSON(map[string]any{"code": 0, "message": "success", "voice_id": t.voice}); err != nil {
		return err
	}
	t.heard = t.listen(16000, 2)
	began := time.Now()
	for {
		limit, code, reason := t.limit(tencentGap), 4000, "音频数据包之间发送间隔超过6秒"
		if t.heard.pace.start.IsZero() {
			limit, code, reason = t.limit(tencentIdle), 4008, "客户端超过15秒未发送音频数据"
		}
		left := t.heard.silence(limit, began, time.Now())
		m, err := t.next(time.Duration(float64(left) / t.Scale))
		switch {
		case errors.Is(err, errLate):
			return t.fail(code, reason)
		case err != nil:
			return err
		case !m.binary:
			if o, err := parseObject(m.payload); err != nil || o.text("type") != "end" {
				return t.fail(4010, "客户端上传未知文本消息")
			}
			return t.end()
		}
		if err := t.audio(m); err != nil {
			return err
		}
	}
}

func (t *tencentTalk) audio(m message) error {
	if len(m.payload)%2 != 0 {
		return t.fail(4007, "音频解码失败")
	}
	results, ahead := t.hear(t.heard, m.at, m.payload)
	if ahead > 500*time.Millisecond {
		return t.fail(4000, "音频数据发送过多")
	}
	return t.results(results)
}

func (t *tencentTalk) results(results []heard) error {
	for _, r := range results {
		slice := 1
		if r.final {
			slice = 2
		} else if t.heard.shown == 1 {
			slice = 0
		}
		t.tell(t.heard, r)
		t.number++
		result := map[string]any{
			"slice_type": slice, "index": r.index, "start_time": r.start.Milliseconds(), "end_time": r.end.Milliseconds(),
			"voice_text_str": r.text, "word_size": 0, "word_list": []any{},
		}
		answer := map[string]any{"code": 0, "message": "success", "voice_id": t.voice, "message_id": t.voice + "_" + strconv.Itoa(t.number), "result": result, "final": 0}
		if err := t.sendJSON(answer); err != nil {
			return err
		}
	}
	return nil
}

func (t *tencentTalk) end() error {
	if err := t.results(t.finishHearing(t.heard)); err != nil {
		return err
	}
	t.done()
	return t.sendJSON(map[string]any{"code": 0, "message": "success", "voice_id": t.voice, "message_id": t.voice + "_end", "final": 1})
}
