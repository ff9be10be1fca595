package diagnose

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxErrorMessage is the size of a message that ErrorIn searches, in bytes. Errors are
// short; a larger message is an answer.
const MaxErrorMessage = 64 << 10

// ServiceError is an error that a service reports inside a message.
type ServiceError struct {
	Code  string // the service's own; "" when it gave none
	Words string
}

// said holds the service's own words about the failure.
type said struct {
	key    string // "said.<key>" of the catalogue
	words  string // as they came; not safe to show before redact
	code   string // the service's own error code
	strong bool   // the words come from an error message, so the end is a failure whatever the close code
}

// readSaid finds the service's own words: in its refusal, in the last message before
// the end, or in the close reason. A message is more explicit than a reason.
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
	if reason := strings.TrimSpace(c.Closing.Reason); reason != "" {
		return said{key: "close", words: reason}
	}
	return said{}
}

func (c *clues) refusalSaid() said {
	words := strings.TrimSpace(c.answer.message)
	if c.status < 400 || words == "" || repeatsStatus(words, c.status) {
		return said{}
	}
	return said{key: withCode("refusal", c.answer.code), words: words, code: c.answer.code}
}

func withCode(key, code string) string {
	if code == "" {
		return key
	}
	return key + "_code"
}

// repeatsStatus reports whether words say no more than the status line, as the error
// pages of most servers do.
func repeatsStatus(words string, status int) bool {
	rest := strings.ToLower(words)
	for _, known := range []string{strconv.Itoa(status), strings.ToLower(http.StatusText(status)), "error", "http"} {
		rest = strings.ReplaceAll(rest, known, "")
	}
	return strings.Trim(rest, " \t\r\n.:;-–|/") == ""
}

// The field names by which services mark a message as an error, in lower case, and
// the values that mean success where a code is always present.
var (
	kindNames    = []string{"type", "event", "resp_type", "message_type", "msg_type", "status", "state", "name", "kind", "event_type"}
	errorNames   = []string{"error", "errors", "error_code", "errorcode", "err_code", "errcode", "err", "err_no", "error_msg", "error_message", "errmsg", "err_msg", "errormessage"}
	messageCodes = []string{"error_code", "errorcode", "err_code", "errcode", "err_no", "code", "status_code"}
	messageTexts = []string{"error_msg", "error_message", "errormessage", "errmsg", "err_msg", "message", "msg", "description", "detail", "details", "reason", "status_text", "status_message", "desc", "text", "error"}
	goodCode     = regexp.MustCompile(`(?i)^(0+|2\d\d|1000|20000000|ok|success|succeeded|none|null|false)?$`)
	goodText     = regexp.MustCompile(`(?i)^(ok|success(ful(ly)?)?|succeeded|done|null|none)?\.?$`)
	badKind      = regexp.MustCompile(`(?i)(^|[^a-z])(fatal[_-]?)?(error|fail|failed|failure|exception|rejected|abort(ed)?)([^a-z]|$)|(task|request|session|transcription|synthesis|response)failed|error$`)
)

// ErrorIn looks for an error in a message: a JSON object that says it is one, or that
// carries an error code and a text. JSON behind a binary head, and JSON in gzip, are
// read as well.
func ErrorIn(payload []byte) (found ServiceError, ok bool) {
	if len(payload) == 0 || len(payload) > MaxErrorMessage {
		return ServiceError{}, false
	}
	for _, text := range jsonTexts(payload) {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		var body any
		if decoder.Decode(&body) != nil {
			continue
		}
		if list, isList := body.([]any); isList && len(list) > 0 {
			body = list[0]
		}
		if object, isObject := body.(map[string]any); isObject {
			if found, ok = errorOf(object, depth); ok {
				return found, true
			}
		}
	}
	return ServiceError{}, false
}

