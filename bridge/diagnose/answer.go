package diagnose

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"duplex/bridge/target"
)

// answer is what a refusal says. Nothing in it is safe to show before redact.
type answer struct {
	code      string // of the gateway, ModelArts, IAM or the service itself
	message   string
	canonical string // the canonical request that an API gateway echoes
	requestID string
	lower     string // the body in lower case, to search in
}

// depth is how far down an error may be nested: {"error": {"code": ...}} is 2.
const depth = 3

// names of the fields of an error body, in the order they are believed: API
// gateway and ModelArts (error_code, error_msg, request_id), IAM ({"error":
// {"code", "message"}}), and what other services use.
var (
	codeNames      = []string{"error_code", "errorCode", "code"}
	messageNames   = []string{"error_msg", "error_message", "message", "msg", "detail", "error"}
	requestIDNames = []string{"request_id", "requestId", "requestID"}
)

func parseAnswer(r *target.Report) answer {
	a := answer{lower: strings.ToLower(string(r.Body))}
	decoder := json.NewDecoder(bytes.NewReader(r.Body))
	decoder.UseNumber()
	var body any
	if decoder.Decode(&body) == nil {
		a.code = find(body, codeNames, depth)
		a.message = find(body, messageNames, depth)
		a.requestID = find(body, requestIDNames, depth)
	} else {
		a.code = scan(r.Body, codeNames[:2])
		a.message = scan(r.Body, messageNames[:2])
		a.requestID = scan(r.Body, requestIDNames[:1])
	}
	for _, name := range []string{"X-Request-Id", "X-Apig-Request-Id"} {
		if a.requestID == "" {
			a.requestID = header(r.ResponseHeader, name)
		}
	}
	a.message, a.canonical = cutCanonical(a.message)
	return a
}

// find returns the first field of one of the names that holds a text or a number,
// looking at an object's own fields before those of its children.
func find(body any, names []string, depth int) string {
	if list, ok := body.([]any); ok && len(list) > 0 {
		return find(list[0], names, depth)
	}
	object, ok := body.(map[string]any)
	if !ok || depth == 0 {
		return ""
	}
	for _, name := range names {
		switch value := object[name].(type) {
		case string:
			if value != "" {
				return value
			}
		case json.Number:
			return value.String()
		}
	}
	for _, child := range []string{"error", "errors", "data", "detail", "fault"} {
		if found := find(object[child], names, depth-1); found != "" {
			return found
		}
	}
	return ""
}

// scan reads a field out of JSON that was cut off.
func scan(body []byte, names []string) string {
	for _, name := range names {
		field := regexp.MustCompile(`"` + name + `"\s*:\s*"((?:[^"\\]|\\.)*)"?`)
		if m := field.FindSubmatch(body); m != nil {
			return string(m[1])
		}
	}
	return ""
}

// cutCanonical parts the echoed canonical request from the message before it.
func cutCanonical(message string) (rest, canonical string) {
	at := strings.Index(strings.ToLower(message), "canonicalrequest:")
	if at < 0 {
		return message, ""
	}
	return strings.TrimRight(message[:at], " ,;"), message[at+len("canonicalRequest:"):]
}

// family returns the code with older prefixes of the API gateway replaced.
func (a answer) family() string {
	prefix, number, found := strings.Cut(a.code, ".")
	if found && (prefix == "APIGW" || prefix == "APIC") {
		return "APIG." + number
	}
	return a.code
}
