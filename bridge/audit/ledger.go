package audit

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/cases"
)

// Ledger stores entries.
type Ledger interface {
	// AuditEntries returns the entries that f selects. An error is the last item.
	AuditEntries(ctx context.Context, f Filter) iter.Seq2[Entry, error]
	// AuditHead returns the newest head; the zero Head when nothing was written.
	AuditHead(ctx context.Context) (Head, error)
}

// Filter selects the entries that match all of its fields. Zero fields match every entry.
type Filter struct {
	After, Before int64 // seqs, both exclusive; 0 is no bound
	From, To      time.Time
	Action        Action
	Outcome       Outcome
	Who           string // part of a person's id or name, in any case
	Text          string // part of any text of the entry, in any case
	Newest        bool   // newest first
	Limit         int    // 0 is no bound
}

// Behind returns f limited to entries with a greater seq.
func (f Filter) Behind(seq int64) Filter {
	if f.Newest {
		f.Before = seq
	} else {
		f.After = seq
	}
	return f
}

// Matcher returns a function that reports whether the texts of an entry match f. The
// Ledger applies the other fields of f. The function is not safe for concurrent use.
func (f *Filter) Matcher() func(*Entry) bool {
	fold := folder()
	who, text := fold(strings.TrimSpace(f.Who)), fold(strings.TrimSpace(f.Text))
	holds := func(part string, texts ...*string) bool {
		return slices.ContainsFunc(texts, func(s *string) bool { return strings.Contains(fold(*s), part) })
	}
	return func(e *Entry) bool {
		return (who == "" || holds(who, &e.Person.ID, &e.Person.Name)) && (text == "" || holds(text, e.texts()...))
	}
}

// folder returns a function that removes the difference between upper and lower case:
// slowly for all scripts, fast for ASCII, the common case.
func folder() func(string) string {
	all := cases.Fold()
	return func(s string) string {
		for i := range len(s) {
			if s[i] >= utf8.RuneSelf {
				return all.String(s)
			}
		}
		return strings.ToLower(s)
	}
}
