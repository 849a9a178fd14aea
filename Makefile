# `make` alone prints the targets below. `make demo` and `make test` do everything that they need themselves.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
NPM := $(shell command -v npm 2>/dev/null)
FRONTEND_SOURCES := $(shell find frontend -path '*/node_modules' -prune -o -type f -print 2>/dev/null)
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-annotate \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint contracts types frontend-check pytest bench docs lock clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(VENV)/.installed $(if $(NPM),$(if $(wildcard frontend/package.json),frontend/node_modules/.built)) ## prepare .venv with every dependency, and the browser assets where Node.js is there
	@mkdir -p var

demo: setup ## serve a demo course at http://127.0.0.1:8000 (PORT= for another port)
	@$(BIN)/grader demo --port $(PORT)

test: setup ## run every check that CI runs: lint, types, contracts, frontend, tests
	@$(MAKE) --no-print-directory lint types contracts frontend-check pytest

lint: setup ## check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup ## check the types of grader/
	@$(BIN)/mypy

contracts: setup ## check that imports keep to the layers
	@$(BIN)/lint-imports

frontend-check: setup ## check the types of the browser code, where Node.js is there
ifneq ($(and $(NPM),$(wildcard frontend/package.json)),)
	@cd frontend && npm run --silent check
else
	@echo "No Node.js here: the browser code is not checked."
endif

pytest: setup ## run the tests (ARGS= for more options)
	@$(BIN)/pytest $(ARGS)

bench: setup ## time our check against SymPy's simplify and math-verify
	@$(BIN)/python bench/check.py

docs: setup ## build the documentation into site/
	@$(BIN)/mkdocs build --strict --quiet
	@echo "Open site/index.html"

lock: setup ## pin the newest versions of all dependencies, with their hashes
	@$(INSTALL) 'pip-tools>=7.4'
	@$(LOCK) --upgrade --all-extras --output-file requirements.lock pyproject.toml
	@$(LOCK) --constraint requirements.lock --output-file requirements.run.lock pyproject.toml

clean: ## remove everything that these targets made, except the data in var/
	rm -rf $(VENV) frontend/node_modules site dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; none was found."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the dependencies into $(VENV) …"
	@$(INSTALL) --require-hashes --requirement requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

frontend/node_modules/.built: $(FRONTEND_SOURCES)
	@echo "Building the browser assets …"
	@if (cd frontend && npm ci --no-audit --no-fund --silent && npm run --silent build >/dev/null); then touch $@; \
		else echo "The browser assets could not be built; every page works without them."; fi
