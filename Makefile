# `make` alone prints the targets below. `make demo` and `make test` do everything that they need themselves.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
PORT ?= 8000
# One more than the two cores that CI has: browsers and servers make a test wait.
JOBS ?= 3
# The order of the tests is random, another one for every commit: what failed can be played again.
ORDER ?= $(shell printf '%d' 0x$$(git rev-parse --short=7 HEAD 2>/dev/null || echo 1))
VENV := .venv
BIN := $(VENV)/bin
NPM := $(shell command -v npm 2>/dev/null)
FRONTEND_SOURCES := $(shell find frontend -path '*/node_modules' -prune -o -type f -print 2>/dev/null)
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-annotate \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options

# The errors whose sentences people read.
SAID := NotFound Forbidden Conflict InvalidRequest Closed NoTriesLeft Unauthenticated LaunchRefused ReasonMissing

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint contracts types frontend-check pytest generated bench fuzz docs translations licences lock clients openedx ralph clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(VENV)/.installed $(if $(NPM),$(if $(wildcard frontend/package.json),frontend/node_modules/.built)) ## prepare .venv with every dependency, and the browser assets where Node.js is there
	@mkdir -p var
	@$(BIN)/python -m compileall -q grader

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

pytest: setup ## run the tests in three processes, in an order of the commit's own (JOBS= for more, ORDER= for another, ARGS= for options)
	@$(BIN)/pytest -n $(JOBS) --dist loadgroup --randomly-seed=$(ORDER) --hypothesis-seed=$(ORDER) $(ARGS)

generated: setup ## send thousands of made-up requests to every route of the API (SEED= for others), on PostgreSQL
	@GRADER_TEST_GENERATED=long GRADER_TEST_SEED=$(or $(SEED),1) GRADER_REQUIRE=postgres $(BIN)/pytest -q tests/api/test_generated.py

bench: setup ## time our check against SymPy, math-verify and symengine
	@$(BIN)/python bench/check.py

fuzz: setup ## try for MINUTES (10) whether every text gets a verdict or a clear error in time
	@$(BIN)/python bench/fuzz.py --minutes $(or $(MINUTES),10)
	@$(BIN)/python bench/fuzz_inputs.py yaml --minutes $(or $(MINUTES),10)
	@$(BIN)/python bench/fuzz_inputs.py api --minutes $(or $(MINUTES),10)

docs: setup ## build the documentation into site/
	@$(BIN)/mkdocs build --strict --quiet
	@echo "Open site/index.html"

translations: setup ## collect the texts of the pages into the German catalogue, and compile it
	@$(BIN)/pybabel --quiet extract --mapping-file babel.cfg $(addprefix --keyword ,$(SAID)) --keyword lazy_gettext --keyword Mistake:3 --no-location --sort-output \
		--output-file var/messages.pot .
	@$(BIN)/pybabel --quiet update --input-file var/messages.pot --output-dir grader/web/translations --locale de \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap
	@$(BIN)/pybabel --quiet compile --directory grader/web/translations

licences: setup ## write the list of what is built on, with versions and licences
	@$(BIN)/python bench/licences.py

lock: setup ## pin the newest versions of all dependencies, with their hashes
	@$(INSTALL) 'pip-tools>=7.4'
	@$(LOCK) --upgrade --extra dev --extra telemetry --output-file requirements.lock pyproject.toml
	@$(LOCK) --constraint requirements.lock --output-file requirements.run.lock pyproject.toml

clients: ## install the generators of API clients into .venv-clients, for the test that leads a course by their clients
	@PYTHON=$(PYTHON) tests/api/clients/install.sh

openedx: ## install Open edX's LTI consumer into .venv-openedx, for the tests that launch from it
	@PYTHON=$(PYTHON) tests/lti/openedx/install.sh

ralph: ## install the learning record store Ralph into .venv-ralph, for the tests that send statements to it
	@PYTHON=$(PYTHON) tests/xapi/ralph/install.sh

clean: ## remove everything that these targets made, except the data in var/
	rm -rf $(VENV) .venv-openedx .venv-ralph .venv-clients frontend/node_modules site dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

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
