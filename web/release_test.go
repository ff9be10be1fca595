package main

import (
	"debug/buildinfo"
	"debug/elf"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"duplex/bridge/testkit"
)

func TestVersionIsTheCommit(t *testing.T) {
	t.Parallel()
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	for want, settings := range map[string][]debug.BuildSetting{
		"(devel)":              nil,
		"0123456789ab":         {setting("vcs.revision", "0123456789abcdef"), setting("vcs.modified", "false")},
		"0123456789ab+changed": {setting("vcs.modified", "true"), setting("vcs.revision", "0123456789abcdef")},
	} {
		if got := versionOf(&debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: settings}); got != want {
			t.Errorf("%v: %q, want %q", settings, got, want)
		}
	}
}

// runRelease runs a part of .ci/release.
func runRelease(t *testing.T, out, part string, env ...string) (printed string, ok bool) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "../.ci/release", out, part)
	command.Env = append(command.Environ(), env...)
	raw, err := command.CombinedOutput()
	return string(raw), err == nil
}

// The parts of a release, for this platform; all platforms in the long form.
func TestRelease(t *testing.T) {
	t.Parallel()
	if raw, err := exec.CommandContext(t.Context(), "go", "list", "-m", "golang.org/x/vuln@v1.9.0").CombinedOutput(); err != nil {
		testkit.Missing(t, "modules of the Go proxy: "+string(raw), "make release fetches them")
	}
	out, platforms := t.TempDir(), "linux/"+runtime.GOARCH
	if testkit.Full() {
		platforms = "linux/amd64 linux/arm64"
	}
	if printed, ok := runRelease(t, out, "programs", "PLATFORMS="+platforms); !ok {
		t.Fatal(printed)
	}
	for platform := range strings.FieldsSeq(platforms) {
		requireStatic(t, filepath.Join(out, "duplex-"+strings.ReplaceAll(platform, "/", "-")))
	}
	program := filepath.Join(out, "duplex-linux-"+runtime.GOARCH)
	for _, part := range []string{"sbom", "checksums"} {
		if printed, ok := runRelease(t, out, part); !ok {
			t.Fatal(printed)
		}
	}
	requireComponents(t, program)
	check := exec.CommandContext(t.Context(), "sha256sum", "--check", "--strict", "SHA256SUMS")
	check.Dir = out
	if raw, err := check.CombinedOutput(); err != nil || strings.Count(string(raw), ": OK\n") != 2*len(strings.Fields(platforms)) {
		t.Errorf("%v: %s", err, raw)
	}
	requireVulnerabilitiesTold(t, out)
}

// requireVulnerabilitiesTold checks a release with several databases: without one it does not pass.
func requireVulnerabilitiesTold(t *testing.T, out string) {
	t.Helper()
	for name, c := range map[string]struct {
		database string
		ok       bool
		says     string
	}{
		"none":          {mirror(t, ""), true, ""},
		"one":           {mirror(t, "github.com/go-chi/chi/v5"), false, "known vulnerabilities"},
		"no database":   {"file://" + filepath.Join(t.TempDir(), "away"), false, "NOT CHECKED"},
		"no connection": {"http://" + testkit.FreeAddr(t), false, "NOT CHECKED"},
	} {
		printed, ok := runRelease(t, out, "vulnerabilities", "GOVULNDB="+c.database)
		told, err := os.ReadFile(filepath.Join(out, "VULNERABILITIES"))
		if err != nil || ok != c.ok || !strings.Contains(printed, c.says) || strings.Contains(string(told), "NOT CHECKED") != (c.says == "NOT CHECKED") {
			t.Errorf("%s: passed %v, and said %s\n%s", name, ok, printed, told)
		}
	}
}

// requireStatic fails unless a program runs without libraries and has the version.
func requireStatic(t *testing.T, program string) {
	t.Helper()
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, part := range file.Progs {
		if part.Type == elf.PT_INTERP || part.Type == elf.PT_DYNAMIC {
			t.Errorf("%s needs libraries", program)
		}
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	if want := versionOf(info); strings.HasSuffix(program, runtime.GOARCH) {
		raw, err := exec.CommandContext(t.Context(), program, "version").Output()
		if err != nil || strings.TrimSpace(string(raw)) != want || want == "" {
			t.Errorf("%s says it is %s, built as %s: %v", program, raw, want, err)
		}
	}
}

// requireComponents compares the SBOM of a program with its modules and the packages of the page.
func requireComponents(t *testing.T, program string) {
	t.Helper()
	raw, err := os.ReadFile(program + ".cdx.json")
	if err != nil {
		t.Fatal(err)
	}
	var bom struct {
		Format     string `json:"bomFormat"`
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(raw, &bom); err != nil || bom.Format != "CycloneDX" {
		t.Fatalf("%v %+v", err, bom)
	}
	var named []string
	for _, c := range bom.Components {
		named = append(named, c.Name+" "+c.Version)
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range info.Deps {
		if !slices.Contains(named, module.Path+" "+module.Version) {
			t.Errorf("%s %s is not listed", module.Path, module.Version)
		}
	}
	raw, err = os.ReadFile("../static/package.json")
	if err != nil {
		t.Fatal(err)
	}
	var page struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal(raw, &page); err != nil || len(page.Dependencies) == 0 {
		t.Fatal(err)
	}
	for name, version := range page.Dependencies {
		if !slices.Contains(named, name+" "+version) {
			t.Errorf("%s %s is not listed", name, version)
		}
	}
	for name, version := range page.DevDependencies {
		if slices.Contains(named, name+" "+version) {
			t.Errorf("%s is not in the program, and listed", name)
		}
	}
}

// mirror makes a database of vulnerabilities with one of a module in all its versions; "" for none.
func mirror(t *testing.T, module string) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{"index/db.json": `{"modified":"2026-11-01T00:00:00Z"}`, "index/modules.json": `[]`, "index/vulns.json": `[]`}
	if module != "" {
		files["index/modules.json"] = `[{"path":"` + module + `","vulns":[{"id":"GO-2026-0001","modified":"2026-11-01T00:00:00Z"}]}]`
		files["index/vulns.json"] = `[{"id":"GO-2026-0001","modified":"2026-11-01T00:00:00Z"}]`
		files["ID/GO-2026-0001.json"] = `{"schema_version":"1.3.1","id":"GO-2026-0001","modified":"2026-11-01T00:00:00Z","published":"2026-11-01T00:00:00Z","summary":"made up","details":"made up","database_specific":{"url":"https://vuln.example/GO-2026-0001"},
			"affected":[{"package":{"name":"` + module + `","ecosystem":"Go"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}],"ecosystem_specific":{}}]}`
	}
	for name, content := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return "file://" + dir
}
