package dialect

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// compiler turns nodes into a Dialect. It skips values of a wrong type: the schema has
// reported them.
type compiler struct {
	source   string
	lines    []int // byte offsets of the lines in source
	problems []Problem

	vars, secrets, session, captures, lets, counters []string
}

func (c *compiler) compile(root *node) *Dialect {
	d := &Dialect{
		Name:     text(root.get("name")),
		Title:    sentence(root.get("title")),
		Source:   Origin{URL: text(root.get("source").get("url")), Checked: text(root.get("source").get("checked")), Until: text(root.get("source").get("until"))},
		counters: map[string]int64{},
	}
	c.compileNames(root, d)
	d.Recognise = Recognition{
		Hosts:    textList(root.get("recognise").get("hosts")),
		Paths:    textList(root.get("recognise").get("paths")),
		Messages: c.matches(root.get("recognise").get("messages")),
	}
	d.session = c.pairs(root.get("session"), placeSession)
	d.Mint = c.mint(root.get("mint"))
	d.Sign = c.sign(root.get("sign"))
	d.Handshake = Handshake{
		Headers: c.pairs(root.get("handshake").get("headers"), placeHandshake),
		Query:   c.pairs(root.get("handshake").get("query"), placeHandshake),
	}
	for _, n := range items(root.get("handshake").get("subprotocols")) {
		d.Handshake.Subprotocols = append(d.Handshake.Subprotocols, c.template(n, placeHandshake))
	}
	d.Open, _ = c.steps(root.get("open"), placeMessage)
	d.Audio = c.audioIn(root.get("in").get("audio"))
	d.Text = c.textIn(root.get("in").get("text"))
	d.Sent = SentRules{ToolResults: c.toolResults(root.get("in").get("tool_result")), Interrupted: c.interrupted(root.get("in").get("interrupted"))}
	d.Receive = c.receive(root.get("receive"))
	d.Keepalive = c.keepalive(root.get("keepalive"), d.Audio)
	for _, n := range listOrOne(root.get("reply")) {
		d.Replies = append(d.Replies, Reply{When: c.match(n.get("when")), Send: c.message(n.get("send"), placeMessage)})
	}
	for _, n := range items(root.get("finish")) {
		if m := c.message(n, placeMessage); m != nil {
			d.Finish = append(d.Finish, *m)
		}
	}
	for _, n := range items(root.get("cancel")) {
		if m := c.message(n, placeMessage); m != nil {
			d.Cancel = append(d.Cancel, *m)
		}
	}
	d.Limits = c.limits(root.get("limits"))
	d.Errors = compileErrors(root.get("errors"))
	for _, n := range items(root.get("ignore")) {
		d.Ignore = append(d.Ignore, c.path(n))
	}
	return d
}

// compileNames reads all names first: templates may use those that follow.
func (c *compiler) compileNames(root *node, d *Dialect) {
	for _, e := range entries(root.get("vars")) {
		v := Var{Name: e.name, Title: sentence(e.value.get("title"))}
		from := e.value
		if from.kind == kindMap {
			from = from.get("default")
		}
		v.Default = scalar(from)
		v.Required = from == nil || from.kind == kindNull
		if required := e.value.get("required"); required != nil && required.kind == kindBool {
			v.Required = required.text == "true"
		}
		d.Vars = append(d.Vars, v)
		c.vars = c.declare(c.vars, e.name, e.line, e.column, e.value.path)
	}
	for _, n := range items(root.get("secrets")) {
		name := n
		if n.kind == kindMap {
			name = n.get("name")
		}
		if !name.isText() {
			continue
		}
		if slices.Contains(c.secrets, name.text) {
			c.report(name, CodeDuplicateKey, "", "the secret "+strconv.Quote(name.text)+" is already named")
		}
		d.Secrets = append(d.Secrets, Secret{Name: name.text, Optional: isTrue(n.get("optional"))})
		c.secrets = append(c.secrets, name.text)
	}
	for _, e := range entries(root.get("session")) {
		c.session = c.declare(c.session, e.name, e.line, e.column, e.value.path)
	}
	for _, e := range entries(root.get("counters")) {
		if n, err := strconv.ParseInt(e.value.text, 10, 64); err == nil && e.value.kind == kindNumber {
			d.counters[e.name] = n
		}
		c.counters = c.declare(c.counters, e.name, e.line, e.column, e.value.path)
	}
	takes := []*node{root.get("mint").get("take")}
	for _, steps := range []*node{root.get("open"), root.get("in").get("audio").get("end"), root.get("in").get("text").get("send")} {
		for _, step := range items(steps) {
			takes = append(takes, step.get("capture"))
		}
	}
	for _, take := range takes {
		for _, e := range entries(take) {
			if _, is := wordValues[e.name]; is {
				c.reportReserved(e.name, e.line, e.column, e.value.path)
			}
			c.captures = append(c.captures, e.name)
		}
	}
	for _, part := range []string{"let", "then"} {
		for _, pair := range pairsOf(root.get("sign").get(part)) {
			if _, is := wordValues[pair.name]; is {
				c.reportReserved(pair.name, pair.line, pair.column, pair.value.path)
			}
			c.lets = append(c.lets, pair.name)
		}
	}
}

