package dialect

// Parse reads a dialect in YAML or JSON. The error is a *SyntaxError.
func Parse(source []byte) (*Dialect, error) { return nil, &SyntaxError{} }

// SyntaxError says what is wrong in a dialect, and where.
type SyntaxError struct {
	Problems []Problem // at least one, in the order of the file
}

// Problem is one mistake in a dialect.
type Problem struct {
	Line, Column int    // from 1
	Path         string // "receive.text[0].mode"
	Code         string // stable: "unknown_key", "bad_value", "missing_key", "undefined_name", ...
	Detail       string // what is wrong, in English
	Nearest      string // the valid key or value that is most like the wrong one; "" for none
}

// Error implements error.
func (e *SyntaxError) Error() string { return "dialect cannot be read" }

// Schema returns the JSON Schema of dialects, for editors.
func Schema() []byte { return nil }

// Builtins returns the built-in dialects in order of name.
func Builtins() []*Dialect { return nil }

// Builtin returns the built-in dialect of that name.
func Builtin(name string) (*Dialect, bool) { return nil, false }
