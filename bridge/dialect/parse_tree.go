package dialect

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a dialect's structure. Aliases count as often as they are used.
const (
	maxDepth    = 32
	maxNodes    = 20_000
	maxProblems = 100
)

// nodeKind is the kind of a YAML value.
type nodeKind string

const (
	kindNull   nodeKind = "null"
	kindBool   nodeKind = "boolean"
	kindNumber nodeKind = "number"
	kindText   nodeKind = "string"
	kindList   nodeKind = "array"
	kindMap    nodeKind = "object"
)

// node is a YAML value with its place in the file.
type node struct {
	kind         nodeKind
	line, column int
	path         string
	text         string // of a scalar; a number with its digits
	entries      []entry
	items        []*node
}

// entry is a key of a mapping with its value.
type entry struct {
	name         string
	line, column int
	value        *node
}

// get returns the value of a key; nil when n is no mapping or has no such key.
func (n *node) get(name string) *node {
	if n == nil {
		return nil
	}
	for _, e := range n.entries {
		if e.name == name {
			return e.value
		}
	}
	return nil
}

// isText reports whether n is a text.
func (n *node) isText() bool { return n != nil && n.kind == kindText }

// plain returns n as the values of encoding/json.
func (n *node) plain() any {
	switch n.kind {
	case kindBool:
		return n.text == "true"
	case kindNumber:
		return json.Number(n.text)
	case kindText:
		return n.text
	case kindList:
		list := make([]any, 0, len(n.items))
		for _, item := range n.items {
			list = append(list, item.plain())
		}
		return list
	case kindMap:
		object := make(map[string]any, len(n.entries))
		for _, e := range n.entries {
			object[e.name] = e.value.plain()
		}
		return object
	default:
		return nil
	}
}

// appendJSON appends n as JSON, in the order of the file.
func (n *node) appendJSON(to []byte) []byte {
	switch n.kind {
	case kindMap:
		to = append(to, '{')
		for i, e := range n.entries {
			if i > 0 {
				to = append(to, ',')
			}
			to = e.value.appendJSON(append(append(to, encodeJSON(e.name)...), ':'))
		}
		return append(to, '}')
	case kindList:
		to = append(to, '[')
		for i, item := range n.items {
			if i > 0 {
				to = append(to, ',')
			}
			to = item.appendJSON(to)
		}
		return append(to, ']')
	case kindText:
		return append(to, encodeJSON(n.text)...)
	case kindNull:
		return append(to, "null"...)
	default:
		return append(to, n.text...)
	}
}

// treeReader turns a YAML file into nodes.
type treeReader struct {
	nodes    int
	anchors  map[string]ast.Node
	problems []Problem
}

func (r *treeReader) report(line, column int, path, code, format string, args ...any) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, Problem{Line: line, Column: column, Path: path, Code: code, Detail: fmt.Sprintf(format, args...)})
	}
}

