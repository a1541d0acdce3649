SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo serve test lint types bench migration docs understanding words lock clean

CHROMIUM := $(firstword $(shell command -v chromium chromium-browser google-chrome google-chrome-stable 2>/dev/null))
NODE := $(and $(shell command -v node 2>/dev/null),$(shell command -v npm 2>/dev/null))
X86_LINUX := $(filter Linux-x86_64,$(shell uname -sm | tr ' ' -))
BROWSER := $(and $(CHROMIUM),$(NODE),$(X86_LINUX))
CLIENTS := $(if $(BROWSER),tests/browser/node_modules/.package-lock.json)
# One worker more than cores: many tests wait for a process, a page or a database.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); n=$$(( n + 1 )); echo $$(( n < 2 ? 2 : n > 9 ? 9 : n )))
ARGS ?=

help: ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: .venv/.installed ## build .venv from requirements.lock, with .venv/bin/liaison in it

.venv/.installed: requirements.lock pyproject.toml
	@if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		for python in python3.13 python3.12 python3.11 python3; do \
			$$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
		done; \
		if [ -z "$$python" ]; then echo "Python 3.11 or newer with its venv module is needed (Debian: python3-venv)." >&2; exit 1; fi; \
		echo "Building .venv with $$($$python -V)"; $$python -m venv --clear .venv; \
	fi
	@.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@.venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

tests/browser/node_modules/.package-lock.json: tests/browser/package.json tests/browser/package-lock.json
	@cd tests/browser && npm ci --ignore-scripts --loglevel=error
	@touch $@

demo: setup ## start a throwaway demo and print the address of its web chat
	@.venv/bin/liaison demo

serve: setup ## start the server as the environment configures it
	@.venv/bin/liaison serve

test: setup $(CLIENTS) ## run everything that can run here (ARGS="-k needs" narrows it), then say what was left out
	@left=''; choice=''; \
	if [ -z '$(BROWSER)' ]; then choice='not browser'; left='the browser tests, which also need:$(if \
		$(CHROMIUM),, Chromium)$(if $(NODE),, node with npm)$(if $(X86_LINUX),, x86_64 Linux)'; fi; \
	if [ "$${LIAISON_TEST_WITHOUT_POSTGRES:-}" = 1 ]; then choice="$${choice:+$$choice and }not postgresql"; \
		left="$${left:+$$left; }everything on PostgreSQL (LIAISON_TEST_WITHOUT_POSTGRES=1)"; fi; \
	.venv/bin/python -m pytest -n $(WORKERS) --dist worksteal -m "$$choice" $(ARGS); code=$$?; \
	if [ -n "$$left" ]; then echo "Left out: $$left."; fi; exit $$code

lint: setup ## ruff: rules and format
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

types: setup ## mypy, strict
	@.venv/bin/mypy bot handlers storage scheduler tests bench deploy docs

bench: setup ## measure and print the table
	@.venv/bin/python -m bench

migration: setup ## draft the next migration: make migration M="what changes"
	@.venv/bin/python -m storage.revise $(M)
	@.venv/bin/ruff format -q storage/migrations && .venv/bin/ruff check -q --fix storage/migrations

docs: setup ## write the generated parts of docs/, and check what it and the README say against the program
	@.venv/bin/python -m docs.generate
	@.venv/bin/python -m pytest -q tests/meta/test_readme.py tests/meta/test_docs.py

understanding: setup ## measure how well free text is understood, by language and field
	@.venv/bin/python -m bench.understanding

words: setup ## check the six catalogues: keys, parameters, plural forms, lengths
	@.venv/bin/python -m pytest -q tests/meta/test_words.py

lock: setup ## renew requirements.lock
	@{ echo '# Runtime and development packages for CPython 3.11 to 3.13, every file of every release by its hash.'; \
		echo '# Made by: make lock'; \
		env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null .venv/bin/pip-compile --quiet --extra dev --upgrade \
			--generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
			--output-file=- pyproject.toml | grep -Ev '^(#|$$)'; } > requirements.lock.new
	@mv requirements.lock.new requirements.lock

clean: ## remove what was built (the environment too)
	@rm -rf .venv build dist tests/browser/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
