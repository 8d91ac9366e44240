# The verbs of the project. Tools come from ./bin, which these rules fill by themselves.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
export CGO_ENABLED = 0

GOLANGCI := v2.15.0
GOVULNCHECK := v1.9.0
DEADCODE := v0.52.0
GOVULNDB ?= https://vuln.go.dev
# Built tools are shared by all checkouts of a user: one takes minutes to build.
TOOLS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/mrsk-tools
GOLDEN = $(addprefix ./,$(sort $(dir $(shell grep -rl --include=*_test.go mrsk/internal/golden internal))))
# Packages that start goroutines or share memory between them. The race detector takes four times the CPU
# and finds nothing in the others.
CONCURRENT = $(sort $(shell grep -rlE --include=*.go --exclude=*_test.go '^\s+go |errgroup\.|sync\.(Mutex|RWMutex|WaitGroup|Map|Cond)' internal lab bench | xargs -n1 dirname | sed 's|^|mrsk/|'))
# Tests that -short skips.
LONG := ^(TestDeploys|TestOutput_of_a_gigabyte.*|TestMemory_does_not_grow_with_a_layer|TestCache_is_sound.*|TestSimulation.*)$$
FUZZTIME ?= 20s
# The Docker of the lab's hosts: 29, 26 or 20.10.
ENGINE ?= 29
OTHERS := 26 20.10
export LAB_ENGINE = $(ENGINE)
say = @printf '\n=== %s\n'

# told runs tests on real hosts: all that they say is in .e2e/log, what matters is on the screen.
told = @mkdir -p .e2e; set -o pipefail; $(1) 2>&1 | tee .e2e/log | grep --line-buffered -E '^ *--- |^(ok|FAIL|panic)|^ *(lab|e2e): ' || \
  { echo 'more is in .e2e/log; its end:'; tail -n 20 .e2e/log; awk -f e2e/failed.awk .e2e/log; exit 1; }

# package installs a package of Debian's that has a program of the same name, for root, where it is missing.
package = { command -v $(1) >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
  apt-get update -qq && apt-get install -qy --no-install-recommends $(1) >/dev/null; }; }

.PHONY: help
help: ## list the verbs
	@sed -n 's/^\([a-z0-9]*\):[^#]*## /\1\t/p' Makefile | expand -t 8

.PHONY: build
build: ## make bin/mrsk, one static binary
	go build -trimpath -o bin/mrsk ./cmd/mrsk

.PHONY: man
man: ## write manual pages to bin/man
	go run ./release man bin/man

# What a release is called, and where its files will be.
MRSK_VERSION ?= $(shell git describe --tags 2>/dev/null || echo 0.0.0+$$(git rev-parse --short=12 HEAD))
MRSK_URL ?= file://$(subst $(space),%20,$(CURDIR))/dist
space := $(subst ,, )

# released makes a release in a folder, from the last commit in a fresh clone. A build that fails leaves the folder as
# it was. The clone has no tags, because Go writes the version that they give the commit into the programs.
released = set -e; work=$$(mktemp -d); trap 'rm -rf "$$work" $(1).new' EXIT; rm -rf $(1).new; git clone -q --no-tags . "$$work/mrsk"; \
  (cd "$$work/mrsk" && go run ./release build "$(CURDIR)/$(1).new" "$(MRSK_VERSION)" "$(MRSK_URL)"); \
  rm -rf $(1); mv $(1).new $(1)

.PHONY: release
release: ## make dist: programs, packages, checksums and installer of MRSK_VERSION, for MRSK_URL; publishes nothing
	$(call released,dist)

# Compiled packages come from the build cache, as -trimpath leaves no folder in them; programs are linked again.
.PHONY: reproducible
reproducible: ## fail if two releases of one commit differ
	$(say) 'reproducible: two releases for linux and darwin, amd64 and arm64 (a minute for each with a cold build cache)'
	$(call released,dist)
	$(call released,bin/again)
	diff -r dist bin/again && echo 'two releases are the same'

