package emulate

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// The application that the emulated iFlytek accepts.
const (
	iflytekApp  = "5c6a2b1f"
	iflytekKey  = "9d2f4c8ab1e07365f48c20de71a953bb"
	iflytekHost = "iat-api.xfyun.cn"
)

// iflytekIAT is iFlytek's speech dictation (xfyun.cn/doc/asr/voicedictation/API.html).
func iflytekIAT() Emulator {
	return Emulator{
		Name: "iflytek-iat", Path: "/v2/iat",
		Vars:    map[string]string{"app_id": iflytekApp, "api_key": iflytekKey, "language": "zh_cn"},
		Secrets: map[string]string{"api_secret": Key},
		Audio:   16000, Faults: []string{"11200", "11201"},
		New: func(o Options) http.Handler {
			o = o.withDefaults()
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if status, reason := admitIFlytek(r, o.Now()); status != 0 {
					refuse(w, status, map[string]string{"message": reason})
					return
				}
				converse(w, r, o, nil, func(c *call) error { return (&iflytekTalk{call: c}).run() })
			})
		},
	}
}

// admitIFlytek checks the signed query: host, date and authorization. The date may be off by
// 300 s.
func admitIFlytek(r *http.Request, now time.Time) (status int, reason string) {
	const unverified = "HMAC signature cannot be verified"
	query := r.URL.Query()
	if query.Get("authorization") == "" {
		return http.StatusUnauthorized, "Unauthorized"
	}
	date, err := http.ParseTime(query.Get("date"))
	if err != nil || now.Sub(date).Abs() > 300*time.Second {
		return http.StatusForbidden, unverified + ", a valid date or x-date header is required for HMAC Authentication"
	}
	decoded, err := base64.StdEncoding.DecodeString(query.Get("authorization"))
	if err != nil || query.Get("host") != iflytekHost {
		return http.StatusUnauthorized, unverified
	}
	prefix := fmt.Sprintf(`api_key="%s", algorithm="hmac-sha256", headers="host date request-line", signature="`, iflytekKey)
	signature, ok := strings.CutPrefix(string(decoded), prefix)
	if !ok {
		return http.StatusUnauthorized, unverified
	}
	mac := hmac.New(sha256.New, []byte(Key))
	_, _ = fmt.Fprintf(mac, "host: %s\ndate: %s\nGET %s HTTP/1.1", iflytekHost, query.Get("date"), r.URL.Path)
	if signature != base64.StdEncoding.EncodeToString(mac.Sum(nil))+`"` {
		return http.StatusUnauthorized, "HMAC signature does not match"
	}
	return 0, ""
}

const (
	iflytekLongest = 60 * time.Second // of audio, and of a session
	iflytekSilence = 10 * time.Second // between two frames
	iflytekFrame   = 1280             // bytes, 40 ms
	iflytekSID     = "iat000704fa@dx16ade44e4d87a1c802"
)

// iflytekTalk is one session, which takes one utterance.
type iflytekTalk struct {
	*call

	heard *utterance
	sn    int // of the next result
	begun int // sn of the sentence's first result; 0 while it has none
}

func (d *iflytekTalk) fail(code int, reason string) error {
	return d.refuseCall(map[string]any{"code": code, "message": reason, "sid": iflytekSID}, websocket.StatusNormalClosure, "")
}

func (d *iflytekTalk) run() error {
	d.sn = 1
	for {
		m, err := d.next(iflytekSilence)
		if errors.Is(err, errLate) {
			return d.fail(10200, "read data timeout")
		}
		if err != nil {
			return err
		}
		o, err := parseObject(m.payload)
		if m.binary || err != nil {
			return d.fail(10160, "parse request json error")
		}
		ended, err := d.frame(m, o)
		if ended || err != nil {
			return err
		}
	}
}

// frame takes a frame; ended says that it was the last one.
func (d *iflytekTalk) frame(m message, o object) (ended bool, err error) {
	status := o.number("data.status")
	switch {
	case status == 0 && d.heard != nil, status != 0 && d.heard == nil:
		return true, d.fail(10165, "invalid handle")
	case status == 0:
		if err := d.begin(o); err != nil {
			return true, err
		}
	case status != 1 && status != 2:
		return true, d.fail(10163, "param validate error:/data/status")
	case len(o.object("common"))+len(o.object("business")) > 0:
		return true, d.fail(10163, "param validate error: common and business belong to the first frame")
	}
	audio, err := o.base64("data.audio")
	if err != nil && status != 2 {
		return true, d.fail(10161, "parse base64 string error")
	}
	if len(audio) > iflytekFrame {
		return true, d.fail(10043, "Syscall AudioCodingDecode error")
	}
	if len(audio) > 0 {
		results, ahead := d.hear(d.heard, m.at, audio)
		if d.heard.length > iflytekLongest || ahead > time.Second {
			return true, d.fail(10114, "session timeout")
		}
		if err := d.results(results, false); err != nil {
			return true, err
		}
	}
	if status != 2 {
		return false, nil
	}
	return true, d.results(d.finishHearing(d.heard), true)
}

func (d *iflytekTalk) begin(o object) error {
	if missing := o.missing("common.app_id", "business.language", "business.domain", "business.accent", "data.format", "data.encoding", "data.audio"); missing != "" {
		return d.fail(10163, "param validate error:/"+strings.ReplaceAll(missing, ".", "/"))
	}
	switch {
	case o.text("common.app_id") != iflytekApp:
		return d.fail(10313, "appid cannot be empty")
	case o.text("business.domain") != "iat" || o.text("data.format") != "audio/L16;rate=16000" || o.text("data.encoding") != "raw":
		return d.fail(10139, "invalid param")
	case d.Fault == "11200":
		return d.fail(11200, "licc limit")
	case d.Fault == "11201":
		return d.fail(11201, "daily flow control over limit")
	}
	d.heard = d.listen(16000, 2)
	return nil
}

// results sends each result. With dynamic correction the first result of a sentence is added,
// and each further one replaces it.
func (d *iflytekTalk) results(results []heard, ended bool) error {
	if ended && len(results) == 0 {
		results = []heard{{final: true}}
	}
	for i, r := range results {
		status := 1
		if ended && i == len(results)-1 {
			status = 2
		}
		text := glue(d.heard.text, r.text)
		d.tell(d.heard, r)
		result := map[string]any{"sn": d.sn, "ls": status == 2, "bg": 0, "ed": 0, "pgs": "apd", "ws": words(text)}
		if d.begun > 0 {
			result["pgs"], result["rg"] = "rpl", []int{d.begun, d.sn - 1}
		} else {
			d.begun = d.sn
		}
		d.sn++
		if r.final {
			d.begun = 0
		}
		if status == 2 {
			d.done()
		}
		answer := map[string]any{"code": 0, "message": "success", "sid": iflytekSID, "data": map[string]any{"status": status, "result": result}}
		if err := d.sendJSON(answer); err != nil {
			return err
		}
	}
	return nil
}

// words returns a text as the list of its words.
func words(text string) []any {
	var all []any
	for _, piece := range pieces(text) {
		all = append(all, map[string]any{"bg": 0, "cw": []any{map[string]any{"sc": 0, "w": piece}}})
	}
	return all
}
