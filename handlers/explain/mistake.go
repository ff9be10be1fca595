package explain

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"duplex/views/text"
)

// mistakePrefix begins the keys of the sentences about mistakes in a dialect. The package
// dialect tells mistakes in English; the same sentences are in the catalogue of each language.
const mistakePrefix = "mistake."

// mistake is an English sentence as an expression whose groups are its values.
type mistake struct {
	key     string
	pattern *regexp.Regexp
	fixed   int // characters outside of values; the sentence with the most fits best
}

var placeholder = regexp.MustCompile(`\\\{([a-z_]+)\\\}`)

var english = sync.OnceValue(func() *text.Catalogue {
	c, err := text.Load("en")
	if err != nil {
		return &text.Catalogue{} // no sentence matches
	}
	return c
})

// mistakes lists the English sentences, the most specific first.
var mistakes = sync.OnceValue(func() []mistake {
	var all []mistake
	for _, key := range english().Keys(mistakePrefix) {
		if strings.HasPrefix(key, mistakePrefix+"word.") {
			continue
		}
		quoted := regexp.QuoteMeta(english().Say(key, nil))
		all = append(all, mistake{
			key: key, fixed: len(placeholder.ReplaceAllString(quoted, "")),
			pattern: regexp.MustCompile(`(?s)^` + placeholder.ReplaceAllString(quoted, `(?P<$1>.+?)`) + `$`),
		})
	}
	slices.SortStableFunc(all, func(a, b mistake) int { return b.fixed - a.fixed })
	return all
})

// Mistake puts a mistake in a dialect into the language of t. A mistake that the catalogue
// does not have stays as it is.
func Mistake(t *text.Catalogue, detail string) string {
	if t.Language == "en" {
		return detail
	}
	for _, whole := range []string{detail, beforeDescription(detail)} {
		for _, m := range mistakes() {
			found := m.pattern.FindStringSubmatch(whole)
			if found == nil {
				continue
			}
			values := map[string]string{}
			for i, name := range m.pattern.SubexpNames() {
				if name != "" {
					values[name] = wordsOf(t, name, found[i])
				}
			}
			return t.Say(m.key, values)
		}
	}
	return detail
}

// beforeDescription cuts off the description of a value that the schema has in English.
func beforeDescription(detail string) string {
	const said = " is not allowed"
	if at := strings.Index(detail, said+": "); at >= 0 {
		return detail[:at+len(said)]
	}
	return detail
}

// wordsOf translates the kinds of values in a list of them.
func wordsOf(t *text.Catalogue, name, value string) string {
	if !slices.Contains([]string{"wanted", "kind", "keys", "value"}, name) || strings.HasPrefix(value, `"`) && name == "value" {
		return value
	}
	for _, key := range english().Keys(mistakePrefix + "word.") {
		word := regexp.MustCompile(`(^|[ ,])` + regexp.QuoteMeta(english().Say(key, nil)) + `($|[ ,])`)
		value = word.ReplaceAllString(value, `${1}`+t.Say(key, nil)+`${2}`)
	}
	return value
}
