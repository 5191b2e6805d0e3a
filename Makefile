# Each step installs what it needs and this machine lacks (tools/install), so any of them can come first.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help serve test dist lint unit differential wasm-test e2e fixtures bench screenshot

# This checkout's tools come before the machine's; cargo's own folder comes last, for shells that lack it.
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/node_modules/.bin:$(PATH):$(HOME)/.cargo/bin
export ASSAY_PYTHON := $(CURDIR)/.tools/venv/bin/python
# By name, since cargo splits this at spaces and the checkout's path may hold some.
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER := wasm-bindgen-test-runner

# Trunk reads NO_COLOR as an option of its own and stops at NO_COLOR=1; RUSTFLAGS would replace those of .cargo/config.toml.
TRUNK := env -u NO_COLOR -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS trunk

help:
	@echo 'make serve         serve the page on localhost (PORT=8080)'
	@echo 'make test          run every test'
	@echo 'make dist          leave the static site in dist/'
	@echo
	@echo 'One part of the tests: make lint, unit, differential, wasm-test, e2e'
	@echo 'Others: make fixtures (make the fixtures anew), bench (measure), screenshot'

serve: dist
	@node tools/serve.mjs dist

test:
	@tools/test

dist:
	@tools/install wasm-target trunk wasm-bindgen node
	@cargo fetch --quiet --offline --locked 2>/dev/null || cargo fetch --locked
	$(TRUNK) build

lint:
	@tools/install lints wasm-target
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy --target wasm32-unknown-unknown --lib --bins --test wasm -- -D warnings
	cargo clippy --target wasm32-unknown-unknown --lib --bins --no-default-features --features page -- -D warnings
	cargo clippy --target wasm32-unknown-unknown --lib --bins --no-default-features --features complete -- -D warnings
	@if cargo deny --version >/dev/null 2>&1; then cargo deny check; fi

# The differential tests, which ask the vendors' verifiers and other canonicalizers, are among them.
unit:
	@tools/install node python
	cargo test --no-fail-fast

differential:
	@tools/install node python
	cargo test --test 'differential*'

wasm-test:
	@tools/install wasm-target wasm-bindgen browser
	CHROMEDRIVER="$${CHROMEDRIVER:-$$(command -v chromedriver)}" cargo test --target wasm32-unknown-unknown --test wasm

e2e: dist
	@tools/install browser
	cargo build
	cargo build --no-default-features --target-dir "$${CARGO_TARGET_DIR:-target}/base"
	CHROMIUM="$${CHROMIUM:-$$(command -v chromium)}" node --test --test-reporter=spec --test-timeout=600000 tests/*.test.mjs tests/e2e/*.test.mjs

fixtures:
	@tools/install python
	for make in $$(find tests/fixtures -name make.py); do "$$ASSAY_PYTHON" "$$make" || exit 1; done

bench: dist
	@tools/install browser python
	cargo build --release
	"$$ASSAY_PYTHON" benches/evidence.py .tools/bench
	"$$ASSAY_PYTHON" benches/native.py .tools/bench
	CHROMIUM="$${CHROMIUM:-$$(command -v chromium)}" node benches/browser.mjs .tools/bench

screenshot: dist
	@tools/install browser
	CHROMIUM="$${CHROMIUM:-$$(command -v chromium)}" node tools/screenshot.mjs docs/screenshot.png
