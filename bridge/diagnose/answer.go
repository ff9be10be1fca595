package diagnose

import (
	"bytes"
	"cmp"
	"encoding/json"
	"mime"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"duplex/bridge/dial"
)

// answer holds the parts of a refusal. None may be shown before redact.
type answer struct {
	code      string // error code of the gateway, ModelArts, IAM or the service
	message   string
	canonical string // the canonical request that an API gateway echoes
	requestID string
	lower     string // the body in lower case; of HTML the visible text
	words     string // the message in lower case, or the whole text: without field names and other values
}

// maxText is the maximum size in bytes of a line of plain text that counts as a message.
const maxText = 4000

// depth is the maximum nesting of an error: {"error": {"code": ...}} is 2.
const depth = 3

// Field names of an error body, in lower case, the most reliable first: API gateway and
// ModelArts (error_code, error_msg, request_id), IAM ({"error": {"code", "message"}}),
// problem details (RFC 9457), and other services.
var (
	codeNames      = []string{"error_code", "errorcode", "err_code", "errcode", "code", "errno"}
	messageNames   = []string{"error_msg", "error_message", "errormessage", "err_msg", "errmsg", "message", "msg", "detail", "reason", "status_text", "error_description", "error", "title"}
	requestIDNames = []string{"request_id", "requestid"}
	// Headers in which services explain a refusal without a body.
	messageHeaders = []string{"X-Api-Message", "Dg-Error", "X-Error-Message", "X-Amzn-Errormessage"}
	described      = regexp.MustCompile(`(?i)error_description="([^"]+)"`) // RFC 6750 section 3
)

func parseAnswer(r *dial.Report) answer {
	var a answer
	start := bytes.TrimSpace(r.Body)
	body, isJSON := jsonBody(start)
	switch {
	case isJSON:
		a.lower = strings.ToLower(string(r.Body))
		a.code = findField(body, codeNames, depth)
		a.message = findField(body, messageNames, depth)
		a.requestID = findField(body, requestIDNames, depth)
	case isHTML(r):
		headings, text := visibleText(r.Body)
		a.lower, a.message = strings.ToLower(text), mostTelling(headings, text, r.Status)
		a.words = text
	case bytes.HasPrefix(start, []byte("<")):
		a.lower = strings.ToLower(string(r.Body))
		a.code, a.message = element(start, "Code"), element(start, "Message")
	default:
		a.lower = strings.ToLower(string(r.Body))
		a.code = scanField(r.Body, codeNames[:2])
		a.message = cmp.Or(scanField(r.Body, messageNames[:2]), shortText(r.Body))
		a.requestID = scanField(r.Body, requestIDNames[:1])
	}
	for _, name := range []string{"X-Request-Id", "X-Apig-Request-Id"} {
		a.requestID = cmp.Or(a.requestID, header(r.ResponseHeader, name))
	}
	if a.message == "" {
		a.message = messageInHeader(r)
	}
	a.message, a.canonical = cutCanonical(a.message)
	a.words = strings.ToLower(cmp.Or(a.words, a.message, a.lower)) // without the canonical request: its header names could match
	return a
}

// jsonBody decodes a body that is an object, a list or a string. It refuses numbers, because
// a sentence may begin with one.
func jsonBody(start []byte) (body any, ok bool) {
	if len(start) == 0 || !bytes.ContainsAny(start[:1], `{["`) {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(start))
	decoder.UseNumber()
	return body, decoder.Decode(&body) == nil
}

func messageInHeader(r *dial.Report) string {
	for _, name := range messageHeaders {
		if value := header(r.ResponseHeader, name); value != "" {
			return value
		}
	}
	if m := described.FindStringSubmatch(header(r.ResponseHeader, "Www-Authenticate")); m != nil {
		return m[1]
	}
	return ""
}

// mostTelling returns the first heading of an error page that does not only repeat the
// status, or else a short text.
func mostTelling(headings []string, text string, status int) string {
	for _, heading := range headings {
		if !repeatsStatus(heading, status) {
			return heading
		}
	}
	if len(headings) == 0 && len(text) <= maxQuote {
		return text
	}
	return ""
}

// element returns an element of an XML body, the error format of object stores and some API
// gateways.
func element(body []byte, name string) string {
	if m := regexp.MustCompile(`(?is)<` + name + `>([^<]*)</` + name + `>`).FindSubmatch(body); m != nil {
		return html.UnescapeString(strings.TrimSpace(string(m[1])))
	}
	return ""
}

