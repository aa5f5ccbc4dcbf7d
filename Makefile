# The two commands: `make run` starts the whole portal, `make test` checks everything. `make help` lists the rest.

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install --quiet --quiet
PIP_TOOLS := pip-tools==7.6.2
# The first Python on the machine that is new enough; PYTHON=/path/to/python make run chooses another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check bench screenshots setup setup-dev assets chromium pins fmt clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## start the whole portal on http://127.0.0.1:8000 (PORT, PORTAL_VAR, DATABASE_URL, REDIS_URL)
	@exec $(PY) -m stemportal.embedded run

test: setup-dev chromium ## all checks, then all tests (ARGS="-k booking" is passed to pytest)
	@exec $(PY) scripts/run_tests.py $(ARGS)

check: setup-dev ## the checks without the tests
	@exec $(PY) scripts/run_tests.py --checks-only

bench: setup-dev ## what pages and bookings cost, as ratios
	@exec $(PY) scripts/bench.py $(ARGS)

screenshots: setup-dev chromium ## take the pictures of README.md anew
	@exec $(PY) scripts/screenshots.py

setup: $(VENV)/.run assets ## packages and front-end files, no servers

setup-dev: $(VENV)/.dev assets

$(PY):
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "The portal needs Python 3.11 or newer. Install it, or name it: PYTHON=/path/to/python3 make run" >&2; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version) ..."
	@# Debian's Python may lack the part that puts pip into a new environment; then its own pip does it.
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); \
		$(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --quiet --python $(PY) install pip; } || { \
		rm -rf $(VENV); echo "$(PYTHON) can neither put pip into a new environment nor has it itself. Install python3-venv or pip." >&2; exit 1; }

$(VENV)/.run: requirements.txt | $(PY)
	@echo "Installing packages ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "Installing packages for tests ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

# npm writes the file below as its note of what it installed.
node_modules/.package-lock.json: package-lock.json | $(PY)
	@echo "Installing front-end packages ..."
	@command -v npm >/dev/null || test -x $(VENV)/bin/npm || $(PIP) -r requirements-node.txt
	@PATH="$$PATH:$(CURDIR)/$(VENV)/bin" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

assets: node_modules/.package-lock.json | $(PY)
	@$(PY) scripts/vendor.py

chromium: setup-dev
	@$(PY) -m stemportal.testing.chromium

pins: setup-dev ## resolve requirements*.in anew into the pinned requirements*.txt
	@$(PIP) $(PIP_TOOLS)
	@for name in requirements requirements-dev requirements-node; do \
		$(PY) -m piptools compile --quiet --strip-extras --upgrade --no-annotate --no-header \
			--no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o $$name.txt $$name.in || exit 1; done

fmt: setup-dev ## format the Python code
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format .

clean: ## remove what `make` made, but not var/ (the database)
	rm -rf $(VENV) node_modules static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find stemportal scripts locale -name '__pycache__' -prune -exec rm -rf {} + -o -name '*.mo' -exec rm -f {} +