// readTree reads YAML 1.2, of which JSON is a part. Without a problem the node is not nil.
func readTree(source []byte) (*node, []Problem) {
	r := &treeReader{anchors: map[string]ast.Node{}}
	if len(source) > MaxSource {
		r.report(1, 1, "", CodeTooLarge, "the file has %d bytes, and at most %d are allowed", len(source), MaxSource)
		return nil, r.problems
	}
	if i := invalidUTF8(source); i >= 0 {
		r.report(1+strings.Count(string(source[:i]), "\n"), 1, "", CodeSyntax, "the file is not UTF-8")
		return nil, r.problems
	}
	tokens := lexer.Tokenize(string(source))
	if !r.checkDepth(tokens) {
		return nil, r.problems
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.reportSyntax(err)
		return nil, r.problems
	}
	var body ast.Node
	for _, document := range file.Docs {
		if document.Body == nil {
			continue
		}
		if body != nil {
			line, column := place(document.Body)
			r.report(line, column, "", CodeSyntax, "the file has more than one document")
			return nil, r.problems
		}
		body = document.Body
	}
	if body == nil {
		r.report(1, 1, "", CodeSyntax, "the file is empty")
		return nil, r.problems
	}
	return r.read(body, "", 0), r.problems
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8; -1 when there is none.
func invalidUTF8(source []byte) int {
	for i := 0; i < len(source); {
		r, size := utf8.DecodeRune(source[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// checkDepth refuses nesting that would cost the parser much: it keeps the path of each node.
func (r *treeReader) checkDepth(tokens token.Tokens) bool {
	flow, inLine, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			inLine, line = 0, t.Position.Line
		}
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType:
			inLine++
		default:
		}
		if flow+inLine > maxDepth {
			r.report(t.Position.Line, t.Position.Column, "", CodeTooLarge, "the values are nested more than %d deep", maxDepth)
			return false
		}
	}
	return true
}

func (r *treeReader) reportSyntax(err error) {
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil {
		r.report(syntax.Token.Position.Line, syntax.Token.Position.Column, "", CodeSyntax, "%s", syntax.Message)
		return
	}
	r.report(1, 1, "", CodeSyntax, "the file cannot be read as YAML")
}

func place(n ast.Node) (line, column int) {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return place(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return place(n.Key)
	case *ast.MappingKeyNode:
		return place(n.Value)
	default:
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line, max(t.Position.Column, 1)
	}
	return 1, 1
}

func (r *treeReader) read(from ast.Node, path string, depth int) *node {
	n := &node{kind: kindNull, path: path, line: 1, column: 1}
	if from == nil {
		return n
	}
	n.line, n.column = place(from)
	if r.nodes++; r.nodes > maxNodes || depth > maxDepth {
		if r.nodes == maxNodes+1 || depth == maxDepth+1 {
			r.report(n.line, n.column, path, CodeTooLarge, "the file has more than %d values, or nests them more than %d deep", maxNodes, maxDepth)
			r.nodes = maxNodes + 1
		}
		return n
	}
	switch from := from.(type) {
	case *ast.MappingNode:
		r.readMapping(n, from.Values, depth)
	case *ast.MappingValueNode:
		r.readMapping(n, []*ast.MappingValueNode{from}, depth)
	case *ast.SequenceNode:
		n.kind = kindList
		for i, item := range from.Values {
			n.items = append(n.items, r.read(item, path+"["+strconv.Itoa(i)+"]", depth+1))
		}
	case *ast.AnchorNode:
		r.anchors[from.Name.GetToken().Value] = from.Value
		return r.read(from.Value, path, depth+1)
	case *ast.AliasNode:
		name := from.Value.GetToken().Value
		target, known := r.anchors[name]
		if !known {
			r.report(n.line, n.column, path, CodeSyntax, "the alias %q has no anchor before it", name)
			return n
		}
		return r.read(target, path, depth+1)
	case *ast.TagNode:
		value := r.read(from.Value, path, depth+1)
		if from.GetToken().Value == "!!str" && (value.kind == kindNumber || value.kind == kindBool) {
			value.kind = kindText
		}
		return value
	default:
		n.readScalar(from)
	}
	return n
}

// jsonNumber matches numbers as JSON writes them; others are converted.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

func (n *node) readScalar(from ast.Node) {
	n.text = from.GetToken().Value
	switch from := from.(type) {
	case *ast.NullNode:
		n.text = ""
	case *ast.BoolNode:
		n.kind, n.text = kindBool, strconv.FormatBool(from.Value)
	case *ast.IntegerNode:
		n.kind = kindNumber
		if !jsonNumber.MatchString(n.text) {
			n.text = fmt.Sprint(from.Value)
		}
	case *ast.FloatNode:
		n.kind = kindNumber
		if !jsonNumber.MatchString(n.text) {
			n.text = strconv.FormatFloat(from.Value, 'g', -1, 64)
		}
	case *ast.LiteralNode:
		n.kind, n.text = kindText, from.Value.Value
	case *ast.StringNode:
		n.kind, n.text = kindText, from.Value
		// Integers above 64 bits arrive as texts; in quotes they are texts.
		if t := from.GetToken(); t.Type == token.StringType && len(n.text) > 18 && jsonNumber.MatchString(n.text) {
			n.kind = kindNumber
		}
	default:
		n.kind = kindText
	}
}

func (r *treeReader) readMapping(n *node, values []*ast.MappingValueNode, depth int) {
	n.kind = kindMap
	first := map[string]int{} // the line of each key
	var merged []*node
	for _, value := range values {
		line, column := place(value.Key)
		if value.Key.IsMergeKey() {
			merged = append(merged, r.read(value.Value, n.path, depth+1))
			continue
		}
		key := r.read(value.Key, n.path, depth+1)
		if key.kind == kindList || key.kind == kindMap {
			r.report(line, column, n.path, CodeSyntax, "a key must be a text")
			continue
		}
		if key.kind == kindNull {
			key.text = "null"
		}
		path := childPath(n.path, key.text)
		if at, twice := first[key.text]; twice {
			r.report(line, column, path, CodeDuplicateKey, "the key %q is already set in line %d", key.text, at)
			continue
		}
		first[key.text] = line
		n.entries = append(n.entries, entry{name: key.text, line: line, column: column, value: r.read(value.Value, path, depth+1)})
	}
	for _, from := range merged {
		sources := []*node{from}
		if from.kind == kindList {
			sources = from.items
		}
		for _, source := range sources {
			if source.kind != kindMap {
				r.report(source.line, source.column, n.path, CodeSyntax, "<< needs a mapping")
			}
			for _, e := range source.entries {
				if _, set := first[e.name]; !set {
					first[e.name] = e.line
					n.entries = append(n.entries, e)
				}
			}
		}
	}
}

var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

func childPath(path, key string) string {
	switch {
	case !plainKey.MatchString(key):
		return path + "[" + strconv.Quote(key) + "]"
	case path == "":
		return key
	default:
		return path + "." + key
	}
}
