package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	gocmp "github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/diagnose"
	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/bridge/sign"
	"duplex/bridge/wire"
	"duplex/handlers/api"
	"duplex/handlers/identity"
	"duplex/handlers/load"
	"duplex/handlers/reply"
)

func texts[T ~string](lists ...[]T) []string {
	var out []string
	for _, item := range slices.Concat(lists...) {
		out = append(out, string(item))
	}
	return out
}

// enumOf returns the values of a schema of the document.
func enumOf(t *testing.T, doc *openapi3.T, schema string) []string {
	t.Helper()
	ref := doc.Components.Schemas[schema]
	if ref == nil {
		t.Fatalf("no schema %s", schema)
	}
	var out []string
	for _, value := range ref.Value.Enum {
		switch value := value.(type) {
		case string:
			out = append(out, value)
		case float64:
			out = append(out, strconv.Itoa(int(value)))
		}
	}
	return out
}

// Each list of the program is the list of the document, in any order.
func TestDocumentListsWhatTheProgramLists(t *testing.T) {
	t.Parallel()
	var kinds, roles, codes []string
	for _, scheme := range sign.Schemes() {
		kinds = append(kinds, string(scheme.Kind))
	}
	for _, role := range identity.AllRoles() {
		roles = append(roles, role.String())
	}
	for _, code := range reply.Codes() {
		codes = append(codes, strconv.Itoa(int(reply.CloseOf(code))))
	}
	withoutOpen := slices.DeleteFunc(dial.AllPhases(), func(p dial.Phase) bool { return p == dial.PhaseOpen }) // the end of a dial
	lists := map[string][]string{
		"ErrorCode":       texts(reply.Codes()),
		"ViewerCloseCode": codes,
		"CredentialKind":  kinds,
		"Role":            roles,
		"Scope":           texts(identity.Scopes()),
		"AuditAction":     texts(audit.Actions()),
		"AuditOutcome":    texts(audit.Outcomes()),
		"AuditBreak":      texts(audit.Kinds()),
		"DiagnosisAction": texts(diagnose.Actions()),
		"DiagnosisSide":   texts(diagnose.Sides()),
		"EventName":       append(texts(bridge.EventKinds()), texts(bridge.Marks())...),
		"MessageType":     texts(bridge.MessageTypes()),
		"SessionState":    texts(bridge.States()),
		"StateFilter":     load.FilterStates(),
		"SearchIn":        api.SearchPlaces(),
		"LeftOut":         texts(api.LeftOuts()),
		"PlayingState":    texts(bridge.PlayStates()),
		"DialPhaseName":   append(texts(withoutOpen), texts(bridge.TrialPhases())...),
		"DialPhaseState":  texts(wire.PhaseStates()),
	}
	doc := parseAPIDocument(t)
	for schema, want := range lists {
		got := enumOf(t, doc, schema)
		slices.Sort(want)
		slices.Sort(got)
		if diff := gocmp.Diff(slices.Compact(want), got); diff != "" {
			t.Errorf("%s: program (-) and document (+):\n%s", schema, diff)
		}
	}
}

// The page asks for as many rows as the document allows.
func TestDocumentHasTheLimitOfRows(t *testing.T) {
	t.Parallel()
	limit := parseAPIDocument(t).Paths.Find("/api/sessions/{session}/messages").Get.Parameters.GetByInAndName("query", "limit")
	if most := limit.Schema.Value.Max; most == nil || int(*most) != bridge.MaxRows {
		t.Errorf("the document allows %v rows, the program %d", most, bridge.MaxRows)
	}
}

// A series has at most as many steps as the document allows, and the units that it names.
func TestDocumentHasTheLimitsOfASeries(t *testing.T) {
	t.Parallel()
	doc := parseAPIDocument(t)
	points := doc.Paths.Find("/api/sessions/{session}/series").Get.Parameters.GetByInAndName("query", "points")
	if most := points.Schema.Value.Max; most == nil || int(*most) != dialect.MaxPoints {
		t.Errorf("the document allows %v steps, the program %d", most, dialect.MaxPoints)
	}
	if diff := gocmp.Diff([]string{"", dialect.RateTokens, dialect.RateCharacters}, enumOf(t, doc, "RateUnit")); diff != "" {
		t.Errorf("units: program (-) and document (+):\n%s", diff)
	}
}

// Each kind of credential has the fields of its scheme: secrets are write-only, and the
// others are required unless they are optional.
func TestDocumentHasTheFieldsOfEveryCredentialKind(t *testing.T) {
	t.Parallel()
	kinds := map[string]*openapi3.Schema{}
	for _, kind := range parseAPIDocument(t).Components.Schemas["CredentialRequest"].Value.OneOf {
		kinds[kind.Value.Title] = kind.Value
	}
	for _, scheme := range sign.Schemes() {
		schema := kinds[string(scheme.Kind)]
		if schema == nil {
			t.Errorf("%s is not described", scheme.Kind)
			continue
		}
		required, fields := []string{"kind"}, []string{"kind", "secrets"}
		if scheme.Named() {
			fields = append(fields, "vars")
		}
		for _, field := range scheme.Fields {
			fields = append(fields, field.Name)
			property := schema.Properties[field.Name]
			if property == nil || property.Value.WriteOnly != field.Secret {
				t.Errorf("%s: %s is described as %+v", scheme.Kind, field.Name, property)
			}
			if property != nil && len(property.Value.Enum) != len(field.Choices) {
				t.Errorf("%s: %s is one of %v, and described as one of %v", scheme.Kind, field.Name, field.Choices, property.Value.Enum)
			}
			if field.Required && !field.Secret && field.Default == "" {
				required = append(required, field.Name)
			}
		}
		described := slices.Clone(schema.Required)
		slices.Sort(required)
		slices.Sort(described)
		if diff := gocmp.Diff(required, described); diff != "" {
			t.Errorf("%s requires (-program +document):\n%s", scheme.Kind, diff)
		}
		if len(schema.Properties) != len(fields) {
			t.Errorf("%s has %d fields, described are %v", scheme.Kind, len(fields), schema.Properties)
		}
	}
}

