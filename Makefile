# Two commands on a fresh machine: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
UV := $(BIN)/uv
MODELS := $(or $(JIESU_MODELS),models)
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
LOCKED := --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11

# The tools must find the project's own environment, whatever the shell has active.
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export MLFLOW_DISABLE_TELEMETRY := true

.PHONY: help setup run lab test check format-check lint types imports notebooks coverage \
	format train bench lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## make .venv with the locked dependencies and the command jiesu

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) -V 2>&1 || true)."; \
		echo "Install one, or name it: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) -V)."
	@$(PYTHON) -m venv $(VENV) || { \
		echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv"; \
		exit 1; }
	@touch $@

$(VENV)/.uv: requirements/uv.lock.txt | $(VENV)/.python
	@echo "Installing the installer (uv)."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements/uv.lock.txt
	@touch $@

$(VENV)/.locked: requirements/all.lock $(VENV)/.uv
	@echo "Installing the locked dependencies; the first time this takes some minutes."
	@$(UV) pip install --compile-bytecode --require-hashes -r requirements/all.lock
	@touch $@

$(VENV)/.ready: pyproject.toml $(VENV)/.locked
	@echo "Installing the command jiesu."
	@$(UV) pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

run: setup ## train if there is no model, load a simulated year, serve on 127.0.0.1:8000 (JIESU_PORT)
	@if [ -z "$${JIESU_MODEL:-}" ] && [ ! -f "$(MODELS)/CHAMPION" ]; then \
		echo "There is no model yet: training one, this takes some minutes."; \
		$(BIN)/jiesu train; \
	fi
	@$(PY) -m compileall -q jiesu.py triage service training
	@$(BIN)/jiesu demo --if-empty
	@echo "Starting the service; it says when it is ready."
	@exec $(BIN)/jiesu serve --demo-keys

test: setup ## the tests, but for browsers, clusters and long runs (check has those too)
	@$(PY) -m pytest -n 2 --dist loadfile -m "not slow"

check: setup format-check lint types imports notebooks coverage ## everything CI runs

format-check: setup
	@$(BIN)/ruff format --check .

lint: setup
	@$(BIN)/ruff check .

types: setup
	@$(BIN)/mypy

imports: setup
	@$(BIN)/lint-imports

notebooks: setup
	@if [ -n "$(NOTEBOOKS)" ]; then \
		$(BIN)/nbstripout --verify $(NOTEBOOKS) && PYTHONPATH=tests/offline $(PY) -m pytest --nbmake $(NOTEBOOKS); \
	else echo "There are no notebooks to run."; fi

coverage: setup
	@$(PY) -m pytest -n 2 --dist loadfile --cov --cov-report=term:skip-covered

format: setup ## rewrite the code in the one format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

train: setup ## train a model and judge it
	@$(BIN)/jiesu train

lab: setup ## open the notebooks in JupyterLab
	@$(BIN)/jupyter lab --notebook-dir notebooks

bench: setup ## compare with what else one would use (BENCH="--quick", "--real FOLDER")
	@$(PY) -m benchmarks $(BENCH)

lock: setup ## choose newer dependencies and write the locks
	@$(UV) pip compile $(LOCKED) --upgrade --all-extras pyproject.toml -o requirements/all.lock
	@$(UV) pip compile $(LOCKED) --extra serve --constraint requirements/all.lock pyproject.toml \
		-o requirements/serve.lock
	@$(UV) pip compile $(LOCKED) --upgrade --constraint requirements/all.lock \
		requirements/spark.in -o requirements/spark.lock
	@echo uv | $(UV) pip compile $(LOCKED) --upgrade --no-annotate - -o requirements/uv.lock.txt

clean: ## remove what was built; models/ and var/ stay
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis .coverage .coverage.* htmlcov
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