// jsonTexts returns the parts of a payload that may be JSON.
func jsonTexts(payload []byte) [][]byte {
	var texts [][]byte
	if at := bytes.IndexAny(payload, "{["); at >= 0 {
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

// gunzipped inflates as far as MaxErrorMessage.
func gunzipped(data []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	inflated, _ := io.ReadAll(io.LimitReader(r, MaxErrorMessage))
	return inflated
}

// errorOf reads an error out of an object or the objects inside it. An object that
// marks itself as an error is one whatever else it holds; without a mark, a code that
// does not mean success has to come with a text.
func errorOf(object map[string]any, depth int) (found ServiceError, ok bool) {
	fields := lowered(object)
	marked := false
	for _, name := range kindNames {
		text, _ := fields[name].(string)
		marked = marked || badKind.MatchString(text)
	}
	for _, name := range errorNames {
		marked = marked || isError(fields[name])
	}
	code, words := firstText(fields, messageCodes, depth), firstText(fields, messageTexts, depth)
	if !marked {
		code = cmp.Or(textOfValue(fields["code"]), textOfValue(fields["status_code"]))
		words = cmp.Or(textOfValue(fields["message"]), textOfValue(fields["msg"]), textOfValue(fields["description"]), textOfValue(fields["detail"]))
		marked = !goodCode.MatchString(code) && isNumberOrWord(code)
	}
	if marked && !goodText.MatchString(words) {
		if number := textOfValue(fields["status"]); code == "" && strings.ContainsAny(number, "0123456789") {
			code = number
		}
		if words == code || goodCode.MatchString(code) {
			code = ""
		}
		return ServiceError{code, words}, true
	}
	if depth <= 1 {
		return ServiceError{}, false
	}
	for _, name := range []string{"header", "payload", "data", "response", "result"} {
		if child, isObject := fields[name].(map[string]any); isObject {
			if found, ok = errorOf(child, depth-1); ok {
				return found, true
			}
		}
	}
	return ServiceError{}, false
}

// isError reports whether the value of an error field says that there is one.
func isError(value any) bool {
	switch v := value.(type) {
	case string:
		return !goodCode.MatchString(v)
	case json.Number:
		return !goodCode.MatchString(v.String())
	case bool:
		return v
	case map[string]any:
		return len(v) > 0
	case []any:
		return len(v) > 0
	}
	return false
}

// isNumberOrWord rules out codes that are payload, such as source code.
func isNumberOrWord(code string) bool {
	return len(code) <= 64 && !strings.ContainsAny(code, " \t\r\n(){};")
}

// firstText returns the first non-empty text or number of the named fields, then of
// the objects that usually hold an error.
func firstText(fields map[string]any, names []string, depth int) string {
	for _, name := range names {
		if text := textOfValue(fields[name]); text != "" {
			return text
		}
	}
	if depth <= 1 {
		return ""
	}
	for _, child := range []string{"error", "errors", "header", "payload", "data", "response", "status_details", "detail"} {
		object, ok := fields[child].(map[string]any)
		if list, isList := fields[child].([]any); isList && len(list) > 0 {
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

// topic is the family of a cause that words name.
type topic struct {
	rule   string
	action Action
	usual  bool // explains an end whose close code is an ordinary one, too
	words  *regexp.Regexp
}

// topics is tried in order: the words of the first are the most telling.
var topics = []topic{
	{"said_clock", "", true, regexp.MustCompile(`(?i)\bclock\b|time ?skew|too skewed|\b(x-)?date header|valid date|(expired|invalid|stale|old) (timestamp|date)|(timestamp|date)( is| has)? (expired|invalid|too|not|out)|request (has |is )?expired`)},
	{"said_limit", ActionReconnect, true, regexp.MustCompile(`(?i)rate.?limit|too many|quota|concurren|throttl|insufficient|balance|arrears|credits?\b|billing|payment|overload|over capacity|at capacity|no (free )?(slot|worker|capacity)|max(imum)? (number of )?(sessions?|connections?|requests?)|session (duration|time|length) (limit|exceeded)|exceeded (the |your )?(limit|quota|maximum)|queue (is )?full|server (is )?busy|try again later|限流|并发|欠费|余额|配额`)},
	{"said_credential", ActionEditAuth, true, regexp.MustCompile(`(?i)un-?auth|not authori[sz]ed|authenticat|authori[sz]ation|(api|access|secret|app|subscription) ?-?_?key|\btoken\b[^.]{0,40}(invalid|expired|missing|wrong|bad|required|not|revoked|malformed|unknown)|(invalid|expired|missing|wrong|bad|no|revoked|malformed|unknown|incorrect) [^.]{0,24}\b(token|credential|signature|password|key)\b|credential|forbidden|permission|access denied|not allowed to|signature (does not|mismatch|verif|invalid|expired)|鉴权|认证|授权|未授权|密钥|签名`)},
	{"said_idle", ActionReconnect, true, regexp.MustCompile(`(?i)no (audio|data|input|message|speech|activity)|timed? ?-?out|inactiv|idle|keep-?alive|not receiv|did not receive|within the timeout|without (audio|data)|waiting (for )?(next )?(packet|audio|data)|超时|空闲`)},
	{"said_order", "", false, regexp.MustCompile(`(?i)must be (the )?first|first message|must (first )?(be )?(sent|send|receive)|expect(s|ed|ing)|before (sending|any|start)|not (yet )?(started|initiali[sz]ed|configured)|already (started|initiali[sz]ed|configured|set)|setup|handshake message|session\.update|start (message|command|frame)|out of (order|sequence)|sequence`)},
	{"said_message", "", false, regexp.MustCompile(`(?i)invalid|malformed|missing|required|unsupported|not supported|unknown|unrecogni[sz]ed|cannot (parse|decode)|could not (parse|decode)|failed to (parse|decode)|parse error|decode|schema|bad (request|message|format)|unexpected|illegal|wrong|too (long|large|short|big)|参数|格式`)},
	{"said_failure", ActionReconnect, false, regexp.MustCompile(`(?i)internal|crash|panic|exception|out of memory|\boom\b|cuda|\bgpu\b|traceback|fail|error|unavailable|shutting down|restart|terminated|内部错误|异常`)},
}

// wordRules explains an end by the service's own words. A close with 1000, 1001 or
// without a code needs them to name a failure: "done" and "going away" do not.
func wordRules() []rule {
	var rules []rule
	for _, t := range topics {
		rules = append(rules, rule{t.rule, when(t.action, byTarget, func(c *clues) bool {
			return c.said.words != "" && t.rule == topicOf(c.said.words).rule && (c.said.strong || t.usual || !ordinary(c))
		})})
	}
	return append(rules, rule{"said_otherwise", when(ActionReconnect, byTarget, quiet, func(c *clues) bool { return c.said.strong })})
}

// ordinary is a close that by its code is no failure.
func ordinary(c *clues) bool { return code(1000, 1001, 1005)(c) }

func topicOf(words string) topic {
	for _, t := range topics {
		if t.words.MatchString(words) {
			return t
		}
	}
	return topic{}
}

// saidFact is the lead of an explanation: the service's words as they may be shown.
func (c *clues) saidFact() *Fact {
	words := redact(c.said.words)
	if words == "" || !utf8.ValidString(words) {
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
	return []string{"said.refusal", "said.refusal_code", "said.message", "said.message_code", "said.close"}
}
