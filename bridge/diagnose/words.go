package diagnose

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"duplex/bridge/sign"
)

// MaxErrorMessage is the maximum size in bytes of a message that ErrorIn reads. A larger
// message is not an error.
const MaxErrorMessage = 64 << 10

// ServiceError is an error that a service reports inside a message.
type ServiceError struct {
	Code  string // the service's own; "" when it gave none
	Words string
	Seq   int64 // of the message; 0 when unknown
}

// said holds the service's own words about the failure.
type said struct {
	key    string // "said.<key>" of the catalogue
	words  string // as received; not to be shown before redact
	code   string // the service's own error code
	strong bool   // the words come from an error message, so the end is a failure with any close code
}

// readSaid returns the service's own words: from its refusal, the last error message, or the
// close reason. A message is more explicit than a reason.
func (c *clues) readSaid() said {
	if c.Closing == nil {
		return c.refusalSaid()
	}
	if c.Closing.ByUs {
		return said{}
	}
	if e := c.Closing.LastError; e.Words != "" {
		return said{key: withCode("message", e.Code), words: e.Words, code: e.Code, strong: true}
	}
	if reason := strings.TrimSpace(readable(c.Closing.Reason)); reason != "" {
		return said{key: "close", words: reason}
	}
	return said{}
}

// readable returns UTF-8 text as it is, and decodes text that looks like Chinese in GB 2312.
// For other bytes it returns "".
func readable(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	if !inGB2312(text) {
		return ""
	}
	decoded, err := simplifiedchinese.GB18030.NewDecoder().String(text)
	if err != nil {
		return ""
	}
	return decoded
}

// inGB2312 reports whether a text is ASCII and at least two characters of GB 2312, each
// of two bytes from A1 to F7 and A1 to FE.
func inGB2312(text string) bool {
	pairs := 0
	for i := 0; i < len(text); i++ {
		if text[i] < utf8.RuneSelf {
			continue
		}
		if i+1 == len(text) || text[i] < 0xa1 || text[i] > 0xf7 || text[i+1] < 0xa1 || text[i+1] == 0xff {
			return false
		}
		pairs++
		i++
	}
	return pairs >= 2
}

func (c *clues) refusalSaid() said {
	words := strings.TrimSpace(c.answer.message)
	if c.status < 400 || words == "" || repeatsStatus(words, c.status) {
		return said{}
	}
	code := c.answer.code
	if code == strconv.Itoa(c.status) {
		code = "" // the status again
	}
	return said{key: withCode("refusal", code), words: words, code: code}
}

func withCode(key, code string) string {
	if code == "" {
		return key
	}
	return key + "_code"
}

// repeatsStatus reports whether words only repeat the status line, as the error pages of most
// servers do.
func repeatsStatus(words string, status int) bool {
	rest := strings.ToLower(words)
	for _, known := range []string{strconv.Itoa(status), strings.ToLower(http.StatusText(status)), "error", "http", "authorization required", "page"} {
		rest = strings.ReplaceAll(rest, known, "")
	}
	return strings.Trim(rest, " \t\r\n.,:;!()-–|/") == ""
}

