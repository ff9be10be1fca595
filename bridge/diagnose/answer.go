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

	"duplex/bridge/target"
)

// answer is what a refusal says. Nothing in it is safe to show before redact.
type answer struct {
	code      string // of the gateway, ModelArts, IAM or the service itself
	message   string
	canonical string // the canonical request that an API gateway echoes
	requestID string
	lower     string // the body in lower case, to search in; of HTML the text that a browser shows
	words     string // the message in lower case, else the whole text: free of field names and of other values
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
	var a answer
	var body any
	decoder := json.NewDecoder(bytes.NewReader(r.Body))
	decoder.UseNumber()
	switch {
	case decoder.Decode(&body) == nil:
		a.lower = strings.ToLower(string(r.Body))
		a.code = find(body, codeNames, depth)
		a.message = find(body, messageNames, depth)
		a.requestID = find(body, requestIDNames, depth)
	case isHTML(r):
		heading, text := visibleText(r.Body)
		a.lower, a.message = strings.ToLower(text), heading
		a.words = text
	default:
		a.lower = strings.ToLower(string(r.Body))
		a.code = scan(r.Body, codeNames[:2])
		a.message = cmp.Or(scan(r.Body, messageNames[:2]), shortText(r.Body))
		a.requestID = scan(r.Body, requestIDNames[:1])
	}
	for _, name := range []string{"X-Request-Id", "X-Apig-Request-Id"} {
		if a.requestID == "" {
			a.requestID = header(r.ResponseHeader, name)
		}
	}
	a.message, a.canonical = cutCanonical(a.message)
	a.words = strings.ToLower(cmp.Or(a.words, a.message, a.lower)) // the signed header names of a canonical request are no words
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

// isHTML reports whether the body of a refusal is a web page.
func isHTML(r *target.Report) bool {
	kind, _, _ := mime.ParseMediaType(header(r.ResponseHeader, "Content-Type"))
	start := bytes.ToLower(bytes.TrimSpace(r.Body))
	return kind == "text/html" || kind == "application/xhtml+xml" || bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}

// visibleText returns the first heading of a page, or its title, and all the text
// that a browser shows. Scripts, styles and attributes are left out: words in them
// say nothing about a refusal.
func visibleText(page []byte) (heading, text string) {
	var all, title, first strings.Builder
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
		case kind == html.StartTagToken && slices.Contains([]string{"title", "h1", "h2"}, tag):
			inside = tag
		case kind == html.EndTagToken && tag == hidden:
			hidden = ""
		case kind == html.EndTagToken && tag == inside:
			inside = ""
		case kind == html.TextToken:
			piece := strings.Join(strings.Fields(string(tokens.Text())), " ")
			if hidden != "" || piece == "" {
				continue
			}
			all.WriteString(piece + " ")
			switch {
			case inside == "title":
				title.WriteString(piece + " ")
			case inside != "":
				first.WriteString(piece + " ")
			}
		}
	}
	return strings.TrimSpace(cmp.Or(first.String(), title.String())), strings.TrimSpace(all.String())
}

// shortText returns a body that is a sentence or two of plain text.
func shortText(body []byte) string {
	text := strings.TrimSpace(string(body))
	if len(text) > maxQuote || !utf8.ValidString(text) || control.MatchString(strings.NewReplacer("\n", "", "\r", "", "\t", "").Replace(text)) || strings.ContainsAny(text[:min(len(text), 1)], "{[<") {
		return ""
	}
	return text
}
