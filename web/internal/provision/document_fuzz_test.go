package provision

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// FuzzReadSource reads files. Every mistake has a sentence and a place in the file, every entry
// can be sent to the API once its secrets are in place, and no file takes long.
func FuzzReadSource(f *testing.F) {
	for _, seed := range []string{
		"duplex: 1\nroles: {admins: [ops], default: viewer}\nservices:\n  - name: a\n    address: wss://a.example\n    credential: {kind: token, token: {env: T}}\n    headers: [{name: X, secret: true, value: {env: H}}]\n",
		"duplex: 1\nenvironments:\n  - {name: e, values: {a: b}, secrets: {k: {value: plain, targets: [a]}}}\n", "duplex: 2\n", "servces: []\n", "duplex: 1\nservices: {name: a}\n", "duplex: 1\nservices: [1, {x: 1}, {name: ''}]\n",
		"duplex: 1\nservices: [{name: a}, {name: A}]\n", "duplex: [", "", "---\nduplex: 1\n---\n- 1\n", "a: &a {b: *a}\n", "duplex: 1\nservices: [{name: a, credential: {kind: dialect, secrets: {k: 1}}, tls: {client_key_pem: {file: ''}}}]\n",
		"duplex: 1\ndialects: [{name: d, dialect: 1}]\nservices: [{name: a, params: [1, {secret: true}]}]\n", aliasBomb(),
	} {
		f.Add([]byte(seed))
	}
	getenv := func(name string) string { return map[string]string{"T": "Zq8Xw2kR", "H": "Yw2kR5tY"}[name] }
	f.Fuzz(func(t *testing.T, source []byte) {
		if strings.Contains(string(source), fromFile) {
			return // it would read files of this machine
		}
		began := time.Now()
		var d Document
		mistakes := split(d.readSource("f.yaml", source))
		mistakes = append(mistakes, d.checkNames()...)
		for i := range d.items {
			body, more := d.items[i].resolve(getenv)
			mistakes = append(mistakes, more...)
			if _, err := json.Marshal(body); err != nil {
				t.Errorf("%s %q cannot be sent: %v", d.items[i].list, d.items[i].name, err)
			}
		}
		for _, mistake := range mistakes {
			m, ok := mistake.(*MistakeError) //nolint:errorlint // it is not wrapped
			if !ok || m.Says == "" || m.Line < 1 || m.Column < 0 || m.Line > strings.Count(string(source), "\n")+strings.Count(string(source), "\r")+2 {
				t.Errorf("no place of a mistake: %#v", mistake)
			}
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%d bytes took %v", len(source), took)
		}
	})
}

// aliasBomb has aliases of aliases: ten to the seventh values.
func aliasBomb() string {
	var b strings.Builder
	b.WriteString("duplex: 1\na0: &a0 x\n")
	for level := '1'; level <= '7'; level++ {
		b.WriteString("a" + string(level) + ": &a" + string(level) + " [" + strings.Repeat("*a"+string(level-1)+",", 10) + "]\n")
	}
	return b.String() + "services: [{name: a, x: *a7}]\n"
}

// split returns the errors that were joined.
func split(err error) (all []error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			all = append(all, split(one)...)
		}
		return all
	}
	if err == nil {
		return nil
	}
	return []error{err}
}
