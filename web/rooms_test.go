package main

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rooms is the map of the house: which package may import which, and why. An
// import that is not here does not belong; an entry that nobody uses goes.
var rooms = map[string]map[string]string{
	"web": {
		"bridge":                   "makes the hub",
		"bridge/audit":             "checks and exports the log",
		"bridge/demo":              "runs the demo service",
		"bridge/dial":              "makes the dialer and its policy",
		"bridge/vault":             "loads the key file",
		"handlers":                 "serves them",
		"handlers/identity":        "makes the guard",
		"handlers/reply":           "names the errors and the condition of the store",
		"static":                   "hands the built assets to the handlers",
		"handlers/pages":           "tells pages how long sessions are kept",
		"views":                    "shows the settings in effect",
		"views/text":               "loads the catalogue",
		"web/internal/config":      "reads the settings",
		"web/internal/doctor":      "runs its checks",
		"web/internal/store":       "opens the store",
		"web/internal/provision":   "applies files at the start, and writes them",
		"web/internal/telemetry":   "starts the exporters",
		"handlers/identity/origin": "names the console's origins",
		"handlers/identity/proxy":  "lists the presets in the help",
	},
	"web/internal/config": {
		"bridge":                   "limits are among the settings",
		"bridge/dial":              "a policy is one of the settings",
		"bridge/loopback":          "strangers reach other addresses than loopback",
		"handlers/identity":        "identity settings",
		"handlers/identity/jwt":    "checks addresses and algorithms of issuers",
		"handlers/identity/origin": "parses origins",
		"handlers/identity/proxy":  "presets of known proxies",
		"web/internal/provision":   "reads roles from the files of --provision",
	},
	"web/internal/provision": {
		"bridge/dialect": "finds the key that was meant",
		"bridge/sign":    "lists the secret fields of credentials",
	},
	"web/internal/doctor": {
		"bridge/dial":         "reads the refusal of an egress proxy",
		"bridge/vault":        "loads the key file",
		"handlers/identity":   "asks the issuer of sign-ins",
		"web/internal/config": "checks the settings",
		"web/internal/store":  "looks at the database",
	},
	"web/internal/telemetry": {
		"bridge":         "traces its connections",
		"bridge/dial":    "names the phase of a dial that failed",
		"bridge/dialect": "names the operation and the times of turns",
	},
	"web/internal/store": {
		"bridge":            "keeps its services and sessions",
		"bridge/audit":      "keeps its entries, in their chain",
		"bridge/dialect":    "parses the dialects of the team",
		"bridge/sign":       "keeps credentials",
		"bridge/transcript": "keeps messages",
		"bridge/vault":      "seals secrets on their way to a row",
		"handlers/identity": "keeps its people and their sign-ins",
	},
	"handlers": {
		"handlers/identity/origin": "refuses names of other hosts",
		"bridge":                   "hands the hub on, and reads its figures",
		"handlers/access":          "refuses people who lack a role or a scope",
		"handlers/api":             "routes to it",
		"handlers/auditlog":        "makes the log that all parts write to",
		"handlers/connection":      "makes the builder of dials",
		"handlers/identity":        "identifies the person of each request",
		"handlers/live":            "routes to it",
		"handlers/load":            "makes the loader that all parts use",
		"handlers/pages":           "routes to it",
		"handlers/quota":           "makes the counters that all parts use",
		"handlers/reply":           "answers what no part answers",
		"handlers/shape":           "makes the readers that all parts use",
		"static":                   "serves the assets",
		"views":                    "takes the settings that a page shows",
		"views/text":               "takes the catalogues",
	},
	"handlers/api": {
		"bridge/speech":       "reads WAV files",
		"bridge/dialect":      "reads dialects and their turns",
		"bridge":              "opens, changes and closes sessions",
		"bridge/audit":        "names the actions of entries",
		"bridge/dial":         "reads the patterns of a binding",
		"bridge/sign":         "bounds the secrets of environments",
		"bridge/transcript":   "queries and exports logs",
		"bridge/vault":        "changes the binding of a secret",
		"bridge/wire":         "answers with its rows and states",
		"handlers/access":     "asks what a person may do",
		"handlers/auditlog":   "records what people do",
		"handlers/connection": "reads services and connections",
		"handlers/explain":    "tells the phases of a dial, and how a test of a connection ended",
		"views/text":          "passes the words of the reader on to these",
		"handlers/identity":   "asks who it is",
		"handlers/load":       "loads services and sessions",
		"handlers/quota":      "bounds the open sessions of a person",
		"handlers/reply":      "reads requests and answers them",
		"handlers/shape":      "answers with its shapes",
	},
	"handlers/pages": {
		"handlers/identity/origin": "keeps redirects inside",
		"handlers/identity/proxy":  "lists the presets on the settings page",
		"bridge":                   "lists services and sessions",
		"bridge/audit":             "lists entries",
		"bridge/sign":              "lists the kinds of credential for the form",
		"bridge/transcript":        "lists the formats of export",
		"bridge/wire":              "starts the console page with a state",
		"handlers/access":          "asks what a person may do",
		"handlers/auditlog":        "reads pages of the audit log",
		"handlers/identity":        "asks who it is",
		"handlers/load":            "loads services and sessions",
		"handlers/reply":           "reads requests and finds the language of the person",
		"handlers/shape":           "starts the console page with its shapes",
		"static":                   "names the assets",
		"views":                    "renders pages",
		"views/text":               "says the names on a page",
	},
	"handlers/live": {
		"bridge/dialect":      "labels rows, and tells the changes of turns",
		"bridge":              "watches sessions and runs relays",
		"bridge/audit":        "names the actions of entries",
		"bridge/dial":         "escapes queries and spells handshakes",
		"bridge/frames":       "carries the messages of relays",
		"bridge/sign":         "a relay dials without a credential of its own",
		"bridge/transcript":   "reads the rows of sessions",
		"bridge/wire":         "speaks it with viewers",
		"handlers/access":     "asks what a person may do",
		"handlers/auditlog":   "records what people do",
		"handlers/connection": "prepares the dial of a relay",
		"handlers/identity":   "holds the person of a socket",
		"handlers/load":       "loads services and sessions",
		"handlers/quota":      "bounds viewers and relays",
		"handlers/reply":      "answers before the handshake",
		"handlers/shape":      "sends its shapes to viewers",
	},
	"handlers/connection": {
		"bridge/dialect":           "names the dialect of a connection",
		"handlers/identity/origin": "parses the origins that may use a relay",
		"bridge":                   "fills in services and requests to open a session",
		"bridge/dial":              "checks addresses, headers and certificates",
		"bridge/sign":              "reads credentials",
		"bridge/vault":             "passes secrets on without showing them",
		"handlers/access":          "asks what a person may do",
		"handlers/identity":        "asks who it is",
		"handlers/load":            "loads the saved service",
		"handlers/reply":           "names the field that is wrong",
	},
	"handlers/load": {
		"bridge/transcript": "reads turns from logs",
		"bridge/dialect":    "reads turns",
		"bridge":            "loads services and sessions",
		"handlers/access":   "asks what a person may see",
		"handlers/identity": "asks who it is",
		"handlers/reply":    "answers that something is not found",
	},
	"handlers/auditlog": {
		"bridge":            "names sessions and services in entries",
		"bridge/audit":      "writes entries",
		"bridge/dial":       "names the host of a target",
		"bridge/sign":       "names the secrets that a dial uses",
		"handlers/identity": "names the person",
		"handlers/reply":    "names the request, and the error that came of it",
	},
	"handlers/quota": {
		"bridge":            "counts open sessions",
		"handlers/identity": "counts per person",
	},
	"handlers/shape": {
		"bridge/speech":     "maps the notes of a conversion",
		"bridge/dialect":    "maps dialects and turns",
		"bridge":            "maps services and sessions",
		"bridge/dial":       "reads the subject of a client certificate",
		"bridge/sign":       "maps the credential of a dialect",
		"bridge/transcript": "maps rows",
		"bridge/wire":       "maps to its types",
		"handlers/access":   "tells a person what they may do",
		"handlers/explain":  "explains how a session ended",
		"handlers/identity": "maps for a person",
		"handlers/reply":    "tells the condition of the store",
		"views/text":        "maps in the language of the person",
	},
	"handlers/access": {
		"bridge":            "judges services and sessions",
		"bridge/vault":      "judges the binding of a secret",
		"handlers/identity": "judges a person by role and scope",
		"handlers/reply":    "refuses with an error code",
	},
	"handlers/reply": {
		"bridge/dialect":    "maps the mistakes of a dialect, and of its variables and secrets",
		"bridge/speech":     "maps audio that cannot be read",
		"bridge":            "maps the errors of sessions",
		"bridge/dial":       "maps the errors of a dial",
		"bridge/sign":       "maps the errors of a credential",
		"bridge/transcript": "maps the errors of a search",
		"bridge/vault":      "maps the error of a missing key",
		"bridge/wire":       "writes errors as JSON",
		"handlers/explain":  "explains a failed dial",
		"handlers/identity": "maps refusals, and counts uploads per person",
		"views/text":        "says errors in the language of the person",
	},
	"handlers/explain": {
		"bridge/diagnose":   "puts its findings into sentences",
		"bridge/dial":       "shows its reports",
		"bridge/transcript": "explains a search expression that cannot be read",
		"bridge/wire":       "writes diagnoses and handshakes as JSON",
		"views/text":        "holds the sentences",
	},
	"handlers/identity": {
		"bridge/vault":                  "seals the refresh token of a new sign-in",
		"handlers/identity/accesstoken": "makes and checks access tokens",
		"handlers/identity/browser":     "recognises browsers",
		"handlers/identity/jwt":         "makes the client for requests to issuers",
		"handlers/identity/lease":       "ends sockets whose lease has expired",
		"handlers/identity/oidc":        "signs people in",
		"handlers/identity/origin":      "compares origins and hosts",
		"handlers/identity/principal":   "its values",
		"handlers/identity/proxy":       "reads the headers and tokens of a proxy",
		"handlers/identity/ticket":      "issues and spends relay tickets",
	},
	"handlers/identity/accesstoken": {
		"handlers/identity/principal": "its values",
	},
	"handlers/identity/browser": {
		"handlers/identity/principal": "a cookie leads to a sign-in",
	},
	"handlers/identity/jwt": {
		"bridge/loopback":             "issuers on this machine need no TLS",
		"handlers/identity/principal": "claims and refusals",
	},
	"handlers/identity/lease": {
		"handlers/identity/principal": "a lease belongs to a person",
	},
	"handlers/identity/oidc": {
		"bridge/vault":                "seals refresh tokens",
		"handlers/identity/browser":   "finds the sign-in of a browser",
		"handlers/identity/jwt":       "verifies ID tokens",
		"handlers/identity/principal": "claims and refusals",
	},
	"handlers/identity/origin": {
		"bridge/loopback":             "mode none allows every loopback name",
		"handlers/identity/principal": "a redirect has printable characters only",
	},
	"handlers/identity/principal": {
		"bridge/vault": "a sign-in has a sealed refresh token",
	},
	"handlers/identity/proxy": {
		"handlers/identity/jwt":       "verifies tokens",
		"handlers/identity/principal": "claims and refusals",
	},
	"handlers/identity/ticket": {
		"handlers/identity/principal": "a ticket belongs to a person",
	},
	"views":      {"views/text": "writes numbers as sentences do"},
	"views/text": {},
	"static":     {},
	"bridge": {
		"bridge/dialect":    "speaks and reads the dialect of a session",
		"bridge/speech":     "converts the audio to send",
		"bridge/diagnose":   "explains the end of a session",
		"bridge/frames":     "carries messages over both ends of a relay",
		"bridge/sign":       "a service has a credential",
		"bridge/dial":       "dials",
		"bridge/transcript": "logs",
		"bridge/vault":      "says where a kept secret may go",
	},
	"bridge/loopback": {},
	"bridge/dial": {
		"bridge/loopback": "this machine is dialled without a proxy",
		"bridge/frames":   "hands out connections, beneath the library too",
		"bridge/sign":     "signs each handshake as it goes out",
		"bridge/vault":    "holds tokens out of sight",
	},
	"bridge/frames": {},
	"bridge/sign": {
		"bridge/loopback": "IAM on this machine needs no TLS",
		"bridge/vault":    "holds secrets out of sight",
	},
	"bridge/diagnose": {
		"bridge/frames": "tells which rule of the protocol a target broke",
		"bridge/sign":   "what a refusal means depends on the kind of credential",
		"bridge/dial":   "reads its reports",
	},
	"bridge/transcript": {
		"bridge/dial": "an export shows the handshake",
	},
	"bridge/audit": {
		"bridge/vault": "signs entries with a key of the key file",
	},
	"bridge/vault": {},
	"bridge/wire": {
		"bridge/dialect":    "shows the turns of a log",
		"bridge/transcript": "shows the rows of a log",
	},
	"bridge/demo": {
		"bridge/demo/emulate": "serves emulated services beside its own",
		"bridge/sign":         "hands out credentials that work with it",
		"bridge/vault":        "credentials hold secrets",
	},
	"bridge/demo/emulate": {},
	"bridge/dialect": {
		"bridge/speech":     "encodes the samples to send",
		"bridge/dial":       "adds to a handshake as it goes out",
		"bridge/sign":       "names a parameter that is set twice",
		"bridge/transcript": "reads the messages of a log",
		"bridge/vault":      "holds the secrets of templates out of sight",
	},
	"bridge/speech":           {},
	"bridge/testkit":          {},
	"web/e2e":                 {},
	"web/internal/canary":     {},
	"web/internal/faults":     {"bridge/testkit": "gathers the figures that tests report"},
	"web/internal/pgtest":     {"bridge/testkit": "finds a free address"},
	"web/internal/relaybench": {},
	"web/internal/ssotest":    {},
	"web/internal/wirepeer":   {},
}

