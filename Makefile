# Short names for what is done often. `.ci/run` has the details, so that CI and this machine do the same.
.DEFAULT_GOAL := help
GO ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## start the sandbox on 127.0.0.1:7311
	$(GO) run ./cmd/sandbox serve

.PHONY: test
test: ## run all tests
	$(GO) test ./...

.PHONY: race
race: ## run all tests with the race detector
	bash .ci/run race

.PHONY: lint
lint: ## check formatting, modules, code and contract documents
	bash .ci/run format modules vet documents lint

.PHONY: fuzz
fuzz: ## run every fuzz target for a while (FUZZ_TIME=1m make fuzz)
	bash .ci/run fuzz

.PHONY: bench
bench: ## run all benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./...

.PHONY: docs
docs: ## make generated files anew
	$(GO) generate ./...

.PHONY: docker
docker: ## build the container image
	docker build --build-arg VERSION=$(VERSION) -t mediasandbox/sandbox:$(VERSION) .

.PHONY: ci
ci: ## run what CI runs
	bash .ci/run
