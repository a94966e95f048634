# `make help` explains itself. Everything needs only Python 3.11+ and a package index.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:

VENV   := .venv
READY  := $(VENV)/.stamp
PY     := $(VENV)/bin/python
# The first of these that runs, is new enough and can make a virtual environment. Or name one: make PYTHON=/path/to/python3
PYTHON ?= python3.13 python3.12 python3.11 python3

.PHONY: help run test lint types fleet bench faults test-long docs lock clean

help: ## this list
	@echo 'Relata. Usage: make TARGET'
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)$$/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) | while IFS='|' read -r target what; do \
	    printf '  %-10s %s\n' $$target "$$what"; done
	@echo
	@echo 'The first target that needs it sets up .venv from requirements.lock.'

run: $(READY) ## everything in one process, on files under var/ (ARGS="--help" for its options)
	$(VENV)/bin/relata up $(ARGS)

fleet: $(READY) ## a process per face, on PostgreSQL, RabbitMQ and Redis (ARGS="--help" for its options)
	$(VENV)/bin/relata fleet $(ARGS)

test: $(READY) ## lint, types and every test but the long ones; about a quarter of an hour
	$(PY) -m tests.check $(ARGS)

test-long: $(READY) ## the long tests: full input files, many seeds
	$(PY) -m tests.check --long $(ARGS)

lint: $(READY) ## ruff, its formatter, and the one-way rules between packages
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports --no-logo

types: $(READY) ## mypy --strict
	$(VENV)/bin/mypy --strict

faults: $(READY) ## kill, freeze and cut off, then count: make faults P=1,3 SEEDS=20
	$(PY) -m tests.faults $(if $(P),--promises $(P)) $(if $(SEEDS),--seeds $(SEEDS)) $(ARGS)

bench: $(READY) ## a table of speeds, each with its ratio to the servers' own limits
	$(PY) -m tests.bench $(ARGS)

docs: $(READY) ## regenerate docs/events.md, the AsyncAPI file and the schemas
	$(PY) -m deploy.docs $(ARGS)

# uv only solves; plain pip installs. The file holds for every platform and Python version at once, with hashes.
lock: $(READY) ## solve requirements.lock anew from pyproject.toml (UPGRADE=1 takes newer releases)
	$(PY) -m pip install --quiet --disable-pip-version-check --upgrade --target var/lock uv
	var/lock/bin/uv pip compile --no-config --universal --python-version 3.11 --generate-hashes --extra dev \
	    $(if $(UPGRADE),--upgrade) --custom-compile-command 'make lock' --quiet --output-file requirements.lock pyproject.toml

clean: ## remove .venv and what tools leave behind; var/ (your data) stays
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis var/lock
	find . -path ./var -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

$(READY): requirements.lock
	@set -eu; \
	if [ ! -x $(PY) ] || ! $(PY) -m pip --version >/dev/null 2>&1; then \
	    chosen=; bare=; \
	    for candidate in $(PYTHON); do \
	        $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	        if $$candidate -c 'import ensurepip, venv' >/dev/null 2>&1; then chosen=$$candidate; break; fi; \
	        bare=$${bare:-$$candidate}; \
	    done; \
	    if [ -z "$$chosen" ] && [ -n "$$bare" ]; then \
	        version=$$($$bare -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	        echo "$$bare has no ensurepip, so it cannot make a virtual environment: apt-get install python$$version-venv" >&2; exit 1; \
	    fi; \
	    if [ -z "$$chosen" ]; then \
	        echo "Relata needs Python 3.11 or newer; none of these runs here: $(PYTHON). Name one: make PYTHON=/path/to/python3" >&2; exit 1; \
	    fi; \
	    echo "Setting up $(VENV) with $$($$chosen --version)"; \
	    $$chosen -m venv --clear $(VENV); \
	fi; \
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; \
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	touch $@
