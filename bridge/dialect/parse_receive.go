package dialect

import (
	"fmt"
	"slices"
	"strconv"
)

func (c *compiler) receive(n *node) Receive {
	r := Receive{
		Envelope: EnvelopeKind(textOr(n.get("envelope"), string(EnvelopeJSON))),
		Label:    c.path(n.get("label")),
		Gist:     c.path(n.get("gist")),
		Ready:    c.match(n.get("ready")),
		Usage:    c.paths(n.get("usage")),
	}
	r.Layout = c.layout(n.get("layout"))
	if r.Envelope == EnvelopeLayout && n.get("layout") == nil {
		c.report(n.get("envelope"), CodeMissingKey, "", "the envelope layout needs the key layout")
	}
	if layout := n.get("layout"); layout != nil && r.Envelope != EnvelopeLayout {
		if n.get("envelope") != nil {
			c.report(layout, CodeBadValue, "", "layout needs envelope: layout")
		} else {
			r.Envelope = EnvelopeLayout
		}
	}
	for _, item := range listOrOne(n.get("text")) {
		r.Text = append(r.Text, TextRule{
			Stream:       Stream(textOr(item.get("stream"), string(StreamAnswer))),
			When:         c.match(item.get("when")),
			Path:         c.path(item.get("path")),
			Mode:         TextMode(textOr(item.get("mode"), string(TextAppend))),
			Join:         text(item.get("join")),
			Final:        c.match(item.get("final")),
			Key:          c.path(item.get("key")),
			ReplaceRange: c.path(item.get("replace_range")),
		})
	}
	for _, item := range listOrOne(n.get("audio")) {
		r.Audio = append(r.Audio, c.audioRule(item, r))
	}
	for _, item := range listOrOne(n.get("done")) {
		c.done(item, &r.Done)
	}
	for _, item := range listOrOne(n.get("error")) {
		fatal := item.get("fatal")
		r.Errors = append(r.Errors, ErrorRule{
			When: c.match(item.get("when")), Code: c.path(item.get("code")), Message: c.path(item.get("message")),
			Fatal: fatal == nil || isTrue(fatal),
		})
	}
	for _, item := range listOrOne(n.get("tool_call")) {
		r.ToolCalls = append(r.ToolCalls, ToolCallRule{
			When: c.match(item.get("when")), ID: c.path(item.get("id")), Name: c.path(item.get("name")), Arguments: c.path(item.get("arguments")),
		})
	}
	r.ToolResults, r.Interrupted = c.toolResults(n.get("tool_result")), c.interrupted(n.get("interrupted"))
	for _, item := range listOrOne(n.get("expect_close")) {
		if code := integerOr(item, 0); code > 0 {
			r.ExpectClose = append(r.ExpectClose, code)
		}
	}
	return r
}

func (c *compiler) toolResults(n *node) (rules []ToolResultRule) {
	for _, item := range listOrOne(n) {
		rules = append(rules, ToolResultRule{When: c.match(item.get("when")), ID: c.path(item.get("id")), Result: c.path(item.get("result"))})
	}
	return rules
}

func (c *compiler) interrupted(n *node) (rules []InterruptedRule) {
	for _, item := range listOrOne(n) {
		rules = append(rules, InterruptedRule{When: c.match(item.get("when")), PlayedMS: c.path(item.get("played_ms"))})
	}
	return rules
}

func (c *compiler) audioRule(n *node, r Receive) AudioRule {
	rule := AudioRule{
		Stream:   Stream(textOr(n.get("stream"), string(StreamAnswer))),
		When:     c.match(n.get("when")),
		Path:     c.path(n.get("path")),
		Binary:   isTrue(n.get("binary")),
		Field:    text(n.get("field")),
		Encoding: Encoding(textOr(n.get("encoding"), string(S16LE))),
		Rate:     integerOr(n.get("rate"), 0),
		RateFrom: c.path(n.get("rate_from")),
	}
	if rate := n.get("rate"); rate.isText() {
		rule.RateText = c.template(rate, placeSession)
	}
	if len(rule.Field) > 0 && rule.Field[0] == '@' {
		rule.Field = rule.Field[1:]
	}
	if field := n.get("field"); field != nil && r.Envelope == EnvelopeLayout {
		names := []string{"body"}
		for _, f := range r.Layout {
			names = append(names, f.Name)
		}
		if !slices.Contains(names, rule.Field) {
			c.report(field, CodeUndefinedName, Nearest(rule.Field, names), fmt.Sprintf("the layout has no field %q", rule.Field))
		}
	}
	if n.get("rate") == nil && rule.RateFrom.IsZero() && rule.Encoding != Opus && n.kind == kindMap {
		c.report(n, CodeMissingKey, "", "audio needs rate or rate_from")
	}
	return rule
}

func (c *compiler) done(n *node, done *Done) {
	if silence := n.get("silence"); silence != nil {
		done.Silence = c.duration(silence)
	}
	if code := n.get("close"); code != nil {
		done.Close = append(done.Close, integerOr(code, 0))
	}
	if m := c.match(n); len(m) > 0 {
		done.Match = append(done.Match, m)
	}
}

// layout reads the fields of binary messages; they may use the names of earlier fields.
func (c *compiler) layout(n *node) []LayoutField {
	var fields []LayoutField
	var numbers []string
	for _, item := range items(n) {
		f := LayoutField{Name: text(item.get("name")), Type: text(item.get("type")), As: text(item.get("as")), Filters: textList(item.get("filters"))}
		if item.get("type").isText() {
			f.resolve()
		}
		if f.from != "" && f.from != "rest" && !slices.Contains(numbers, f.from) {
			c.report(item.get("type"), CodeUndefinedName, Nearest(f.from, append([]string{"rest"}, numbers...)), fmt.Sprintf("%q is no number before this field", f.from))
		}
		conditions := items(item.get("if"))
		if len(conditions) > 0 && conditions[0].kind != kindList {
			conditions = []*node{item.get("if")}
		}
		for _, condition := range conditions {
			f.If = append(f.If, c.condition(condition, numbers))
		}
		if f.integer != nil || f.bits > 0 {
			numbers = append(numbers, f.Name)
			for _, key := range []string{"filters", "as"} {
				if extra := item.get(key); extra != nil {
					c.report(extra, CodeBadValue, "", key+" is for bytes only")
				}
			}
		}
		fields = append(fields, f)
	}
	return fields
}

func (c *compiler) condition(n *node, numbers []string) LayoutCondition {
	if len(n.items) != 3 {
		return LayoutCondition{}
	}
	condition := LayoutCondition{Field: text(n.items[0]), Operator: text(n.items[1])}
	value, err := strconv.ParseInt(n.items[2].text, 10, 64)
	condition.Value = value
	if err != nil && n.items[2].kind == kindNumber {
		c.report(n.items[2], CodeBadValue, "", "must be a whole number of 64 bits")
	}
	if n.items[0].isText() && !slices.Contains(numbers, condition.Field) {
		c.report(n.items[0], CodeUndefinedName, Nearest(condition.Field, numbers), fmt.Sprintf("%q is no number before this field", condition.Field))
	}
	return condition
}
