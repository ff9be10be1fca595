package provision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"duplex/bridge/dialect"
)

// API makes a call of the server's API.
type API func(ctx context.Context, method, path, kind string, body []byte) (status int, answer []byte)

// Change is an entry that was looked at.
type Change struct {
	List, Name string
	Did        Did
}

// Did says what was done.
type Did string

// The outcomes for an entry.
const (
	Made     Did = "made"
	Changed  Did = "changed"                                     // the file has changed
	Restored Did = "restored: it was changed by hand"            // drift
	Left     Did = "left as it is: it is no longer in the files" // drift too
)

// State remembers what was applied, by list and name.
type State map[string]Applied

// Applied holds the hashes of an entry.
type Applied struct {
	File string `json:"file"` // of what the file said, secrets included
	Made string `json:"made"` // of what the server then had
}

// Applier applies documents.
type Applier struct {
	Call   API
	Getenv func(string) string
	Keys   []string // that a body may have, for hints
}

// Apply makes the server have what the document says. An entry that is as it was applied the
// last time is not touched. It returns the changes and the new state, also beside mistakes.
func (a *Applier) Apply(ctx context.Context, d *Document, before State) ([]Change, State, error) {
	after := State{}
	var changes []Change
	var mistakes []error
	for _, list := range lists {
		now, err := a.read(ctx, list)
		if err != nil {
			return changes, before, err
		}
		for n := range d.items {
			if d.items[n].list != list {
				continue
			}
			did, applied, err := a.applyItem(ctx, &d.items[n], now, before)
			if err != nil {
				mistakes = append(mistakes, err)
				continue
			}
			after[d.items[n].key()] = applied
			if did != "" {
				changes = append(changes, Change{list, d.items[n].name, did})
			}
		}
		for key := range before {
			name, ours := strings.CutPrefix(key, list+"/")
			if _, stays := after[key]; ours && !stays && now[name] != nil && !d.has(key) {
				changes = append(changes, Change{list, name, Left})
				after[key] = before[key]
			}
		}
	}
	return changes, after, errors.Join(mistakes...)
}

func (d *Document) has(key string) bool {
	return slices.ContainsFunc(d.items, func(one item) bool { return one.key() == key })
}

func (i *item) key() string { return i.list + "/" + i.name }

func (a *Applier) applyItem(ctx context.Context, i *item, now map[string]*entry, before State) (Did, Applied, error) {
	body, mistakes := i.resolve(a.Getenv)
	if len(mistakes) > 0 {
		return "", Applied{}, errors.Join(mistakes...)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return "", Applied{}, err
	}
	applied, known := before[i.key()]
	found := now[i.name]
	hash := hashOf(raw)
	if known && found != nil && applied.File == hash && applied.Made == found.hash {
		return "", applied, nil
	}
	did, method, path := Made, http.MethodPost, "/api/"+i.list
	if found != nil {
		did, method, path = Changed, http.MethodPut, path+"/"+url.PathEscape(found.id)
		if known && applied.File == hash || !known {
			did = Restored
		}
	}
	kind := "application/json"
	if i.list == dialects {
		kind = "application/yaml"
		if raw, err = yaml.Marshal(ordered(i)); err != nil {
			return "", Applied{}, err
		}
	}
	if status, answer := a.Call(ctx, method, path, kind, raw); status >= http.StatusBadRequest {
		return "", Applied{}, a.explain(i, answer)
	}
	made, err := a.read(ctx, i.list)
	if err != nil {
		return "", Applied{}, err
	}
	if made[i.name] == nil {
		return "", Applied{}, i.mistake("name", "The server does not show it.")
	}
	return did, Applied{File: hash, Made: made[i.name].hash}, nil
}

// ordered returns the entry with its keys in the order of the file.
func ordered(i *item) any {
	var value yaml.MapSlice
	if err := yaml.NodeToValue(i.node, &value, yaml.UseOrderedMap()); err != nil {
		return i.value
	}
	return value
}

