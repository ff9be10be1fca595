package dialect

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed builtin/*.yaml
var builtinFiles embed.FS

// loadBuiltins reads the built-in dialects once. They are part of the program: a mistake in
// one panics.
var loadBuiltins = sync.OnceValue(func() []*Dialect {
	files, err := builtinFiles.ReadDir("builtin")
	if err != nil {
		panic(fmt.Errorf("list built-in dialects: %w", err))
	}
	var list []*Dialect
	for _, file := range files {
		source, err := builtinFiles.ReadFile("builtin/" + file.Name())
		if err != nil {
			panic(fmt.Errorf("read built-in dialect: %w", err))
		}
		d, err := Parse(source)
		if err != nil {
			panic(fmt.Errorf("read built-in dialect %s: %w", file.Name(), err))
		}
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b *Dialect) int { return strings.Compare(a.Name, b.Name) })
	return list
})

// Builtins returns the built-in dialects in order of name.
func Builtins() []*Dialect { return slices.Clone(loadBuiltins()) }

// Builtin returns the built-in dialect of that name.
func Builtin(name string) (*Dialect, bool) {
	for _, d := range loadBuiltins() {
		if d.Name == name {
			return d, true
		}
	}
	return nil, false
}