// declare adds a name to list. A name that the format uses, or that is declared with another
// meaning, is a problem.
func (c *compiler) declare(list []string, name string, line, column int, path string) []string {
	if _, is := wordValues[name]; is {
		c.reportReserved(name, line, column, path)
	}
	for _, other := range [][]string{c.vars, c.session, c.counters} {
		if slices.Contains(other, name) {
			c.problems = append(c.problems, Problem{Line: line, Column: column, Path: path, Code: CodeDuplicateKey, Detail: "the name " + strconv.Quote(name) + " is already declared in vars, session or counters"})
			break
		}
	}
	return append(list, name)
}

func (c *compiler) reportReserved(name string, line, column int, path string) {
	c.problems = append(c.problems, Problem{Line: line, Column: column, Path: path, Code: CodeBadValue, Detail: "the name " + strconv.Quote(name) + " is one of the format's own"})
}

func (c *compiler) mint(n *node) *Mint {
	if n == nil {
		return nil
	}
	m := &Mint{Method: text(n.get("method")), URL: c.template(n.get("url"), placeMint), Headers: c.pairs(n.get("headers"), placeMint), Take: c.paths(n.get("take"))}
	if m.Method == "" {
		m.Method = "POST"
	}
	if body := n.get("body"); body != nil {
		m.Body = c.textTemplate(body, placeMint)
	}
	return m
}

func (c *compiler) sign(n *node) *Sign {
	if n == nil {
		return nil
	}
	return &Sign{
		Let:        c.pairs(n.get("let"), placeHandshake),
		Query:      c.pairs(n.get("query"), placeHandshake),
		Then:       c.pairs(n.get("then"), placeHandshake),
		QueryAfter: c.pairs(n.get("query_after"), placeHandshake),
		Headers:    c.pairs(n.get("headers"), placeHandshake),
	}
}

func (c *compiler) audioIn(n *node) *AudioIn {
	if n == nil {
		return nil
	}
	a := &AudioIn{
		Rate:      c.template(n.get("rate"), placeMessage), // a service may tell it when it opens
		Encoding:  Encoding(textOr(n.get("encoding"), string(S16LE))),
		Channels:  integerOr(n.get("channels"), 1),
		Frame:     milliseconds(n.get("ms")),
		FrameSize: int(c.size(n.get("bytes"))),
		Pace:      numberOr(n.get("pace"), 1),
		Container: Container(textOr(n.get("container"), string(ContainerStrip))),
		First:     c.message(n.get("first"), placeAudio),
		Each:      c.message(n.get("frame"), placeAudio),
		Last:      c.message(n.get("last"), placeAudio),
		Silence:   milliseconds(n.get("silence_after_end_ms")),
	}
	if n.get("ms") != nil && n.get("bytes") != nil {
		c.report(n.get("bytes"), CodeBadValue, "", "a frame has either ms or bytes")
	}
	if a.Frame == 0 && a.FrameSize == 0 {
		a.Frame = 100 * time.Millisecond
	}
	if a.Each == nil {
		a.Each = bareChunk()
	}
	var marks []int
	a.End, marks = c.steps(n.get("end"), placeMessage)
	a.MarkEnd = len(marks) > 0
	if len(marks) > 1 {
		c.report(n.get("end"), CodeBadValue, "", "only one message may have a mark")
	}
	return a
}

func (c *compiler) textIn(n *node) *TextIn {
	if n == nil {
		return nil
	}
	t := &TextIn{}
	var marks []int
	t.Send, marks = c.steps(n.get("send"), placeText)
	for i, step := range t.Send {
		if step.Send != nil {
			t.Mark = i
		}
	}
	if len(marks) > 0 {
		t.Mark = marks[0]
	}
	mark := n.get("mark")
	if i, err := strconv.Atoi(scalar(mark)); err == nil && mark.kind == kindNumber {
		sources := items(n.get("send"))
		if i < 0 || i >= len(sources) || sources[i].get("wait") != nil || sources[i].get("capture") != nil || sources[i].get("quiet") != nil {
			c.report(mark, CodeBadValue, "", "mark must be the index of a message in send, from 0")
			return t
		}
		// A source of the file may be two steps, a wait and a capture.
		t.Mark = i
		for _, before := range sources[:i] {
			if before.get("wait") != nil && before.get("capture") != nil {
				t.Mark++
			}
		}
	}
	if len(marks) > 1 || len(marks) == 1 && marks[0] != t.Mark {
		c.report(n.get("send"), CodeBadValue, "", "only one message may have a mark")
	}
	isMessage := func(n *node) bool { return n.get("send") != nil || n.get("text") != nil || n.get("binary") != nil }
	if sources := items(n.get("send")); len(sources) > 0 && !slices.ContainsFunc(sources, isMessage) {
		c.report(n.get("send"), CodeMissingKey, "", "send has no message")
	}
	return t
}

