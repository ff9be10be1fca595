package provision

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// first lists the keys of an entry that go before the others.
var first = []string{"name", "address", "params", "headers", "subprotocols", "credential", "dialect", "environment", "folder", "values", "secrets"}

// dropped lists the fields of the API's answers that say nothing about what to make.
var dropped = []string{"id", "demo", "client_certificate", "client_key", "usable", "last_used_at_us", "fingerprint", "set"}

// Export returns a file that makes another server have the services, environments and
// dialects of this one. In place of secrets it has references to environment variables.
func (a *Applier) Export(ctx context.Context) ([]byte, error) {
	out := yaml.MapSlice{{Key: "duplex", Value: format}}
	for _, list := range lists {
		found, err := a.read(ctx, list)
		if err != nil {
			return nil, err
		}
		var entries []any
		for _, name := range slices.Sorted(maps.Keys(found)) {
			written, err := exported(list, name, found[name].value)
			if err != nil {
				return nil, err
			}
			entries = append(entries, written)
		}
		if len(entries) > 0 {
			out = append(out, yaml.MapItem{Key: list, Value: entries})
		}
	}
	return yaml.MarshalWithOptions(out, yaml.IndentSequence(true))
}

func exported(list, name string, value map[string]any) (any, error) {
	if list == dialects {
		var source yaml.MapSlice
		text, _ := value["yaml"].(string)
		return source, yaml.UnmarshalWithOptions([]byte(text), &source, yaml.UseOrderedMap())
	}
	out := copyOf(value)
	if list == environments {
		secrets := map[string]any{}
		for field, info := range object(value["secrets"]) {
			kept := object(info)
			secrets[field] = inOrder(map[string]any{"value": reference(name, field), "targets": kept["targets"], "tls": kept["tls"]})
		}
		out["secrets"] = secrets
		return inOrder(out), nil
	}
	delete(out, "secrets")
	out["credential"] = exportedCredential(name, object(value["credential"]))
	for _, rows := range []string{"headers", "params"} {
		list, _ := value[rows].([]any)
		var kept []any
		for _, row := range list {
			kept = append(kept, exportedRow(name, rows, copyOf(object(row))))
		}
		out[rows] = kept
	}
	tls := copyOf(object(value["tls"]))
	if object(tls["client_key"])["set"] == true {
		tls["client_key_pem"] = reference(name, "client_key_pem")
	}
	out["tls"] = inOrder(tls)
	return inOrder(out), nil
}

func exportedCredential(service string, credential map[string]any) any {
	out := copyOf(credential)
	secrets := object(out["secrets"])
	delete(out, "secrets")
	named := map[string]any{}
	for field := range secrets {
		if out["kind"] == "dialect" {
			named[field] = reference(service, field)
		} else {
			out[field] = reference(service, field)
		}
	}
	out["secrets"] = named
	return inOrder(out)
}

func exportedRow(service, rows string, row map[string]any) any {
	delete(row, "field")
	if row["enabled"] == true {
		delete(row, "enabled")
	}
	if row["secret"] == true {
		name, _ := row["name"].(string)
		row["value"] = reference(service, strings.TrimSuffix(rows, "s")+" "+name)
		return inOrder(row)
	}
	delete(row, "secret")
	if raw, _ := row["raw"].(string); raw != "" {
		delete(row, "name")
		delete(row, "value")
	}
	return inOrder(row)
}

// reference names the environment variable of a secret.
func reference(of, field string) any {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, of+"_"+field)
	return yaml.MapSlice{{Key: fromEnvironment, Value: "DUPLEX_SECRET_" + name}}
}

// inOrder returns the fields that say something, in a fixed order.
func inOrder(fields map[string]any) yaml.MapSlice {
	keys := slices.Sorted(maps.Keys(fields))
	slices.SortStableFunc(keys, func(a, b string) int { return rank(a) - rank(b) })
	var out yaml.MapSlice
	for _, key := range keys {
		if !slices.Contains(dropped, key) && !isNothing(fields[key]) {
			out = append(out, yaml.MapItem{Key: key, Value: fields[key]})
		}
	}
	return out
}

func rank(key string) int {
	if at := slices.Index(first, key); at >= 0 {
		return at
	}
	return len(first)
}

func isNothing(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case string:
		return value == ""
	case []any:
		return len(value) == 0
	case map[string]any:
		return len(value) == 0
	case yaml.MapSlice:
		return len(value) == 0
	}
	return false
}
