// Package text holds the sentences of the page and of API answers, in every language.
// Keys are dotted paths ("error.not_found"); a sentence may contain {names} that are filled
// at use. A language is a folder of *.json files, one for each topic, which this package
// and the build of the browser's code both read. Adding the folder adds the language.
// language.json has its name and the BCP 47 tags of its readers.
package text

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

//go:embed */*.json
var files embed.FS

// Catalogue holds the sentences of one language.
type Catalogue struct {
	Language  string // the folder's name
	sentences map[string]string
}

// Load returns the catalogue of a language ("en"). A key in two of its files is an error.
func Load(language string) (*Catalogue, error) {
	names, err := fs.Glob(files, language+"/*.json")
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("catalogue %q: no such language", language)
	}
	c := &Catalogue{Language: language, sentences: map[string]string{}}
	for _, name := range names {
		if err := c.addFile(name); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", name, err)
		}
	}
	return c, nil
}

// addFile adds the sentences of a file.
func (c *Catalogue) addFile(name string) error {
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
			return fmt.Errorf("key %q is in two files", key)
		}
		c.sentences[key] = sentence
	}
	return nil
}

// Tag returns the BCP 47 tag of the language, for lang attributes.
func (c *Catalogue) Tag() string { return c.tags()[0] }

// tags returns the BCP 47 tags of the readers, the language's own first.
func (c *Catalogue) tags() []string { return strings.Fields(c.Say("language.tags", nil)) }

// Has reports whether key has a sentence.
func (c *Catalogue) Has(key string) bool { _, ok := c.sentences[key]; return ok }

// Keys returns the keys with a prefix, sorted.
func (c *Catalogue) Keys(prefix string) []string {
	var keys []string
	for key := range c.sentences {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Say returns the sentence of key with every {name} replaced by values[name]. A key
// without a sentence is returned unchanged, so that the gap is visible.
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

// Plural returns the sentence of key for n: key.one or key.other. English and Chinese need
// no other forms.
func (c *Catalogue) Plural(key string, n int64, values map[string]string) string {
	if one := key + ".one"; n == 1 && c.Has(one) {
		return c.Say(one, values)
	}
	return c.Say(key+".other", values)
}

// Count is Plural with n as {count}, written with separators: 1,204.
func (c *Catalogue) Count(key string, n int64) string {
	return c.Plural(key, n, map[string]string{"count": Digits(n)})
}

// Digits formats a whole number with a thousands separator: 1,204.
func Digits(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
