package dialect

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Codes of problems. They are stable.
const (
	CodeSyntax        = "syntax"
	CodeTooLarge      = "too_large"
	CodeUnknownKey    = "unknown_key"
	CodeMissingKey    = "missing_key"
	CodeDuplicateKey  = "duplicate_key"
	CodeBadType       = "bad_type"
	CodeBadValue      = "bad_value"
	CodeUndefinedName = "undefined_name"
	CodeBadTemplate   = "bad_template"
	CodeBadPath       = "bad_path"
	CodeBadPattern    = "bad_pattern"
)

// Parse reads a dialect in YAML or JSON. The error is a *SyntaxError with all problems.
func Parse(source []byte) (*Dialect, error) {
	root, problems := readTree(source)
	if root == nil {
		return nil, &SyntaxError{Problems: problems}
	}
	problems = append(problems, checkSchema(root)...)
	c := &compiler{source: string(source), problems: problems}
	d := c.compile(root)
	if len(c.problems) > 0 {
		return nil, newSyntaxError(c.problems)
	}
	sum := sha256.Sum256(source)
	d.source, d.sum = slices.Clone(source), hex.EncodeToString(sum[:])
	return d, nil
}

// SyntaxError says what is wrong in a dialect, and where.
type SyntaxError struct {
	Problems []Problem // at least one, in the order of the file
}

// Problem is one mistake in a dialect.
type Problem struct {
	Line, Column int    // from 1; columns count characters
	Path         string // "receive.text[0].mode"
	Code         string // one of the Code constants
	Detail       string // what is wrong, in English
	Nearest      string // the valid key or value that is most like the wrong one; "" for none
}

// newSyntaxError sorts problems by their place, and drops repeated ones.
func newSyntaxError(problems []Problem) *SyntaxError {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	problems = slices.Compact(problems)
	return &SyntaxError{Problems: problems[:min(len(problems), maxProblems)]}
}

// Error implements error.
func (e *SyntaxError) Error() string {
	if len(e.Problems) == 0 {
		return "dialect cannot be read"
	}
	text := e.Problems[0].String()
	if more := len(e.Problems) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// String returns the problem on one line.
func (p Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d, column %d: ", p.Line, p.Column)
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Detail)
	if p.Nearest != "" {
		fmt.Fprintf(&b, "; did you mean %q?", p.Nearest)
	}
	return b.String()
}
