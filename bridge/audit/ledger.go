package audit

import (
	"context"
	"iter"
	"strings"
	"time"

	"golang.org/x/text/cases"
)

// Ledger is where entries are kept.
type Ledger interface {
	// AuditEntries returns the entries that f selects. An error is the last item.
	AuditEntries(ctx context.Context, f Filter) iter.Seq2[Entry, error]
	// AuditHead returns the newest head; the zero Head when nothing was written.
	AuditHead(ctx context.Context) (Head, error)
}

// Filter selects entries: those that every field set here agrees with.
type Filter struct {
	After, Before int64 // seqs, both exclusive; 0 is no bound
	From, To      time.Time
	Action        Action
	Outcome       Outcome
	Who           string // part of a person's id or name, in any case
	Text          string // part of any text of the entry, in any case
	Newest        bool   // newest first
	Limit         int    // at most so many; 0 is no bound
}

// Behind is what f selects of the entries that come behind the one with seq.
func (f Filter) Behind(seq int64) Filter {
	if f.Newest {
		f.Before = seq
	} else {
		f.After = seq
	}
	return f
}

// Matches reports whether the texts of e are those that f looks for. The other
// fields are for the Ledger to see to.
func (f *Filter) Matches(e *Entry) bool {
	if f.Who != "" && !holds(f.Who, e.Person.ID, e.Person.Name) {
		return false
	}
	if f.Text == "" {
		return true
	}
	var texts []string
	for _, text := range e.texts() {
		texts = append(texts, *text)
	}
	return holds(f.Text, texts...)
}

// holds reports whether one of texts has part in it, in any case.
func holds(part string, texts ...string) bool {
	fold := cases.Fold()
	part = fold.String(strings.TrimSpace(part))
	for _, text := range texts {
		if strings.Contains(fold.String(text), part) {
			return true
		}
	}
	return false
}