.PHONY: check
check: tools format vet lint tidy test conformance reproducible hosts ## all that CI runs, in its order

# Packages are fetched while programs are built, so both at once take less time than one after the other.
.PHONY: tools
tools: ## build what is missing: the linter, and the images of the lab
	$(say) 'tools: the linter and the images of the lab (seconds; a quarter of an hour on a machine that has nothing yet)'
	@$(MAKE) --no-print-directory bin/golangci-lint & linter=$$!; \
	  go run ./lab/cmd/lab images; code=$$?; wait $$linter && exit $$code

.PHONY: fmt
fmt: bin/golangci-lint ## format the code
	bin/golangci-lint fmt

.PHONY: format
format: bin/golangci-lint ## fail if fmt would change something
	$(say) 'format'
	bin/golangci-lint fmt --diff

.PHONY: vet
vet: ## go vet, the tests on real hosts included
	$(say) 'vet (half a minute with a cold build cache)'
	go vet -tags e2e ./... && go vet ./...

.PHONY: lint
lint: bin/golangci-lint bin/shellcheck bin/deadcode ## the linters of .golangci.yml, shellcheck, and functions that nothing calls
	$(say) 'lint (about a minute the first time, then seconds)'
	bin/golangci-lint run
	bin/shellcheck --severity=warning internal/*/sh/*.sh
	bin/shellcheck release/install.sh
	@dead=$$(bin/deadcode -test -tags e2e ./...) && [ -z "$$dead" ] || { printf '%s\n' "$$dead"; exit 1; }

.PHONY: tidy
tidy: ## fail if go.mod is not tidy
	$(say) 'tidy'
	go mod tidy -diff

.PHONY: programs
programs: ## install ruby and busybox, which tests compare with, where they are missing and can be installed
	@$(call package,ruby) || echo 'no ruby: tests that compare templates with it are skipped (in CI they fail)'
	@$(call package,busybox) || echo 'no busybox: tests of its shell and its timeout are skipped'

.PHONY: test
test: programs ## unit tests, layers and generated pages; no Docker needed
	$(say) 'test: packages without concurrency (a minute)'
	go test -shuffle=on -timeout 20m $(filter-out $(CONCURRENT),$(shell go list ./...))
	$(say) 'test: packages with concurrency, with the race detector (two minutes)'
	CGO_ENABLED=1 go test -race -short -shuffle=on -timeout 20m $(CONCURRENT)
	$(say) 'test: what takes the race detector minutes, without it (a minute)'
	go test -timeout 20m -run '$(LONG)' ./internal/cli ./internal/script ./internal/registry ./internal/simulation

.PHONY: conformance
conformance: bin/conformance ## the OCI conformance tests against the registry protocol that mrsk speaks
	$(say) 'conformance: the OCI distribution specification (seconds)'
	CONFORMANCE=$(CURDIR)/bin/conformance go test -count=1 -v -run '^TestConformance' ./internal/registry

.PHONY: hosts
hosts: E2E = -short
hosts: e2e ## e2e without the tests whose kind a shorter one covers too

.PHONY: e2e
e2e: ## tests on real hosts in containers, with Docker ENGINE (29); needs Docker
	$(say) 'e2e: tests on real hosts with Docker $(ENGINE) (a quarter of an hour to an hour once images are there, by the speed of the machine)'
	go run ./lab/cmd/lab images
	$(call told,{ go test -v -tags e2e -count=1 -timeout 15m ./lab && go test -v -tags e2e -count=1 -parallel 4 -timeout 70m $(E2E) ./e2e; })

.PHONY: engines
engines: ## the checklist with each of the other engines, 26 and 20.10
	@for engine in $(OTHERS); do $(MAKE) --no-print-directory checklist ENGINE=$$engine || exit 1; done

.PHONY: checklist
checklist: ## what the groups main, app, accessory, traefik and lock promise, with Docker ENGINE (29)
	$(say) 'checklist: one project on three real hosts with Docker $(ENGINE) (two to five minutes once images are there)'
	go run ./lab/cmd/lab images
	$(call told,go test -v -tags e2e -count=1 -parallel 4 -timeout 20m -run '^TestChecklist$$' ./e2e)

.PHONY: vuln
vuln: bin/govulncheck ## look for known vulnerabilities in what is built; needs the network
	$(say) 'vuln: govulncheck $(GOVULNCHECK)'
	@if curl -fsS --max-time 20 -o /dev/null $(GOVULNDB)/index/db.json; then bin/govulncheck -db $(GOVULNDB) ./...; \
	  else echo 'NOT CHECKED: the database of vulnerabilities, $(GOVULNDB), cannot be reached; set GOVULNDB to a copy of it' >&2; exit 1; fi

.PHONY: golden
golden: ## rewrite the golden files; read the diff before you commit it
	go test $(GOLDEN) -update

.PHONY: docs
docs: ## rewrite the generated pages in docs/
	go test ./internal/config ./internal/cli ./internal/eventjson -run "Reference|Docs" -update

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (20s)
	@grep -ro --include=*_test.go 'func Fuzz[A-Za-z0-9_]*' internal | while IFS=: read -r file name; do \
	  go test "./$$(dirname "$$file")" -run '^$$' -fuzz "^$${name#func }\$$" -fuzztime $(FUZZTIME) || exit 1; done

.PHONY: simulate
simulate: ## deploy N times (10000) to model hosts with faults, from seed FROM (1)
	go test ./internal/simulation -count=1 -timeout 0 -run '^TestSimulation$$' -runs $(or $(N),10000) -from $(or $(FROM),1)

.PHONY: demo
demo: ## see a deploy under traffic on three real hosts; needs Docker
	@go run ./lab/cmd/demo

.PHONY: bench
bench: ## measure mrsk against a hand-written script; needs Docker, takes 5 minutes
	@go run ./bench

bin/golangci-lint: Makefile
	@[ -x $(TOOLS)/golangci-lint-$(GOLANGCI) ] || { \
	  echo 'building golangci-lint $(GOLANGCI) (about 3 minutes, once on a machine)'; \
	  GOBIN=$(TOOLS)/new go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI) && \
	  mv $(TOOLS)/new/golangci-lint $(TOOLS)/golangci-lint-$(GOLANGCI); }
	@mkdir -p bin && ln -sfn $(TOOLS)/golangci-lint-$(GOLANGCI) $@ && touch -h $@

# Built in a module of its own, so that mrsk's go.mod has nothing of it.
bin/conformance: internal/registry/testdata/conformance/go.mod internal/registry/testdata/conformance/go.sum
	cd internal/registry/testdata/conformance && go build -o $(CURDIR)/$@ github.com/opencontainers/distribution-spec/conformance

bin/shellcheck: Makefile
	@$(call package,shellcheck) || { echo 'lint needs shellcheck: install the package shellcheck of your system' >&2; exit 1; }
	@mkdir -p bin && ln -sfn "$$(command -v shellcheck)" $@ && touch -h $@

bin/deadcode: Makefile
	@[ -x $(TOOLS)/deadcode-$(DEADCODE) ] || { \
	  echo 'building deadcode $(DEADCODE)'; \
	  GOBIN=$(TOOLS)/new go install golang.org/x/tools/cmd/deadcode@$(DEADCODE) && \
	  mv $(TOOLS)/new/deadcode $(TOOLS)/deadcode-$(DEADCODE); }
	@mkdir -p bin && ln -sfn $(TOOLS)/deadcode-$(DEADCODE) $@ && touch -h $@

bin/govulncheck: Makefile
	@[ -x $(TOOLS)/govulncheck-$(GOVULNCHECK) ] || { \
	  echo 'building govulncheck $(GOVULNCHECK)'; \
	  GOBIN=$(TOOLS)/new go install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK) && \
	  mv $(TOOLS)/new/govulncheck $(TOOLS)/govulncheck-$(GOVULNCHECK); }
	@mkdir -p bin && ln -sfn $(TOOLS)/govulncheck-$(GOVULNCHECK) $@ && touch -h $@
