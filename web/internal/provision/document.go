// Package provision reads services, environments, dialects and roles from YAML, applies them
// to a server through its own API, and writes them back. It knows the API's JSON; the rules
// are the API's.
package provision

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"duplex/bridge/dialect"
)

// format is the version of the files.
const format = 1

// The lists of a file, in the order in which they are applied: services name the others.
const (
	environments = "environments"
	dialects     = "dialects"
	services     = "services"
)

var lists = []string{environments, dialects, services}

// Roles are the groups that have a role, as the settings of the same names have them.
type Roles struct {
	Admins  []string `yaml:"admins"`
	Members []string `yaml:"members"`
	Viewers []string `yaml:"viewers"`
	Default string   `yaml:"default"`
}

// Document is what the files say.
type Document struct {
	Roles Roles
	items []item
}

// item is an entry of a list.
type item struct {
	list  string
	name  string
	value map[string]any
	file  string
	node  ast.Node
}

// MistakeError is a mistake in a file.
type MistakeError struct {
	File         string
	Line, Column int // from 1; 0 when unknown
	Says         string
	Nearest      string // valid key; "" for none
}

// Error implements error.
func (m *MistakeError) Error() string {
	says := fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Column, m.Says)
	if m.Nearest != "" {
		says += fmt.Sprintf(" Did you mean %q?", m.Nearest)
	}
	return says
}

// Read reads a file, or all files of a folder whose names end in .yaml or .yml, in their
// order. All mistakes are reported together, as *MistakeError.
func Read(path string) (*Document, error) {
	files := []string{path}
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.IsDir() {
		files = nil
		for _, pattern := range []string{"*.yaml", "*.yml"} {
			found, _ := filepath.Glob(filepath.Join(path, pattern)) // the pattern is good
			files = append(files, found...)
		}
		slices.Sort(files)
	}
	doc := &Document{}
	var mistakes []error
	for _, file := range files {
		mistakes = append(mistakes, doc.readFile(file))
	}
	return doc, errors.Join(append(mistakes, doc.checkNames()...)...)
}

// syntaxPlace is the beginning of an error of the YAML parser.
var syntaxPlace = regexp.MustCompile(`^\[(\d+):(\d+)\] (.*)`)

func (d *Document) readFile(file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return d.readSource(file, raw)
}

// readSource reads the content of a file.
func (d *Document) readSource(file string, raw []byte) error {
	parsed, err := parser.ParseBytes(raw, 0)
	if err != nil {
		m := &MistakeError{File: file, Line: 1, Column: 1, Says: err.Error()}
		if at := syntaxPlace.FindStringSubmatch(err.Error()); at != nil {
			_, _ = fmt.Sscan(at[1]+" "+at[2], &m.Line, &m.Column)
			m.Says = at[3] + "."
		}
		return m
	}
	var mistakes []error
	for _, part := range parsed.Docs {
		if part.Body != nil {
			mistakes = append(mistakes, d.readTop(file, part.Body))
		}
	}
	return errors.Join(mistakes...)
}

func (d *Document) readTop(file string, top ast.Node) error {
	fields, ok := fieldsOf(top)
	if !ok {
		return mistakeAt(file, top, "A file has keys at its top: duplex, roles, environments, dialects, services.")
	}
	known := append([]string{"duplex", "roles"}, lists...)
	var version int
	var mistakes []error
	for _, field := range fields {
		key := field.Key.GetToken().Value
		switch {
		case key == "duplex":
			if err := yaml.NodeToValue(field.Value, &version); err != nil || version != format {
				mistakes = append(mistakes, mistakeAt(file, field.Value, fmt.Sprintf("The version of the format is %d.", format)))
			}
		case key == "roles":
			if err := yaml.NodeToValue(field.Value, &d.Roles, yaml.Strict()); err != nil {
				mistakes = append(mistakes, mistakeAt(file, field.Value, "Roles are admins, members and viewers, each a list of groups, and default, a role."))
			}
		case slices.Contains(lists, key):
			mistakes = append(mistakes, d.readList(file, key, field.Value))
		default:
			m := mistakeAt(file, field.Key, fmt.Sprintf("The key %q is unknown; known are %s.", key, strings.Join(known, ", ")))
			m.Nearest = dialect.Nearest(key, known)
			mistakes = append(mistakes, m)
		}
	}
	if version == 0 && errors.Join(mistakes...) == nil {
		mistakes = append(mistakes, mistakeAt(file, top, fmt.Sprintf("The key duplex is missing: write duplex: %d.", format)))
	}
	return errors.Join(mistakes...)
}

