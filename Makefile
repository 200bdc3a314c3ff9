# `make` lists the targets. Every target prepares what it needs; nothing has to be installed by hand but Python, git, make.

SHELL := /bin/sh
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; \
	done)
BIN := .venv/bin
FRONTEND := $(shell find frontend -name node_modules -prune -o -type f -not -name '.*' -print)
PACKAGING := pyproject.toml hatch_build.py scripts/bootstrap.py $(FRONTEND)

# The checkout keeps its data beside itself, so trying it leaves nothing elsewhere.
export TRACKLINE_HOME ?= $(CURDIR)/.trackline

.DEFAULT_GOAL := help
.PHONY: help demo init serve test fmt lint types unit postgres browser bench docs assets clean

help:  ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

demo: .venv/.installed  ## Sample book on an embedded database, served at http://localhost:8000
	@$(BIN)/trackline demo

init: .venv/.installed  ## Make or upgrade the database in .trackline
	@$(BIN)/trackline init

serve: .venv/.installed  ## Serve .trackline for development: reloads on change, shows errors
	@$(BIN)/trackline init
	@TRACKLINE_DEBUG=true DJANGO_SETTINGS_MODULE=trackline.delivery.settings $(BIN)/django-admin runserver

test: .venv/.developing  ## Everything that CI runs
	@$(BIN)/python scripts/checks.py

fmt: .venv/.developing  ## Format the code and mend what ruff can
	@$(BIN)/ruff format .
	@$(BIN)/djangofmt --quiet src
	@$(BIN)/ruff check --fix .

lint types unit postgres browser: .venv/.developing  ## One part of `make test`
	@$(BIN)/python scripts/checks.py $@

bench: .venv/.developing  ## Measure the hot paths beside their floors
	@$(BIN)/python -m bench

docs: .venv/.developing  ## Regenerate the generated documents
	@$(BIN)/python scripts/docs.py

assets:  ## Build the browser assets if they are missing or their sources changed
	@rm -f .venv/.installed
	@$(MAKE) --no-print-directory .venv/.installed

clean:  ## Remove the environment and caches (not .trackline)
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

.venv/.installed: $(PACKAGING)
	@test -n "$(PYTHON)" || { echo "Trackline needs Python 3.11 or newer; name it with make PYTHON=…" >&2; exit 1; }
	@if test -e .venv/.developing; then $(PYTHON) scripts/bootstrap.py --dev; else $(PYTHON) scripts/bootstrap.py; fi
	@touch $@

.venv/.developing: $(PACKAGING)
	@test -n "$(PYTHON)" || { echo "Trackline needs Python 3.11 or newer; name it with make PYTHON=…" >&2; exit 1; }
	@$(PYTHON) scripts/bootstrap.py --dev
	@touch $@ .venv/.installed