// Field names with which services mark a message as an error, in lower case, and values that
// mean success in fields that are always present.
var (
	kindNames    = []string{"type", "event", "resp_type", "message_type", "messagetype", "msg_type", "msgtype", "status", "state", "kind", "event_type", "eventtype", "action", "command", "cmd", "op", "object", "level", "severity"}
	errorNames   = []string{"error", "errors", "error_code", "errorcode", "err_code", "errcode", "err", "err_no", "errno", "error_msg", "error_message", "errmsg", "err_msg", "errormessage", "errormsg", "exception_message"}
	errorCodes   = []string{"error_code", "errorcode", "err_code", "errcode", "err_no", "errno"}
	plainCodes   = []string{"code", "status_code", "statuscode", "resultcode", "result_code", "ret", "ename"}
	messageCodes = slices.Concat(errorCodes, plainCodes)
	messageTexts = []string{"error_msg", "error_message", "errormessage", "errormsg", "errmsg", "err_msg", "exception_message", "error_description", "failure_reason", "message", "msg", "description", "detail", "details", "reason", "status_text", "status_message", "status_reason", "statusreason", "resultmsg", "desc", "evalue", "text", "error", "title"}
	plainTexts   = []string{"message", "msg", "detail", "status_text"}
	markedTexts  = []string{"data", "payload", "content", "body"} // texts of an error where no field of messageTexts has one
	goodCode     = regexp.MustCompile(`(?i)^([a-z]?0+|s?2\d\d|1000|10000|20000|20000000|ok|success|succeeded|none|null|false|no|no[ _-]?errors?|无)?$`)
	goodText     = regexp.MustCompile(`(?i)^((ok|success(ful(ly)?)?|succeeded|done|null|none|no errors?)?\.?|(.*[^未不])?(成功|完成|正常))$`)
	badKind      = regexp.MustCompile(`(?i)(^|[^a-z])(fatal|error|fail|failed|failure|exception|rejected)([^a-z]|$)|(task|request|session|transcription|synthesis|response)failed$|error$|[._-](timeout|denied|exceeded|unauthori[sz]ed|invalid)$`)
	badName      = regexp.MustCompile(`^([A-Z]\w*)?(Failed|Error|Exception)$`) // "name" is a kind only in the spelling of one
	noBadKind    = regexp.MustCompile(`(?i)\s|^(no|non|without|zero)[-_.]?error|error[-_.]?(free|rate|count|correct|detect)|failed[-_]?over|[-_](list|count|rate)s?$`)
	badCode      = regexp.MustCompile(`(?i)error|fail|invalid|denied|exceed|time-?_?d?_?out|unauth|forbid|not_?(found|allowed|supported)|missing|unsupported|limit|expired|exception|refused|throttl|unavailable|conflict|illegal|insufficient|quota|arrear`)
	barePhrase   = regexp.MustCompile(`(?i)^(bad request|unauthori[sz]ed|forbidden|not found|too many requests|internal server error|bad gateway|service unavailable|gateway timeout)\.?$`)
	textHead     = regexp.MustCompile(`(?s)^\s*$|^\d{1,6}$|^(event|data|id): ?.*$|\r?\n\r?\n$|[\x00-\x08\x0e-\x1f\x7f]`)
	plainError   = regexp.MustCompile(`(?s)^(?:\[(?:ERROR|Error|FATAL)\]|(?:ERROR|ERR|FATAL)[:： ]|(?:Error|Fatal error|Exception|错误|异常)\s?[:：])\s*(\S.*)$|^Traceback \(most recent call last\):.*\n(\S[^\n]*)\s*$`)
	bareBeside   = []string{"message", "connectionid", "requestid", "request_id", "connection_id"}
)

// errorDepth is the maximum nesting of an error: {"response": {"status_details": {"error":
// {"code": ...}}}} is 4.
const errorDepth = 4

// maxPlainError is the maximum size in bytes of a plain text message that counts as an error.
const maxPlainError = 1000

// ErrorIn looks for an error in a message: a JSON object that is marked as one, or has an error
// code and a text, or plain text that begins with "Error:". It also reads JSON behind a
// binary header, JSON lines, and JSON in gzip.
func ErrorIn(payload []byte) (found ServiceError, ok bool) {
	if len(payload) == 0 || len(payload) > MaxErrorMessage {
		return ServiceError{}, false
	}
	if bytes.HasPrefix(payload, []byte(`44{`)) { // CONNECT_ERROR of Socket.IO
		payload = slices.Concat([]byte(`42["error",`), payload[2:], []byte("]"))
	}
	for _, text := range jsonTexts(payload) {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		for body := any(nil); decoder.Decode(&body) == nil; body = nil {
			if found, ok = errorOfValue(body); ok {
				return found, true
			}
		}
	}
	if m := plainError.FindSubmatch(payload); m != nil && len(payload) <= maxPlainError && utf8.Valid(payload) {
		if words := strings.TrimSpace(cmp.Or(string(m[1]), string(m[2]))); !goodText.MatchString(words) {
			return ServiceError{Words: words}, true
		}
	}
	return ServiceError{}, false
}

// maxEnd is the maximum size in bytes of a message that IsEnd reads.
const maxEnd = 2 << 10

// endKind matches the type of a message that announces the end, such as END, run-end and
// session.closed.
var endKind = regexp.MustCompile(`(?i)(^|[._-])(end|ended|eos|finish(ed)?|closed?|closing|stop(ped)?|terminated?|termination|done|bye|disconnect(ed)?)$`)

