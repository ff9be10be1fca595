package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"duplex/bridge/testkit"
)

// buildTwice builds the program in two places, with -full from scratch.
func buildTwice(ctx context.Context, r *runner, res *result) {
	var sums [2][sha256.Size]byte
	for i := range sums {
		root := filepath.Join(r.directory, "build", strings.Repeat("x", 1+10*i))
		env := append(os.Environ(), "CGO_ENABLED=0")
		if r.o.full {
			env = append(env, "GOCACHE="+filepath.Join(root, "cache"))
		}
		err := copySources(ctx, root)
		if err == nil {
			cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", "duplex", "./web")
			cmd.Dir, cmd.Env = root, env
			var out []byte
			if out, err = cmd.CombinedOutput(); err != nil {
				err = fmt.Errorf("build: %w\n%s", err, out)
			}
		}
		var raw []byte
		if err == nil {
			raw, err = os.ReadFile(filepath.Join(root, "duplex"))
		}
		if err != nil {
			res.failed = append(res.failed, err.Error())
			return
		}
		sums[i] = sha256.Sum256(raw)
	}
	differ := 0.
	if sums[0] != sums[1] {
		differ = 1
	}
	res.add(testkit.Figure{Name: "builds in two places that differ", Value: differ, Sign: "<="})
}

// copySources copies the files under version control and the built page.
func copySources(ctx context.Context, root string) error {
	tracked, err := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return fmt.Errorf("list the sources: %w", err)
	}
	files := strings.Split(strings.TrimRight(string(tracked), "\x00"), "\x00")
	page, err := filepath.Glob("static/dist/*")
	if err != nil {
		return err
	}
	for _, name := range append(files, page...) {
		info, err := os.Stat(name)
		if err != nil {
			continue // deleted, and not committed yet
		}
		if info.IsDir() {
			if err := os.CopyFS(filepath.Join(root, name), os.DirFS(name)); err != nil {
				return err
			}
			continue
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		to := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(to, raw, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// knownVulnerabilities checks a program as a release does, where the database can be reached: on
// the network, or where GOVULNDB says.
func knownVulnerabilities(ctx context.Context, r *runner, res *result) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	folder := filepath.Join(r.directory, "release")
	for _, part := range []string{"programs", "vulnerabilities"} {
		cmd := exec.CommandContext(ctx, ".ci/release", folder, part)
		cmd.Env = append(os.Environ(), "PLATFORMS=linux/amd64")
		out, err := cmd.CombinedOutput()
		switch {
		case err == nil:
		case bytes.Contains(out, []byte("NOT CHECKED")):
			res.left = append(res.left, "known vulnerabilities: govulncheck needs its database (https://vuln.go.dev, or GOVULNDB)")
			return
		default:
			res.failed = append(res.failed, fmt.Sprintf("release %s: %v\n%s", part, err, tail(out, 20)))
			return
		}
	}
	res.add(testkit.Figure{Name: "programs with known vulnerabilities", Sign: "<="})
}

// wholeTreeUnderRace runs all tests under the race detector, with -full.
func wholeTreeUnderRace(ctx context.Context, r *runner, res *result) {
	if !r.o.full {
		res.left = append(res.left, "all tests under the race detector: make test-go, or -full", "24 hours under steady work: -full")
		return
	}
	args := slices.Concat([]string{"test"}, raceFlags, []string{"-parallel", "4", "-timeout", "30m", "./..."})
	out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput()
	r.keep(&step{pkg: "all"}, res, out)
	res.add(testkit.Figure{Name: "races in all tests", Value: float64(bytes.Count(out, []byte("WARNING: DATA RACE"))), Sign: "<="})
	if err != nil {
		res.failed = append(res.failed, "tests under the race detector\n"+tail(out, 40))
	}
}
