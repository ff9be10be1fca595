package dialect

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"duplex/bridge/transcript"
)

// templatePlace tells which values a template has.
type templatePlace int

const (
	placeSession   templatePlace = iota // once for each connection
	placeMint                           // before the handshake
	placeHandshake                      // in sign and handshake
	placeMessage                        // in a message, which may answer another one
	placeText                           // in a message that asks a text
	placeAudio                          // in a message with a frame of audio
)

// namesAt returns the names that a template may use.
func (c *compiler) namesAt(at templatePlace, hasBody bool) []string {
	names := slices.Concat(c.vars, c.session, c.counters)
	for _, name := range c.secrets {
		names = append(names, "secret."+name)
	}
	for _, name := range c.counters {
		names = append(names, name+"++")
	}
	if at >= placeMint {
		names = append(names, "host", "path", "$query_sorted")
	}
	if at >= placeHandshake {
		names = append(names, c.captures...)
		names = append(names, c.lets...)
	}
	if at >= placeMessage {
		names = append(names, "$message")
	}
	if at == placeText {
		names = append(names, "text")
	}
	if at == placeAudio {
		names = append(names, "chunk", "head")
	}
	if hasBody {
		names = append(names, "body")
	}
	return names
}

// template reads a template; nil when n is none.
func (c *compiler) template(n *node, at templatePlace) *Template {
	if n == nil || n.kind == kindList || n.kind == kindMap || n.kind == kindNull {
		return nil
	}
	names := c.namesAt(at, false)
	t, wrong := parseTemplate(n.text, func(name string) bool { return slices.Contains(names, name) })
	for _, failed := range wrong {
		c.reportTemplate(n, failed, names)
	}
	if len(wrong) > 0 {
		return nil
	}
	return t
}

// textTemplate reads a template, or one that a mapping or a list is the JSON of.
func (c *compiler) textTemplate(n *node, at templatePlace) *Template {
	if n == nil || n.kind != kindMap && n.kind != kindList {
		return c.template(n, at)
	}
	encoded := *n
	encoded.kind, encoded.text = kindText, string(n.appendJSON(nil))
	return c.template(&encoded, at)
}

// reportTemplate adds a problem with the place inside of the text.
func (c *compiler) reportTemplate(n *node, failed *TemplateError, names []string) {
	p := Problem{Path: n.path, Code: CodeBadTemplate, Detail: failed.Detail}
	p.Line, p.Column = c.placeInText(n, failed)
	if failed.Name != "" {
		candidates := slices.DeleteFunc(slices.Concat(names, []string{"$now", "$uuid", "$random"}), func(name string) bool {
			return strings.HasSuffix(name, "++") || name == "$message"
		})
		p.Code, p.Nearest = CodeUndefinedName, Nearest(failed.Name, candidates)
	} else if quote := strings.Index(failed.Detail, "did you mean "); quote >= 0 {
		p.Nearest = strings.Trim(failed.Detail[quote+len("did you mean "):], `":?`)
		p.Detail = strings.TrimSuffix(failed.Detail[:quote], "; ")
	}
	c.problems = append(c.problems, p)
}

// placeInText returns the place of an offset in the text of n. Quotes, escapes and folding
// make the file differ from the text, so the piece at the offset is looked for in the file.
func (c *compiler) placeInText(n *node, failed *TemplateError) (line, column int) {
	if c.lines == nil {
		c.lines = []int{0}
		for i := range len(c.source) {
			if c.source[i] == '\n' || c.source[i] == '\r' && !hasAt(c.source, i, "\r\n") {
				c.lines = append(c.lines, i+1)
			}
		}
	}
	offset := min(max(failed.Offset, 0), len(n.text))
	piece := n.text[offset:]
	if end := strings.IndexAny(piece, "|}:\" \\\n'"); end > 0 {
		piece = piece[:end]
	} else if len(piece) > 2 && strings.HasPrefix(piece, "{{") {
		piece = "{{"
	}
	before := strings.Count(n.text[:offset], piece)
	at := c.offsetOf(n.line, n.column)
	if piece == "" || at < 0 {
		return n.line, n.column
	}
	for range before + 1 {
		next := strings.Index(c.source[at:], piece)
		if next < 0 {
			return n.line, n.column
		}
		at += next + 1
	}
	at--
	line, _ = slices.BinarySearch(c.lines, at+1)
	return line, 1 + utf8.RuneCountInString(c.source[c.lines[line-1]:at])
}

// offsetOf returns the offset in bytes of a line and a column of characters; -1 for none.
func (c *compiler) offsetOf(line, column int) int {
	if line < 1 || line > len(c.lines) {
		return -1
	}
	at := c.lines[line-1]
	for range column - 1 {
		if at >= len(c.source) {
			return -1
		}
		_, size := utf8.DecodeRuneInString(c.source[at:])
		at += size
	}
	return at
}

// message reads a message; nil when n is none.
func (c *compiler) message(n *node, at templatePlace) *Message {
	if n == nil || n.kind != kindMap {
		return nil
	}
	m := &Message{Opcode: transcript.Text, Mark: isTrue(n.get("mark"))}
	if source := n.get("text"); source != nil {
		m.text = c.textTemplate(source, at)
		if m.text == nil {
			return nil
		}
		return m
	}
	m.Opcode = transcript.Binary
	body := n.get("body")
	if body != nil {
		m.body = c.bodyTemplate(body, at)
	}
	m.filters = textList(n.get("filters"))
	for i, source := range listOrOne(n.get("binary")) {
		if source.kind != kindText {
			continue
		}
		names := c.namesAt(at, body != nil)
		part, failed := parseBinaryPart(source.text, func(name string) bool { return slices.Contains(names, name) })
		if failed != nil {
			c.reportTemplate(source, failed, names)
			continue
		}
		part.source = source.text
		if part.ofNext && i+1 == len(n.get("binary").items) {
			c.report(source, CodeBadValue, "", "no part follows this length")
		}
		m.parts = append(m.parts, part)
	}
	if len(m.parts) == 0 && n.get("binary") == nil {
		return nil
	}
	return m
}