// IsEnd reports whether a message only announces the end of a session. An error right before
// it is the cause.
func IsEnd(payload []byte) bool {
	var object map[string]any
	if len(payload) > maxEnd || json.Unmarshal(payload, &object) != nil {
		return false
	}
	fields := lowered(object)
	if event, nested := fields["event"].(map[string]any); nested {
		fields = lowered(event)
	}
	return slices.ContainsFunc(append([]string{"message"}, kindNames...), func(name string) bool {
		kind, _ := fields[name].(string)
		return endKind.MatchString(kind)
	})
}

// errorOfValue reads an error out of an object, a list of objects, or a list that names
// an event and its value, as Socket.IO sends it (socket.io-protocol, "Packet encoding").
func errorOfValue(body any) (found ServiceError, ok bool) {
	if list, isList := body.([]any); isList && len(list) > 0 {
		name, named := list[0].(string)
		if named && len(list) > 1 && isBadKind(name) {
			body = map[string]any{"type": name, "data": list[1]}
		} else {
			body = list[0]
		}
	}
	object, isObject := body.(map[string]any)
	if !isObject {
		return ServiceError{}, false
	}
	return errorOf(object, errorDepth)
}

// jsonTexts returns the parts of a payload that may be JSON: at the beginning, or behind the
// digits of Socket.IO, the fields of a server-sent event, header lines or a binary header.
// JSON behind words is a quotation.
func jsonTexts(payload []byte) [][]byte {
	var texts [][]byte
	if at := bytes.IndexAny(payload, "{["); at >= 0 && (textHead.Match(payload[:at]) || !utf8.Valid(payload[:at])) {
		texts = append(texts, payload[at:])
		if brace := bytes.IndexByte(payload, '{'); brace > at {
			texts = append(texts, payload[brace:])
		}
	}
	if at := bytes.Index(payload, []byte{0x1f, 0x8b, 0x08}); at >= 0 {
		if inflated := gunzipped(payload[at:]); len(inflated) > 0 {
			texts = append(texts, inflated)
		}
	}
	return texts
}

// gunzipped inflates at most MaxErrorMessage bytes.
func gunzipped(data []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	inflated, _ := io.ReadAll(io.LimitReader(r, MaxErrorMessage))
	return inflated
}

// errorOf reads an error out of an object or the objects inside it. An object without a mark
// of an error needs a code that does not mean success, and a text.
func errorOf(object map[string]any, depth int) (found ServiceError, ok bool) {
	fields := lowered(object)
	if words, named := kindAsMessage(fields); named {
		return ServiceError{Code: textOfValue(fields["type"]), Words: words}, true
	}
	code, words := firstText(fields, messageCodes, depth), firstText(fields, messageTexts, depth)
	bad := marked(fields)
	if bad {
		words = cmp.Or(words, firstText(fields, markedTexts, 1), code)
	}
	if !bad {
		code, words = firstText(fields, plainCodes, 1), firstText(fields, plainTexts, 1)
		bad = tellsFailure(fields, code, words)
	}
	if bad && !goodText.MatchString(words) {
		if number := textOfValue(fields["status"]); code == "" && number != "" && strings.Trim(number, "0123456789") == "" {
			code = number
		}
		if words == code || goodCode.MatchString(code) {
			code = ""
		}
		return ServiceError{Code: code, Words: words}, true
	}
	if depth <= 1 || succeeded(fields) {
		return ServiceError{}, false
	}
	for _, name := range []string{"header", "payload", "data", "response", "result", "event", "error"} {
		if child, isObject := fields[name].(map[string]any); isObject {
			if found, ok = errorOf(child, depth-1); ok {
				return found, true
			}
		}
	}
	return ServiceError{}, false
}

// marked reports whether an object is marked as an error.
func marked(fields map[string]any) bool {
	for _, name := range kindNames {
		if text, _ := fields[name].(string); isBadKind(text) {
			return true
		}
	}
	if name, _ := fields["name"].(string); badName.MatchString(name) {
		return true
	}
	for _, name := range []string{"success", "succeeded", "ok"} {
		if value, known := fields[name]; known && (value == false || value == "false") {
			return true
		}
	}
	if list, isList := fields["detail"].([]any); isList && len(list) > 0 && len(fields) == 1 { // FastAPI
		return true
	}
	return slices.ContainsFunc(errorNames, func(name string) bool { return isError(fields[name]) })
}

