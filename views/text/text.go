// Package text is the catalogue of every sentence that a person may read, on the
// page and in API answers, in every language there is. Keys are dotted paths
// ("error.not_found"); a value may hold {names} that are filled at use. A language is
// a folder with a file for each topic: whatever *.json stands there is read, here and
// by the build of the browser's code. Its own topic, language.json, says what the
// language is called and whom it serves.
package text

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed */*.json
var files embed.FS

// Catalogue is the sentences of one language.
type Catalogue struct {
	Language  string // the folder's name
	sentences map[string]string
}

// Load reads the catalogue of a language ("en"). A key that two of its files
// hold is an error.
func Load(language string) (*Catalogue, error) {
	names, err := fs.Glob(files, language+"/*.json")
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("catalogue %q: no such language", language)
	}
	c := &Catalogue{Language: language, sentences: map[string]string{}}
	for _, name := range names {
		if err := c.read(name); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", name, err)
		}
	}
	return c, nil
}

func (c *Catalogue) read(name string) error {
	raw, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	var topic map[string]string
	if err := json.Unmarshal(raw, &topic); err != nil {
		return err
	}
	for key, sentence := range topic {
		if c.Has(key) {
			return fmt.Errorf("key %q stands in two files", key)
		}
		c.sentences[key] = sentence
	}
	return nil
}

// Tag is the language as BCP 47 names it, for lang attributes.
func (c *Catalogue) Tag() string { return c.tags()[0] }

// tags is whom the language serves, the one it is written in first.
func (c *Catalogue) tags() []string { return strings.Fields(c.Say("language.tags", nil)) }

// Has reports whether key has a sentence.
func (c *Catalogue) Has(key string) bool { _, ok := c.sentences[key]; return ok }

// Say returns the sentence of key with every {name} replaced by values[name]. A
// key without a sentence is returned as it is, so that a gap is seen.
func (c *Catalogue) Say(key string, values map[string]string) string {
	sentence, ok := c.sentences[key]
	if !ok {
		return key
	}
	if len(values) == 0 {
		return sentence
	}
	pairs := make([]string, 0, 2*len(values))
	for name, value := range values {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}
