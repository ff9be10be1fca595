package audit

import "fmt"

// Kind names the change that broke a chain.
type Kind string

// The kinds.
const (
	Edited      Kind = "edited"
	Removed     Kind = "removed"
	Inserted    Kind = "inserted"
	Reordered   Kind = "reordered"
	Truncated   Kind = "truncated"
	Replaced    Kind = "replaced"     // consistent in itself, but differs from the point noted earlier
	HeadAltered Kind = "head_altered" // the count of entries, not an entry
	KeyMissing  Kind = "key_missing"  // no code from here on can be checked
	Empty       Kind = "empty"
)

// Kinds returns all of them.
func Kinds() []Kind {
	return []Kind{Edited, Removed, Inserted, Reordered, Truncated, Replaced, HeadAltered, KeyMissing, Empty}
}

// BreakError locates the first break of a chain and names its kind.
type BreakError struct {
	Seq  int64
	Kind Kind
	Key  string // of KeyMissing
}

// Error implements error.
func (e *BreakError) Error() string {
	switch e.Kind {
	case Removed:
		return fmt.Sprintf("entry %d was removed", e.Seq)
	case Inserted:
		return fmt.Sprintf("entry %d was inserted: it is not Duplex's", e.Seq)
	case Reordered:
		return fmt.Sprintf("entry %d was reordered: another stands in its place", e.Seq)
	case Truncated:
		return fmt.Sprintf("the log was truncated: it ends before entry %d", e.Seq)
	case Replaced:
		return fmt.Sprintf("entry %d is not the one that was noted: it was replaced", e.Seq)
	case HeadAltered:
		return fmt.Sprintf("the head was altered: it does not say that entry %d is the newest", e.Seq)
	case KeyMissing:
		return fmt.Sprintf("entry %d and later ones cannot be checked: the key file has no key %q; put its line back", e.Seq, e.Key)
	case Empty:
		return "the log is empty: nothing was ever written, or all of it was removed"
	default:
		return fmt.Sprintf("entry %d was edited", e.Seq)
	}
}