func isBadKind(text string) bool {
	return len(text) <= 64 && badKind.MatchString(text) && !noBadKind.MatchString(text)
}

// kindAsMessage reads {"message": "Error", "type": …, "reason": …}, in which the message
// is the kind.
func kindAsMessage(fields map[string]any) (words string, ok bool) {
	kind, words := textOfValue(fields["message"]), textOfValue(fields["reason"])
	return words, strings.EqualFold(kind, "error") && words != ""
}

// succeeded reports whether an object is marked as a success, so that codes inside it are
// data.
func succeeded(fields map[string]any) bool {
	code := textOfValue(fields["code"])
	return fields["success"] == true || fields["ok"] == true || code != "" && goodCode.MatchString(code)
}

func onlyHas(fields map[string]any, names []string) bool {
	for name := range fields {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}

// tellsFailure reports whether an object without a mark is an error by its code. Services also
// use codes for success, progress and languages, so a low number or a word needs words of
// failure beside it.
func tellsFailure(fields map[string]any, code, words string) bool {
	if succeeded(fields) {
		return false
	}
	if text := textOfValue(fields["status_text"]); text != "" {
		return !goodCode.MatchString(textOfValue(fields["status"]))
	}
	status, _ := strconv.Atoi(cmp.Or(textOfValue(fields["status"]), code))
	if status >= 400 && status <= 599 {
		return true
	}
	if barePhrase.MatchString(words) && onlyHas(fields, bareBeside) { // AWS API Gateway
		return true
	}
	if goodCode.MatchString(code) || !isNumberOrWord(code) {
		return false
	}
	if number, err := strconv.Atoi(code); err == nil {
		return number < 0 || number >= 400 || namesFailure(words)
	}
	return badCode.MatchString(code) || strings.ContainsAny(code, "0123456789") && namesFailure(words)
}

// isError reports whether the value of an error field means an error.
func isError(value any) bool {
	switch v := value.(type) {
	case string:
		return !goodCode.MatchString(v)
	case json.Number:
		return !goodCode.MatchString(v.String())
	case bool:
		return v
	case map[string]any:
		fields := lowered(v)
		code, coded := fields["code"]
		return len(v) > 0 && (!coded || code == nil || !goodCode.MatchString(textOfValue(code)))
	case []any:
		return len(v) > 0
	}
	return false
}

// isNumberOrWord rules out codes that are payload, such as source code.
func isNumberOrWord(code string) bool {
	return len(code) <= 64 && !strings.ContainsAny(code, " \t\r\n(){};")
}

// firstText returns the first text or number in the named fields, or else in the child objects
// that usually hold an error.
func firstText(fields map[string]any, names []string, depth int) string {
	for _, name := range names {
		if text := textOfValue(fields[name]); text != "" {
			return text
		}
	}
	if depth <= 1 {
		return ""
	}
	for _, child := range []string{"error", "errors", "header", "payload", "data", "content", "response", "status_details", "event", "detail"} {
		object, ok := fields[child].(map[string]any)
		if list, isList := fields[child].([]any); isList && len(list) > 0 {
			if text, isText := list[0].(string); isText && slices.Contains(names, "message") {
				return text
			}
			object, ok = list[0].(map[string]any)
		}
		if !ok {
			continue
		}
		if text := firstText(lowered(object), names, depth-1); text != "" {
			return text
		}
	}
	return ""
}

func textOfValue(value any) string {
	switch v := value.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	}
	return ""
}

func lowered(object map[string]any) map[string]any {
	out := make(map[string]any, len(object))
	for name, value := range object {
		out[strings.ToLower(name)] = value
	}
	return out
}

// topic is a cause that words can name.
type topic struct {
	rule   string
	action Action
	usual  bool // explains an end with an ordinary close code too
	words  *regexp.Regexp
}