// Each setting of a service is documented: in requests with its default, where a session
// may set it or only a saved service has it, and in answers.
func TestDocumentHasEverySettingOfAService(t *testing.T) {
	t.Parallel()
	doc := parseAPIDocument(t)
	connection := doc.Components.Schemas["Connection"].Value
	saved := doc.Components.Schemas["ServiceRequest"].Value.AllOf[1].Value
	for _, setting := range bridge.ServiceSettings() {
		in, notIn := connection, saved
		if setting.SavedOnly {
			in, notIn = saved, connection
		}
		property := propertyOf(in, setting.Name)
		if property == nil || propertyOf(notIn, setting.Name) != nil {
			t.Errorf("%s is not described, or in the wrong request", setting.Name)
			continue
		}
		var want any = float64(setting.Default / setting.Kind.Unit())
		if setting.Kind == bridge.SettingFlag {
			want = setting.Default != 0
		}
		if property.Default != want {
			t.Errorf("%s is %v by default, and described as %v", setting.Name, want, property.Default)
		}
		if propertyOf(doc.Components.Schemas["Service"].Value, setting.Name) == nil {
			t.Errorf("%s is not described in answers", setting.Name)
		}
	}
}

// propertyOf returns a property by its path, or nil.
func propertyOf(schema *openapi3.Schema, path string) *openapi3.Schema {
	for name := range strings.SplitSeq(path, ".") {
		property := schema.Properties[name]
		if property == nil {
			return nil
		}
		schema = property.Value
	}
	return schema
}

// The structs of bridge/wire have the fields of their schemas, of the same type, and
// leave out exactly those that are not required.
func TestDocumentDescribesTheStructsOfTheWire(t *testing.T) {
	t.Parallel()
	doc := parseAPIDocument(t)
	for schema, of := range map[string]any{
		"Row": wire.Row{}, "Snippet": wire.Snippet{}, "Viewer": wire.Viewer{}, "Access": wire.Access{}, "ErrorBody": wire.Error{},
		"Diagnosis": wire.Diagnosis{}, "Session": wire.State{}, "Handshake": wire.Handshake{}, "Phases": wire.Phases{}, "TLS": wire.TLS{},
		"Pair": wire.Pair{}, "DialectProblem": wire.Problem{}, "TurnUpdate": wire.TurnUpdate{}, "TextUpdate": wire.TextUpdate{}, "Playing": wire.Playing{},
		"AudioFormat": wire.AudioFormat{}, "Limits": wire.Limits{}, "Turn": dialect.Turn{}, "TurnText": dialect.TurnText{},
		"TurnError": dialect.TurnError{}, "TurnAudio": dialect.TurnAudio{}, "Gaps": dialect.Gaps{}, "Segment": dialect.Segment{},
	} {
		compareFields(t, schema, doc.Components.Schemas[schema].Value, reflect.TypeOf(of))
	}
	for union, of := range map[string]any{"ServerEvent": wire.ServerEvent{}, "ViewerEvent": wire.ViewerEvent{}} {
		all := map[string]bool{}
		for _, event := range doc.Components.Schemas[union].Value.OneOf {
			for name := range event.Value.Properties {
				all[name] = true
			}
		}
		for field := range reflect.TypeOf(of).Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !all[name] {
				t.Errorf("%s: %s is in no event of the document", union, name)
			}
			delete(all, name)
		}
		if len(all) > 0 {
			t.Errorf("%s: the program has no %v", union, all)
		}
	}
}

func compareFields(t *testing.T, name string, schema *openapi3.Schema, of reflect.Type) {
	t.Helper()
	types := map[reflect.Kind]string{
		reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Int64: "integer",
		reflect.Slice: "array", reflect.Struct: "object", reflect.Pointer: "object", reflect.Map: "object", reflect.Float64: "number",
	}
	var fields []string
	for _, field := range reflect.VisibleFields(of) {
		key, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous || key == "-" {
			continue // the fields of an embedded struct follow
		}
		fields = append(fields, key)
		property := schema.Properties[key]
		if property == nil {
			t.Errorf("%s: %s is not described", name, key)
			continue
		}
		if required := slices.Contains(schema.Required, key); required == strings.Contains(options, "omitempty") {
			t.Errorf("%s: %s is required: %t, and has the tag %q", name, key, required, options)
		}
		if kind := types[field.Type.Kind()]; len(property.Value.AnyOf) == 0 && !property.Value.Type.Is(kind) {
			t.Errorf("%s: %s is %s, and described as %v", name, key, kind, property.Value.Type)
		}
	}
	for key := range schema.Properties {
		if !slices.Contains(fields, key) {
			t.Errorf("%s: the program has no %s", name, key)
		}
	}
}

// The fixtures that the tests of Go and TypeScript share are events of the document.
func TestFixturesOfTheWireAreAsDocumented(t *testing.T) {
	t.Parallel()
	a := &apiTest{program: &program{t: t}, doc: strictDocument(t)}
	names, err := filepath.Glob("../bridge/wire/testdata/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var event struct{ Type wire.EventType }
		if err := json.Unmarshal(raw, &event); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(wire.ViewerEventTypes(), event.Type) {
			a.matches("ViewerEvent", raw)
		} else {
			a.matches("ServerEvent", raw)
		}
	}
}
