# Everything a fresh machine needs beside Go, Node with npm, make and git is
# installed by these targets, into this folder or the tools' own caches.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

LINT_VERSION := $(shell sed -n '1s/.*golangci-lint \(v[0-9.]*\).*/\1/p' .golangci.yml)
LINT := bin/golangci-lint-$(LINT_VERSION)
ASSETS := static/dist/manifest.json

# One way to build, so that each library is compiled once for the linter, the tools, the browser
# tests and a release. The race detector needs cgo.
export CGO_ENABLED := 0
export GOFLAGS := $(GOFLAGS) -trimpath

# The race detector watches our code and all libraries but the parts that are SQLite in Go,
# a translation of C: ten times slower under it, with its own locks. Its driver is watched,
# else the linker could take its unwatched copy of the code of sync.Map for all.
RACE := -race $(foreach part,sqlite/lib libc/... memory,-gcflags='modernc.org/$(part)=-race=false')
FRONT := $(shell find static/src views/text -type f 2>/dev/null) static/build.mjs static/package.json static/tsconfig.json

## run: build the page, start on http://127.0.0.1:8080 (ARGS="--listen 127.0.0.1:9090" for others)
.PHONY: run
run: $(ASSETS)
	go run ./web $(ARGS)

## build: the program with its page, as bin/duplex
.PHONY: build
build: $(ASSETS)
	go build -o bin/duplex ./web

## release: programs for Linux with checksums, SBOM and govulncheck, in release/ (GOVULNDB=file:///mirror of its database)
.PHONY: release
release: $(ASSETS)
	GOVULNDB=$(GOVULNDB) .ci/release release

## static: the page's scripts and styles
.PHONY: static
static: $(ASSETS)

$(ASSETS): $(FRONT) static/node_modules/.ready
	npm --prefix static run --silent build

static/node_modules/.ready: static/package-lock.json
	npm --prefix static ci --no-fund --no-audit
	touch $@

## test: everything that must hold: format, generated code, linters, types, unit tests, races, browser
.PHONY: test
test: parts check lint test-front test-go e2e

## parts: what tests need from Debian; prints what is missing elsewhere
.PHONY: parts
parts:
	.ci/parts

## check: formatting and generated code are current
.PHONY: check
check: $(LINT) $(ASSETS) static/generate/node_modules/.ready
	go tool templ generate -check
	npm --prefix static run --silent generate -- --check
	go tool templ fmt -fail views
	$(LINT) fmt --diff
	go mod tidy -diff

## lint: golangci-lint as .golangci.yml says, go vet among it
.PHONY: lint
lint: $(LINT)
	$(LINT) run --build-tags e2e ./...

$(LINT):
	mkdir -p bin
	GOBIN=$(CURDIR)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv bin/golangci-lint $@

.PHONY: test-front
test-front: static/node_modules/.ready
	npm --prefix static run --silent check
	npm --prefix static run --silent test

.PHONY: test-go
test-go: $(ASSETS)
	CGO_ENABLED=1 go test -vet=off $(RACE) -parallel 6 -timeout 15m ./web ./bridge ./... # vetted by lint; the longest first; many tests wait more than they work

## e2e: the page in headless Chromium, against the real program
.PHONY: e2e
e2e: $(ASSETS) parts
	cd web/e2e && go test -vet=off -tags e2e -parallel 3 -timeout 18m -count=1 # from there, for its last line: where known secrets were looked for

## full: the long forms of tests that wait or repeat: outages of 30 s, kill -9 by the dozen (an hour)
.PHONY: full
full: $(ASSETS) parts
	DUPLEX_FULL=1 go test -timeout 90m -count=1 -p 1 ./bridge/... ./handlers/... ./web/...
	cd web/e2e && DUPLEX_FULL=1 go test -tags e2e -parallel 3 -timeout 30m -count=1

## faults: brings faults on the program, prints the figures of the README (ARGS="-only stuck-viewer", -short, -full, -list)
.PHONY: faults
faults: $(ASSETS) parts
	go run ./web/internal/faults $(ARGS)

## bench: speed, as ratios against peers in the same run (ARGS="-rounds 5 -only push" for the relay)
.PHONY: bench
bench: build parts
	go run ./web/internal/relaybench -duplex bin/duplex $(ARGS)
	go test -run '^$$' -bench . -benchtime 2s ./bridge/... ./web ./web/internal/store/...

## bench-browser: the page under load, medians of 3, beside a bare page and a peer
.PHONY: bench-browser
bench-browser: $(ASSETS) parts
	go test -tags e2e -run '^$$' -bench . -benchtime 3x -timeout 40m ./web/e2e/...

## fuzz: what strangers send, FUZZTIME (30s) for each target
.PHONY: fuzz
fuzz:
	.ci/fuzz $(or $(FUZZTIME),30s)

## screenshots: the page as pictures, in screenshots/ (README's own in place)
.PHONY: screenshots
screenshots: $(ASSETS) parts
	DUPLEX_SCREENSHOTS=$(CURDIR)/screenshots go test -tags e2e -count=1 -run TestScreenshots ./web/e2e/...

## image: the container image
.PHONY: image
image:
	docker build -t duplex .

## generate: templ components into Go, error codes into the API document, the document into TypeScript
.PHONY: generate
generate: static/generate/node_modules/.ready
	go tool templ generate ./views/...
	go test ./handlers -count=1 -run TestDocumentHasEveryErrorCode -update
	npm --prefix static run --silent generate

static/generate/node_modules/.ready: static/generate/package-lock.json
	npm --prefix static/generate ci --no-fund --no-audit
	touch $@

## fmt: format Go and templ
.PHONY: fmt
fmt: $(LINT)
	$(LINT) fmt
	go tool templ fmt views

## help: this list
.PHONY: help
help:
	@sed -n 's/^## \([a-z0-9-]*\): \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