// topics are tried in order; the first have the most specific words.
var topics = []topic{
	{"said_clock", "", true, regexp.MustCompile(`(?i)\bclock\b|time ?skew|too skewed|\b(x-)?date header|valid date|(expired|invalid|stale|old) (timestamp|date)|(timestamp|date)( is| has)? (expired|invalid|too|not|out)|request (has |is )?expired|signature (has |is )?expired|时间戳|时钟|签名(已)?过期`)},
	{"said_limit", ActionReconnect, true, regexp.MustCompile(`(?i)rate.?limit|too many|too fast|slow down|quota|concurren|throttl|insufficient (fund|balance|credit|resource|capacity|quota)|balance|arrears|(out of|no|insufficient|not enough|enough|remaining) credits?\b|credits? (remaining|left|exhausted|used|balance)|billing|payment|overload|over capacity|at capacity|no (free )?(slot|worker|capacity)|max(imum)? (number of )?(sessions?|connections?|requests?)|max(imum)? (session )?(duration|time|length)([^,]|$)|session (duration|time|length) (limit|exceeded)|session (has |is )?expired|exceeded (the |your )?(limit|quota|maximum)|resource (has been )?exhausted|\blic(c|en[cs]e)? limit|queue (is )?full|server (is )?(busy|full)|try again later|限流|并发|欠费|余额|配额|超限|上限|\b(connection|concurrency|session|request|usage) limit|limit (was |is |has been )?(reached|exceeded)|\ball [^.]{0,20}busy|free trial|upgrade your plan|频繁|繁忙|过快|资源包`)},
	{"said_message", "", false, regexp.MustCompile(`(?i)unsupported|not supported|不支持`)},
	{"said_failure", ActionReconnect, false, regexp.MustCompile(`(?i)unexpected condition|\bexited\b|keepalive ping timeout|退出`)},
	{"said_credential", ActionEditAuth, true, regexp.MustCompile(`(?i)un-?auth|not[ _]authori[sz]ed|authenticat|authori[sz]ation|(api|access|secret|app|subscription)[ _-]?key|\btoken\b[^.]{0,40}(invalid|expired|missing|wrong|bad|required|not|revoked|malformed|unknown)|(invalid|expired|missing|wrong|bad|no|revoked|malformed|unknown|incorrect) [^.]{0,24}\b(token|credential|signature|password|key)\b|credential|forbidden|permission|access[ _]denied|not have access|not allowed to|signature (does not|mismatch|verif|invalid|expired)|\bauth\b[^.]{0,10}(fail|error|invalid|required|denied|expired)|\bjwt\b|log-?in (is )?(required|failed)|(user|account|app ?id|app ?key) (was )?(not found|does not exist|unknown|disabled)|(用户|账号|账户|appid|appkey) ?(不存在|已禁用|未找到)|鉴权|认证|授权|密钥|签名|令牌|无权|权限|凭证|登录`)},
	{"said_idle", ActionReconnect, true, regexp.MustCompile(`(?i)no (audio|data|input|messages?|speech)( data)? (was |were |has been |is )?(received|sent|for|within|in \d|arriv)|no activity|timed? ?-?out|over ?time\b|inactiv|idle|keep-?alive|not receiv|did not receive|fail(ed|ure) to receive|within the timeout|without (audio|data)|waiting (for )?(next )?(packet|audio|data)|超时|空闲|长时间|未收到|未发送|无数据`)},
	{"said_order", "", false, regexp.MustCompile(`(?i)must be (the )?first|first message|must (first )?(be )?(sent|send|receive)|expect(s|ed|ing)?\b[^.]{0,40}(message|first|start|setup|config|command|event|frame)|before (sending|any|start|the (start|config|setup)|config|setup)|not (yet )?(started|initiali[sz]ed|configured)|already (started|initiali[sz]ed|configured|set)|(no|missing|send|second|without|after) [^.]{0,16}setup|setup (message )?(must|first|is required|required|not|before)|handshake message|session\.update|start (message|command|frame)|out of (order|sequence)|sequence|请先|首先|顺序`)},
	{"said_message", "", false, regexp.MustCompile(`(?i)invalid|malformed|missing|required|unknown|unrecogni[sz]ed|(cannot|could not|failed to|unable to) (parse|decode)|parse error|decode|schema|bad (request|message|format|input|data|value|param)|\b(un)?expected\b|illegal|wrong|not (a )?valid|not (been )?found|\bparam(eter)?s?\b|too (long|large|short|big)|\b(must|should) be\b|not (allowed|accepted)|only (text|binary)|mismatch|does not exist|(language|voice|codec|format|encoding|rate)\b[^.]{0,20} not available|(context|maximum|max) length|不存在|未找到|参数|格式|无效|缺失|缺少|非法|不能为空`)},
	{"said_failure", ActionReconnect, false, regexp.MustCompile(`(?i)internal|crash|panic|exception|out of memory|\boom\b|cuda|\bgpu\b|traceback|fail|error|unavailable|unreachable|upstream|backend|not (loaded|ready|available)|\b(died|dead|killed|down)\b|shutting down|restart|terminated|错误|异常|失败|崩溃|不足|不可用`)},
}

