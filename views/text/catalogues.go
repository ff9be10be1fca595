package text

import (
	"fmt"
	"io/fs"
	"slices"

	"golang.org/x/text/language"
)

// fallback is the language of whoever asks for none that there is.
const fallback = "en"

// Catalogues is every language there is. It is safe for concurrent use.
type Catalogues struct {
	all     []*Catalogue // the fallback first
	matcher language.Matcher
	served  []*Catalogue // by the index of what the matcher found
}

// LoadAll reads every language.
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
	return c, c.match()
}

// match prepares to choose: a catalogue may serve readers of several languages, such
// as those of traditional Chinese, who read simplified sooner than English.
func (c *Catalogues) match() error {
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

// All returns the languages, the fallback first.
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

// For returns the catalogue that serves a reader best. Wishes are languages or values
// of Accept-Language; one that none of ours meets, or that is malformed, leaves the
// choice to the next.
func (c *Catalogues) For(wishes ...string) *Catalogue {
	_, at := language.MatchStrings(c.matcher, wishes...)
	return c.served[at]
}
