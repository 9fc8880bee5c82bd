# The two commands of a newcomer: make demo, make test. Everything is made inside the checkout, in .venv (and, by make
# bench, in .venv-bench).

SHELL := /bin/sh
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-bench
# The first Python on PATH that is new enough and can make a virtual environment; PYTHON=... chooses another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
WORKERS ?= auto

.PHONY: help demo test torture mutate lint completions bench clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | while IFS='	' read -r name line; do printf '  make %-12s %s\n' "$$name" "$$line"; done

demo: $(VENV)/installed ## set up, then send a shipped example through the pipe
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

test: $(VENV)/dev-installed ## run the tests
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

torture: $(VENV)/dev-installed ## try every guarantee hundreds of times (ARGS=--list shows them)
	$(BIN)/python -m tests.torture $(ARGS)

mutate: $(VENV)/dev-installed ## break lines on purpose: the tests have to notice (ARGS=--list shows them)
	$(BIN)/python -m tests.mutations $(ARGS)

lint: $(VENV)/dev-installed ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

completions: $(VENV)/installed ## write completions/ anew from the commands
	$(BIN)/python -m exlib.completion completions

bench: $(VENV)/installed $(PEERS)/installed ## measure against ninja, make and others (ARGS=--quick: the short version)
	@$(BIN)/python -m compileall -q exlib
	@$(BIN)/python -m bench $(ARGS)

clean: ## remove what make has made
	rm -rf $(VENV) $(PEERS) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: an environment is made anew only when pyproject.toml has changed.
$(VENV)/installed: pyproject.toml | $(BIN)/python
	@echo "Installing the tools into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# pip reads dependency groups since 25.1.
$(VENV)/dev-installed: $(VENV)/installed
	@echo "Installing what the tests need into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

$(PEERS)/installed: pyproject.toml | $(BIN)/python
	@echo "Installing what the benchmark compares with into $(PEERS)"
	@$(BIN)/python -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --group bench
	@touch $@

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "make: Executioner needs Python 3.11 or later with venv (on Debian: apt install python3-venv); none is on PATH. PYTHON=/path/to/python chooses one." >&2; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON), once"
	@$(PYTHON) -m venv $(VENV)