func (c *compiler) keepalive(n *node, audio *AudioIn) *Keepalive {
	if n == nil {
		return nil
	}
	k := &Keepalive{Every: c.duration(n.get("every")), When: KeepaliveWhen(textOr(n.get("when"), string(WhenIdleSent)))}
	if k.Silence = text(n.get("send")) == "silence"; !k.Silence {
		k.Send = c.message(n.get("send"), placeMessage)
	}
	if k.Silence && audio == nil {
		c.report(n.get("send"), CodeBadValue, "", "silence needs in.audio")
	}
	if n.get("every") != nil && k.Every < 100*time.Millisecond && n.get("every").isText() {
		c.report(n.get("every"), CodeBadValue, "", "the shortest time is 100ms")
	}
	return k
}

func (c *compiler) limits(n *node) Limits {
	l := Limits{
		Message:         c.size(n.get("message")),
		Rate:            numberOr(n.get("rate"), 0),
		Idle:            c.duration(n.get("idle")),
		IdleCountsAudio: text(n.get("idle_counts")) == "audio",
		Gap:             c.duration(n.get("gap")),
		Audio:           c.duration(n.get("audio")),
		Session:         c.duration(n.get("session")),
		Request:         c.duration(n.get("request")),
		Chars:           integerOr(n.get("chars"), 0),
	}
	frame := n.get("frame")
	if frame == nil {
		return l
	}
	if frame.kind != kindList {
		l.FrameMax = c.size(frame)
		return l
	}
	if len(frame.items) == 2 {
		l.FrameMin, l.FrameMax = c.size(frame.items[0]), c.size(frame.items[1])
		if l.FrameMin > l.FrameMax {
			c.report(frame, CodeBadValue, "", "the smallest frame is larger than the largest")
		}
	}
	return l
}

func compileErrors(n *node) map[string]Sentence {
	sentences := map[string]Sentence{}
	for _, e := range entries(n) {
		if e.value.isText() {
			sentences[e.name] = Sentence{Cause: sentence(e.value)}
			continue
		}
		sentences[e.name] = Sentence{Cause: sentence(e.value.get("cause")), Fix: sentence(e.value.get("fix"))}
	}
	return sentences
}

// report adds a problem at n.
func (c *compiler) report(n *node, code, near, detail string) {
	p := Problem{Line: 1, Column: 1, Code: code, Detail: detail, Nearest: near}
	if n != nil {
		p.Line, p.Column, p.Path = n.line, n.column, n.path
	}
	if len(c.problems) < 2*maxProblems {
		c.problems = append(c.problems, p)
	}
}

// steps reads a script, and returns the indexes of its messages that have a mark.
func (c *compiler) steps(n *node, at templatePlace) (steps []Step, marks []int) {
	for _, item := range items(n) {
		message := item.get("send")
		if message == nil && (item.get("text") != nil || item.get("binary") != nil) {
			message = item
		}
		if m := c.message(message, at); m != nil {
			if m.Mark = m.Mark || isTrue(item.get("mark")); m.Mark {
				marks = append(marks, len(steps))
			}
			steps = append(steps, Step{Send: m})
		}
		if wait := item.get("wait"); wait != nil {
			steps = append(steps, Step{Wait: c.match(wait), Within: c.duration(item.get("within"))})
		}
		if quiet := item.get("quiet"); quiet != nil {
			steps = append(steps, Step{Quiet: c.duration(quiet)})
		}
		if capture := item.get("capture"); capture != nil {
			steps = append(steps, Step{Capture: c.paths(capture)})
		}
	}
	return steps, marks
}

// duration reads a time; a text that is none was reported by the schema.
func (c *compiler) duration(n *node) time.Duration {
	if !n.isText() {
		return 0
	}
	d, err := time.ParseDuration(n.text)
	if err == nil && (d <= 0 || d > 24*365*time.Hour) {
		c.report(n, CodeBadValue, "", "the time must be above 0 and at most a year, such as 250ms, 5s, 1m30s")
	}
	return d
}

// size reads a number of bytes; a KB is 1,024 bytes.
func (c *compiler) size(n *node) int64 {
	if n == nil || n.kind != kindText && n.kind != kindNumber {
		return 0
	}
	digits := strings.TrimRight(n.text, " BKMi")
	size, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0
	}
	switch unit := strings.TrimSpace(n.text[len(digits):]); unit {
	case "KB", "KiB":
		size <<= 10
	case "MB", "MiB":
		size <<= 20
	}
	if size > 1<<30 {
		c.report(n, CodeBadValue, "", "the most is 1,024 MB")
		return 0
	}
	return size
}