// bodyTemplate reads "chunk", "text", or a template.
func (c *compiler) bodyTemplate(n *node, at templatePlace) *Template {
	if n.text != "chunk" && n.text != "text" && n.text != "head" {
		return c.template(n, at)
	}
	named := *n
	named.text = "{{" + n.text + "}}"
	return c.template(&named, at)
}

// bareChunk is the message of a frame that is the audio alone.
func bareChunk() *Message {
	return &Message{Opcode: transcript.Binary, parts: []binaryPart{{source: "chunk", value: &expression{kind: valueChunk, name: "chunk"}}}}
}

// path reads a path; the zero Path when n is none.
func (c *compiler) path(n *node) Path {
	if !n.isText() || !strings.HasPrefix(n.text, "$") && !strings.HasPrefix(n.text, "@") {
		return Path{}
	}
	p, err := ParsePath(n.text)
	if err != nil {
		c.report(n, CodeBadPath, "", "the path cannot be read: "+err.Error())
	}
	return p
}

func (c *compiler) paths(n *node) map[string]Path {
	if n == nil || n.kind != kindMap {
		return nil
	}
	paths := map[string]Path{}
	for _, e := range n.entries {
		paths[e.name] = c.path(e.value)
	}
	return paths
}

// match reads a match; nil when n is none.
func (c *compiler) match(n *node) Match {
	if n == nil || n.kind != kindMap {
		return nil
	}
	m := make(Match, 0, len(n.entries))
	for _, e := range n.entries {
		if !strings.HasPrefix(e.name, "$") && !strings.HasPrefix(e.name, "@") {
			continue // a key of done, or reported
		}
		path, err := ParsePath(e.name)
		if err != nil {
			c.report(&node{line: e.line, column: e.column, path: e.value.path}, CodeBadPath, "", "the path cannot be read: "+err.Error())
			continue
		}
		if e.value.kind == kindMap || e.value.kind == kindList {
			continue
		}
		condition, err := newCondition(path, e.value.text, e.value.kind == kindNull)
		if err != nil {
			c.report(e.value, CodeBadPattern, "", err.Error())
			continue
		}
		m = append(m, condition)
	}
	return m
}

func (c *compiler) matches(n *node) []Match {
	var list []Match
	for _, item := range items(n) {
		list = append(list, c.match(item))
	}
	return list
}

// pairsOf reads a list of pairs, or a mapping.
func pairsOf(n *node) []entry {
	list := slices.Clone(entries(n))
	for _, item := range items(n) {
		if len(item.items) == 2 && item.items[0].isText() {
			list = append(list, entry{item.items[0].text, item.items[0].line, item.items[0].column, item.items[1]})
		}
	}
	return list
}

func (c *compiler) pairs(n *node, at templatePlace) []Assignment {
	var list []Assignment
	for _, p := range pairsOf(n) {
		if t := c.template(p.value, at); t != nil {
			list = append(list, Assignment{Name: p.name, Value: t})
		}
	}
	return list
}

func items(n *node) []*node {
	if n == nil || n.kind != kindList {
		return nil
	}
	return n.items
}

func entries(n *node) []entry {
	if n == nil {
		return nil
	}
	return n.entries
}

// listOrOne returns the items of a list, or n itself.
func listOrOne(n *node) []*node {
	if n == nil || n.kind == kindNull {
		return nil
	}
	if n.kind == kindList {
		return n.items
	}
	return []*node{n}
}

// scalar returns a text, a number or a boolean as a text.
func scalar(n *node) string {
	if n == nil || n.kind == kindList || n.kind == kindMap {
		return ""
	}
	return n.text
}

func text(n *node) string {
	if !n.isText() {
		return ""
	}
	return n.text
}

func textOr(n *node, otherwise string) string {
	if t := text(n); t != "" {
		return t
	}
	return otherwise
}

func textList(n *node) []string {
	var list []string
	for _, item := range items(n) {
		if item.isText() {
			list = append(list, item.text)
		}
	}
	return list
}

func isTrue(n *node) bool { return n != nil && n.kind == kindBool && n.text == "true" }

func integerOr(n *node, otherwise int) int {
	if f := numberOr(n, float64(otherwise)); f > -1e9 && f < 1e9 {
		return int(f)
	}
	return otherwise
}

func numberOr(n *node, otherwise float64) float64 {
	if n == nil || n.kind != kindNumber {
		return otherwise
	}
	f, err := strconv.ParseFloat(n.text, 64)
	if err != nil {
		return otherwise
	}
	return f
}

func milliseconds(n *node) time.Duration {
	return time.Duration(numberOr(n, 0) * float64(time.Millisecond))
}

// sentence reads a text, or texts by language. A bare text is English.
func sentence(n *node) map[string]string {
	if n == nil {
		return nil
	}
	if n.kind == kindText {
		return map[string]string{"en": n.text}
	}
	texts := map[string]string{}
	for _, e := range n.entries {
		texts[e.name] = text(e.value)
	}
	return texts
}