// denies matches words of failure, which an ordinary close, or a message with a low code, needs
// to count as a failure.
var denies = regexp.MustCompile(`(?i)\b(not?|un\w+|invalid|expired|missing|wrong|bad|denied|refused|revoked|forbidden|mismatch|incorrect|malformed|unknown|exceed\w*|exhausted|reached|insufficient|required|too|max\w*|full|busy|overload\w*|limit\w*|over|out|trial|timed?-?\s?out|timeout|inactiv\w*|idle|fail\w*|error|later|skew\w*|stale|old|without|waiting|crash\w*|died|dead|killed|down|gone|broken|illegal|cannot|panic|oom)\b|un-?auth|throttl|keep-?alive|[无不未超缺限欠频]|失败|错误|异常|过期|非法|繁忙|过快|崩溃|退出|拒绝|空闲|长时间`)

// wordRules explain an end by the service's own words. With close code 1000, 1001 or none the
// words must name a failure: "done" and "going away" do not. Close codes 1012 to 1014 say
// more than words that only name a failure.
func wordRules() []rule {
	var rules []rule
	for i, t := range topics {
		if slices.ContainsFunc(topics[:i], func(before topic) bool { return before.rule == t.rule }) {
			continue
		}
		if t.rule == "said_message" { // nothing was sent, so the request is meant
			rules = append(rules, rule{"said_request", when("", byTarget, func(c *clues) bool {
				return c.Closing.Sent == 0 && topicOfSaid(c.said).rule == t.rule && (c.said.strong || !ordinary(c))
			})})
		}
		rules = append(rules, rule{t.rule, when(t.action, byTarget, func(c *clues) bool {
			if t.rule != topicOfSaid(c.said).rule || t.rule == "said_failure" && code(1012, 1013, 1014)(c) {
				return false
			}
			return c.said.strong || !ordinary(c) || t.usual && namesFailure(c.said.words)
		})})
	}
	return append(rules, rule{"said_otherwise", when(ActionReconnect, byTarget, quiet, func(c *clues) bool { return c.said.strong })})
}

// ordinary holds for a close code that means no failure.
func ordinary(c *clues) bool { return code(1000, 1001, 1005)(c) }

// namesFailure reports whether words alone name a failure.
func namesFailure(words string) bool {
	return topicOf(words).rule != "" && denies.MatchString(strings.ReplaceAll(words, "_", " "))
}

// topicOfSaid returns the topic of the words, or of the code if the words only name a failure.
func topicOfSaid(s said) topic {
	found := topicOf(s.words)
	if s.words == "" || s.code == "" || found.rule != "" && found.rule != "said_failure" {
		return found
	}
	if byCode := topicOf(codeWords.ReplaceAllString(s.code, "$1 $2")); byCode.rule != "" {
		return byCode
	}
	return found
}

// codeWords splits the words of InvalidParameter and session_expired.
var codeWords = regexp.MustCompile(`([a-z])[-_]?([A-Z])`)

func topicOf(words string) topic {
	words = strings.ReplaceAll(words, "_", " ")
	for _, t := range topics {
		if t.words.MatchString(words) {
			return t
		}
	}
	return topic{}
}

// saidFact returns the service's own words with secrets masked; nil if nothing readable is
// left.
func (c *clues) saidFact() *Fact {
	words := redact(c.said.words)
	if strings.Trim(strings.ReplaceAll(words, sign.Masked, ""), "\uFFFD. ") == "" { // nothing is left to read
		return nil
	}
	values := map[string]string{"words": words}
	if c.said.code != "" {
		values["code"] = redact(c.said.code)
	}
	if c.Closing != nil {
		values["close_code"] = strconv.Itoa(c.Closing.Code)
	}
	return &Fact{Key: "said." + c.said.key, Values: values}
}

// SaidKeys returns the keys of the sentences that quote a service.
func SaidKeys() []string {
	return []string{"said.refusal", "said.refusal_code", "said.message", "said.message_code", "said.open", "said.open_code", "said.close"}
}