func TestRoomsImportOnlyWhatTheMapAllows(t *testing.T) {
	t.Parallel()
	for name, imports := range packages(t) {
		allowed, known := rooms[name]
		if !known {
			t.Errorf("%s is not on the map", name)
			continue
		}
		for _, imported := range imports {
			if allowed[imported] == "" {
				t.Errorf("%s imports %s, which the map does not allow", name, imported)
			}
		}
	}
}

func TestMapHasNoRoomsOrEdgesThatAreGone(t *testing.T) {
	t.Parallel()
	found := packages(t)
	for name, allowed := range rooms {
		imports, exists := found[name]
		if !exists {
			t.Errorf("%s is on the map and not in the house", name)
		}
		for edge := range allowed {
			if !slices.Contains(imports, edge) {
				t.Errorf("%s no longer imports %s", name, edge)
			}
		}
	}
}

// packages returns the imports between the packages of the module, without those of
// tests.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	const root = ".."
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); path != root && (name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		if files, _ := filepath.Glob(filepath.Join(path, "*.go")); len(files) == 0 {
			return nil
		}
		p, err := build.Default.ImportDir(path, 0)
		if err != nil {
			return err
		}
		room, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		found[room] = own(p.Imports)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return found
}

func own(imports []string) []string {
	var out []string
	for _, path := range imports {
		if rest, ok := strings.CutPrefix(path, "duplex/"); ok {
			out = append(out, rest)
		}
	}
	return out
}