func (d *Document) readList(file, list string, node ast.Node) error {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		if _, empty := node.(*ast.NullNode); empty {
			return nil
		}
		return mistakeAt(file, node, list+" is a list.")
	}
	var mistakes []error
	for _, entry := range sequence.Values {
		read := item{list: list, file: file, node: entry}
		if err := yaml.NodeToValue(entry, &read.value); err != nil {
			mistakes = append(mistakes, mistakeAt(file, entry, "An entry of "+list+" has keys and values."))
			continue
		}
		read.name, _ = read.value["name"].(string)
		if read.name == "" {
			mistakes = append(mistakes, mistakeAt(file, entry, "An entry of "+list+" has a name."))
			continue
		}
		d.items = append(d.items, read)
	}
	return errors.Join(mistakes...)
}

// checkNames refuses a name that two entries have.
func (d *Document) checkNames() (mistakes []error) {
	seen := map[string]bool{}
	for _, one := range d.items {
		key := one.list + " " + strings.ToLower(one.name)
		if seen[key] {
			mistakes = append(mistakes, one.mistake("name", fmt.Sprintf("Another entry of %s has the name %q.", one.list, one.name)))
		}
		seen[key] = true
	}
	return mistakes
}

// fieldsOf returns the fields of a mapping.
func fieldsOf(node ast.Node) ([]*ast.MappingValueNode, bool) {
	switch node := node.(type) {
	case *ast.MappingNode:
		return node.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{node}, true
	}
	return nil, false
}

func mistakeAt(file string, node ast.Node, says string) *MistakeError {
	m := &MistakeError{File: file, Says: says}
	if token := node.GetToken(); token != nil && token.Position != nil {
		m.Line, m.Column = token.Position.Line, token.Position.Column
	}
	return m
}

// mistake returns the mistake of a field, in the API's spelling: "headers[0].name". Of a
// field that is not in the file it has the place of the nearest one around it.
func (i *item) mistake(field, says string) *MistakeError {
	node := i.node
	for part := range strings.FieldsFuncSeq(field, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		inner := childOf(node, part)
		if inner == nil {
			break
		}
		node = inner
	}
	if node == i.node {
		if fields, ok := fieldsOf(node); ok && len(fields) > 0 {
			return mistakeAt(i.file, fields[0].Key, says)
		}
	}
	return mistakeAt(i.file, node, says)
}

// childOf returns the value of a key, or of an index; nil when there is none.
func childOf(node ast.Node, part string) ast.Node {
	if sequence, ok := node.(*ast.SequenceNode); ok {
		var index int
		if _, err := fmt.Sscan(part, &index); err == nil && index >= 0 && index < len(sequence.Values) {
			return sequence.Values[index]
		}
		return nil
	}
	fields, _ := fieldsOf(node)
	for _, field := range fields {
		if field.Key.GetToken().Value == part {
			return field.Value
		}
	}
	return nil
}

// keyNamed returns the first key of that name, at any depth; nil when there is none.
func keyNamed(node ast.Node, name string) ast.Node {
	if sequence, ok := node.(*ast.SequenceNode); ok {
		for _, value := range sequence.Values {
			if found := keyNamed(value, name); found != nil {
				return found
			}
		}
	}
	fields, _ := fieldsOf(node)
	for _, field := range fields {
		if field.Key.GetToken().Value == name {
			return field.Key
		}
		if found := keyNamed(field.Value, name); found != nil {
			return found
		}
	}
	return nil
}
