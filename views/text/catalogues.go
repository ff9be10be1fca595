package text

import (
	"fmt"
	"io/fs"
	"slices"

	"golang.org/x/text/language"
)

// fallback is the language when no preferred one is available.
const fallback = "en"

// Catalogues holds the catalogues of all languages. It is safe for concurrent use.
type Catalogues struct {
	all     []*Catalogue // the fallback first
	matcher language.Matcher
	served  []*Catalogue // by the index that the matcher returns
}

// LoadAll returns the catalogues of all languages.
func LoadAll() (*Catalogues, error) {
	folders, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("catalogues: %w", err)
	}
	c := &Catalogues{}
	for _, folder := range folders {
		catalogue, err := Load(folder.Name())
		if err != nil {
			return nil, err
		}
		at := len(c.all)
		if catalogue.Language == fallback {
			at = 0
		}
		c.all = slices.Insert(c.all, at, catalogue)
	}
	return c, c.makeMatcher()
}

// makeMatcher makes the matcher. A catalogue may serve readers of several languages:
// readers of traditional Chinese prefer simplified Chinese to English.
func (c *Catalogues) makeMatcher() error {
	var tags []language.Tag
	for _, catalogue := range c.all {
		for _, name := range catalogue.tags() {
			tag, err := language.Parse(name)
			if err != nil {
				return fmt.Errorf("catalogue %q: tag %q: %w", catalogue.Language, name, err)
			}
			tags, c.served = append(tags, tag), append(c.served, catalogue)
		}
	}
	c.matcher = language.NewMatcher(tags)
	return nil
}

// All returns the catalogues, the fallback first.
func (c *Catalogues) All() []*Catalogue { return slices.Clone(c.all) }

// Named returns the catalogue of a language, or nil.
func (c *Catalogues) Named(name string) *Catalogue {
	for _, catalogue := range c.all {
		if catalogue.Language == name {
			return catalogue
		}
	}
	return nil
}

// For returns the best catalogue for a reader. The preferences are languages or values of
// Accept-Language, the strongest first; malformed and unknown ones are skipped.
func (c *Catalogues) For(preferences ...string) *Catalogue {
	_, at := language.MatchStrings(c.matcher, preferences...)
	return c.served[at]
}