// findField returns the first text or number in a field with one of the names, in any case.
// It looks at the fields of an object before those of its children.
func findField(body any, names []string, depth int) string {
	switch v := body.(type) {
	case string:
		if slices.Contains(names, "message") && depth != 0 {
			return v
		}
	case []any:
		if len(v) > 0 {
			return findField(v[0], names, depth)
		}
	case map[string]any:
		if depth != 0 {
			return findInObject(lowered(v), names, depth)
		}
	}
	return ""
}

func findInObject(fields map[string]any, names []string, depth int) string {
	for _, name := range names {
		if text := textOfValue(fields[name]); text != "" {
			return text
		}
	}
	for _, child := range []string{"error", "errors", "data", "detail", "fault", "header", "response", "ret"} {
		if _, isText := fields[child].(string); isText {
			continue
		}
		if found := findField(fields[child], names, depth-1); found != "" {
			return found
		}
	}
	return ""
}

// scanField reads a field of JSON that was cut off.
func scanField(body []byte, names []string) string {
	for _, name := range names {
		field := regexp.MustCompile(`"` + name + `"\s*:\s*"((?:[^"\\]|\\.)*)"?`)
		if m := field.FindSubmatch(body); m != nil {
			return string(m[1])
		}
	}
	return ""
}

// cutCanonical splits the echoed canonical request from the message before it.
func cutCanonical(message string) (rest, canonical string) {
	at := strings.Index(strings.ToLower(message), "canonicalrequest:")
	if at < 0 {
		return message, ""
	}
	return strings.TrimRight(message[:at], " ,;"), message[at+len("canonicalRequest:"):]
}

// family returns the code with the current prefix of the API gateway.
func (a answer) family() string {
	prefix, number, found := strings.Cut(a.code, ".")
	if found && (prefix == "APIGW" || prefix == "APIC") {
		return "APIG." + number
	}
	return a.code
}

// isHTML reports whether the body of a refusal is a web page.
func isHTML(r *dial.Report) bool {
	kind, _, _ := mime.ParseMediaType(header(r.ResponseHeader, "Content-Type"))
	start := bytes.ToLower(bytes.TrimSpace(r.Body))
	return kind == "text/html" || kind == "application/xhtml+xml" || bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}

// visibleText returns the headings, the title and the first paragraph of a page, and all its
// visible text. Words in scripts, styles and attributes say nothing about a refusal.
func visibleText(page []byte) (headings []string, text string) {
	var all, title, first, paragraph strings.Builder
	hidden, inside := "", ""
	for tokens := html.NewTokenizer(bytes.NewReader(page)); ; {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			break
		}
		name, _ := tokens.TagName()
		switch tag := string(name); {
		case kind == html.StartTagToken && slices.Contains([]string{"script", "style", "noscript", "template", "svg"}, tag):
			hidden = tag
		case kind == html.StartTagToken && tag == "title",
			kind == html.StartTagToken && slices.Contains([]string{"h1", "h2"}, tag) && first.Len() == 0:
			inside = tag
		case kind == html.StartTagToken && slices.Contains([]string{"p", "pre"}, tag) && paragraph.Len() == 0:
			inside = tag
		case kind == html.EndTagToken && tag == hidden:
			hidden = ""
		case kind == html.EndTagToken && tag == inside, kind != html.TextToken && tag == "br" && inside == "pre":
			inside = ""
		case kind == html.TextToken:
			piece := strings.Join(strings.Fields(string(tokens.Text())), " ")
			if hidden != "" || piece == "" {
				continue
			}
			all.WriteString(piece + " ")
			switch inside {
			case "":
			case "title":
				title.WriteString(piece + " ")
			case "p", "pre":
				paragraph.WriteString(piece + " ")
			default:
				first.WriteString(piece + " ")
			}
		}
	}
	for _, part := range []string{first.String(), title.String(), paragraph.String()} {
		if part = strings.TrimSpace(part); part != "" {
			headings = append(headings, part)
		}
	}
	return headings, strings.TrimSpace(all.String())
}

// shortText returns a short body of plain text, or the first line of a longer one.
func shortText(body []byte) string {
	text := strings.TrimSpace(string(body))
	if line, _, more := strings.Cut(text, "\n"); more && len(text) > maxQuote {
		text = strings.TrimSpace(line)
	}
	if len(text) > maxText || !utf8.ValidString(text) || control.MatchString(strings.NewReplacer("\n", "", "\r", "", "\t", "").Replace(text)) || strings.ContainsAny(text[:min(len(text), 1)], "{[<") {
		return ""
	}
	return text
}