// explain puts an error of the API to its place in the file.
func (a *Applier) explain(i *item, answer []byte) error {
	var said struct {
		Error struct {
			Code, Message, Field string
			Problems             []struct {
				Path, Detail, Nearest string
			}
		}
	}
	if err := json.Unmarshal(answer, &said); err != nil {
		return i.mistake("", string(answer))
	}
	e := said.Error
	if len(e.Problems) > 0 {
		var mistakes []error
		for _, p := range e.Problems {
			m := i.mistake(p.Path, p.Detail)
			if unknown := keyNamed(i.node, last(p.Path)); unknown != nil && p.Nearest != "" {
				m = mistakeAt(i.file, unknown, p.Detail)
			}
			m.Nearest = p.Nearest
			mistakes = append(mistakes, m)
		}
		return errors.Join(mistakes...)
	}
	says := fmt.Sprintf("%s %q: %s", strings.TrimSuffix(i.list, "s"), i.name, e.Message)
	name := last(e.Field)
	key := keyNamed(i.node, name)
	if strings.Contains(e.Code, "unknown") || e.Code == "bad_json" && key != nil && !slices.Contains(a.Keys, name) {
		m := i.mistake(e.Field, fmt.Sprintf("%s %q: the key %q is unknown.", strings.TrimSuffix(i.list, "s"), i.name, name))
		if key != nil {
			at := mistakeAt(i.file, key, "")
			m.Line, m.Column = at.Line, at.Column
		}
		m.Nearest = dialect.Nearest(name, a.Keys)
		return m
	}
	return i.mistake(e.Field, says)
}

func last(field string) string {
	parts := strings.FieldsFunc(field, func(r rune) bool { return strings.ContainsRune(".[]", r) })
	if len(parts) == 0 {
		return field
	}
	return parts[len(parts)-1]
}

func hashOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16])
}

// entry is an entry that the server has.
type entry struct {
	id    string // as its path has it
	value map[string]any
	hash  string
}

// read returns the entries of a list by name, without the demo's services and the built-in
// dialects.
func (a *Applier) read(ctx context.Context, list string) (map[string]*entry, error) {
	status, answer := a.Call(ctx, http.MethodGet, "/api/"+list, "", nil)
	var answers map[string][]map[string]any
	if err := json.Unmarshal(answer, &answers); err != nil || status != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("list %s: %d %s", list, status, answer), err)
	}
	found := map[string]*entry{}
	for _, value := range answers[list] {
		name, _ := value["name"].(string)
		id := name
		switch list {
		case services:
			if value["demo"] != "" {
				continue
			}
			id, _ = value["id"].(string)
		case dialects:
			if value["builtin"] == true {
				continue
			}
			status, answer := a.Call(ctx, http.MethodGet, "/api/dialects/"+url.PathEscape(name), "", nil)
			if err := json.Unmarshal(answer, &value); err != nil || status != http.StatusOK {
				return nil, errors.Join(fmt.Errorf("read dialect %s: %d", name, status), err)
			}
		}
		forgetTimes(value)
		value = object(withIntegers(value))
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		found[name] = &entry{id: id, value: value, hash: hashOf(raw)}
	}
	return found, nil
}

// forgetTimes drops the fields that change without a change of the entry.
func forgetTimes(value any) {
	switch value := value.(type) {
	case []any:
		for _, inner := range value {
			forgetTimes(inner)
		}
	case map[string]any:
		maps.DeleteFunc(value, func(key string, _ any) bool {
			return key == "updated_at_us" || key == "last_used_at_us" || strings.HasPrefix(key, "owner") || key == "mine" || strings.HasPrefix(key, "may_")
		})
		for _, inner := range value {
			forgetTimes(inner)
		}
	}
}

// withIntegers returns the value with whole numbers as integers, as people write them.
func withIntegers(value any) any {
	switch value := value.(type) {
	case float64:
		if whole := int64(value); float64(whole) == value {
			return whole
		}
	case []any:
		for n := range value {
			value[n] = withIntegers(value[n])
		}
	case map[string]any:
		for key := range value {
			value[key] = withIntegers(value[key])
		}
	}
	return value
}
