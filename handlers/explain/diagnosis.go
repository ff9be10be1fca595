// Package explain turns findings, reports of dials and errors of search expressions into
// sentences of a catalogue.
package explain

import (
	"cmp"
	"maps"
	"strings"

	"duplex/bridge/diagnose"
	"duplex/bridge/wire"
	"duplex/views/text"
)

// Diagnosis puts a finding into words.
func Diagnosis(t *text.Catalogue, f diagnose.Finding) *wire.Diagnosis {
	values := sayValues(t, f.Values)
	d := &wire.Diagnosis{
		Rule:     f.Rule,
		Cause:    t.Say("diagnosis."+f.Rule+".cause", values),
		Fix:      t.Say("diagnosis."+f.Rule+".fix", values),
		Evidence: []string{},
		Action:   string(f.Action), ActionValue: f.ActionValue,
		By: string(f.By), MessageSeq: f.MessageSeq, Facts: []wire.DiagnosisFact{},
	}
	if f.Known != nil {
		d.Cause, d.Fix = inLanguage(t, f.Known.Cause, d.Cause), inLanguage(t, f.Known.Fix, d.Fix)
	}
	if f.Said != nil {
		d.Said = t.Say(f.Said.Key, f.Said.Values)
		d.Cause = d.Said + " " + d.Cause
		d.Words, d.Code = f.Said.Values["words"], f.Said.Values["code"]
	}
	for _, fact := range f.Facts {
		sentence := t.Say("evidence."+fact.Key, fact.Values)
		d.Evidence = append(d.Evidence, sentence)
		d.Facts = append(d.Facts, factOf(fact.Key, t.Say("evidence."+fact.Key, nil), sentence))
	}
	return d
}

// factOf splits a sentence at the colon of its template; the colon of a value is none.
func factOf(key, template, sentence string) wire.DiagnosisFact {
	for _, colon := range []string{": ", "："} {
		if name, _, found := strings.Cut(template, colon); found && !strings.Contains(name, "{") {
			return wire.DiagnosisFact{Key: key, Name: name, Value: strings.TrimPrefix(sentence, name+colon)}
		}
	}
	return wire.DiagnosisFact{Key: key, Value: sentence}
}

// inLanguage returns the sentence of a dialect in the language of the catalogue, else in
// English, else otherwise.
func inLanguage(t *text.Catalogue, sentences map[string]string, otherwise string) string {
	language, _, _ := strings.Cut(t.Tag(), "-")
	return cmp.Or(sentences[language], sentences["en"], otherwise)
}

// sayValues translates the values of a finding that are codes: the reason of a refused
// address and the name of a field.
func sayValues(t *text.Catalogue, values map[string]string) map[string]string {
	out := maps.Clone(values)
	if reason, known := values["reason"]; known {
		out["reason"] = t.Say("evidence.reason."+reason, nil)
	}
	field := values["field"]
	field = field[strings.LastIndex(field, ".")+1:] // "tls.ca_pem" has no name but the last part's
	for _, key := range []string{"auth.field." + field, "page.setting." + field} {
		if t.Has(key) {
			out["field"] = t.Say(key, nil)
		}
	}
	return out
}
