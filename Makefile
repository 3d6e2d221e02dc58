# `make help` says what there is. One environment, .venv, serves all of it but for the Qwen
# engine's libraries and for Open WebUI, which are large: those have .venv-qwen, .venv-openwebui.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
QWEN := .venv-qwen
WEBUI := .venv-openwebui
# Torch is named in the same call, or pip would take its newest build, for CUDA, of gigabytes.
TORCH := torch==2.13.0
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq install -c constraints.txt
# The first of these that is recent enough and can make environments; `make PYTHON=...` overrules it.
PYTHONS := python3 python3.13 python3.12 python3.11 python3.14
IS_FIT := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
# Pyright and its node both come from the constraints; a newer release is no news to a build.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export PYRIGHT_PYTHON_GLOBAL_NODE := 0

.PHONY: help install run test quick check docs format clean test-qwen e2e soak

help: ## show this list
	@awk -F ':|## ' '/^[a-z0-9-]+:.*## / { printf "make %-9s  %s\n", $$1, $$3 }' $(MAKEFILE_LIST)

install: $(VENV)/.for-work ## make .venv with everything that work on imageway needs
	@:

run: $(VENV)/.for-use ## start the gateway; ARGS="--help" shows what else it takes
	@exec $(BIN)/imageway serve $(ARGS)

test: install ## run every test and every check; the kit's own tests and the checks run beside the others
	@said=$$(mktemp); trap 'kill $$beside 2>/dev/null || true; rm -f $$said' EXIT; \
	{ $(BIN)/python -m pytest -q tests/testing && $(MAKE) --no-print-directory check; } >$$said 2>&1 & beside=$$!; \
	code=0; $(BIN)/python -m pytest -q --ignore=tests/testing || code=$$?; \
	wait $$beside || code=$$?; echo "beside that:"; cat $$said; exit $$code

quick: install ## run the tests that take no longer than a thought
	@$(BIN)/python -m pytest -q -m "not slow"

check: install ## lint, formatting, types in two checkers, import contracts
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	@$(BIN)/mypy
	@$(BIN)/pyright
	@$(BIN)/lint-imports --no-logo

test-qwen: $(QWEN)/.for-work ## run the Qwen engine's tests, on a tiny model and a processor, in .venv-qwen
	@SDNQ_USE_TORCH_COMPILE=0 OMP_NUM_THREADS=1 $(QWEN)/bin/python -m pytest -q tests/qwen_engine

e2e: install $(WEBUI)/.for-work ## drive the real Open WebUI, without a network, in .venv-openwebui
	@$(BIN)/python -m pytest -q tests/e2e

soak: install ## play the slowest faults at their true speed, for eight minutes; no part of `make test`
	@$(BIN)/python -m pytest -q tests/faults/soak.py

docs: install ## write the generated parts of the pages anew; proves every adapter
	@$(BIN)/python -m imageway.cli.reference docs/cli.md
	@$(BIN)/python -m imageway.providers.file.documenting docs/configuration.md
	@$(BIN)/python -m imageway.providers.file.schema plugins.schema.json
	@$(BIN)/python -m tests.providers.mistakes docs/mistakes.md
	@$(BIN)/python -m imageway.adapters.gemini.readme
	@$(BIN)/python -m imageway.adapters.openai.readme
	@$(BIN)/python -m imageway.cli.support docs/support.md
	@$(BIN)/python -m tests.faults.page docs/failures.md

format: install ## put the code in order
	@$(BIN)/ruff check -q --fix .
	@$(BIN)/ruff format -q .

clean: ## remove what was made here, .venv too
	@rm -rf $(VENV) $(QWEN) $(WEBUI) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.for-work: pyproject.toml constraints.txt $(BIN)/python
	@echo "installing imageway and its tools into $(VENV)"
	@$(PIP) -e ".[dev]"
	@touch $(VENV)/.for-use $@

$(VENV)/.for-use: pyproject.toml constraints.txt $(BIN)/python
	@echo "installing imageway into $(VENV)"
	@$(PIP) -e .
	@touch $@

$(QWEN)/.for-work: pyproject.toml constraints.txt constraints-qwen.txt | $(BIN)/python
	@echo "installing imageway, its tools and the Qwen engine's libraries into $(QWEN)"
	@[ -x $(QWEN)/bin/python ] || $(BIN)/python -m venv $(QWEN)
	@$(QWEN)/bin/python -m pip --disable-pip-version-check -qq install \
	  -c constraints.txt -c constraints-qwen.txt $(TORCH) -e ".[dev,qwen]"
	@touch $@

# It has versions of its own of nearly everything that we use too, and so nothing of ours is in there.
$(WEBUI)/.for-work: constraints-openwebui.txt | $(BIN)/python
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info >= (3, 13))' || { \
	  echo "Open WebUI needs Python 3.11 or 3.12: make clean, then make e2e PYTHON=python3.12" >&2; exit 1; }
	@echo "installing the real Open WebUI into $(WEBUI): 3 GB"
	@[ -x $(WEBUI)/bin/python ] || $(BIN)/python -m venv $(WEBUI)
	@$(WEBUI)/bin/python -m pip --disable-pip-version-check -qq install \
	  -c constraints-openwebui.txt $(TORCH) open-webui
	@touch $@

$(BIN)/python:
	@for each in $(or $(PYTHON),$(PYTHONS)); do \
	  if "$$each" -c '$(IS_FIT)' 2>/dev/null; then found="$$each"; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
	  echo "imageway needs Python 3.11 or newer with venv (Debian, Ubuntu: apt install python3-venv)" >&2; \
	  echo "tried: $(or $(PYTHON),$(PYTHONS)); python3 is $$(python3 --version 2>&1 || true)" >&2; \
	  echo "name another: make PYTHON=/path/to/python" >&2; \
	  exit 1; \
	fi; \
	echo "making $(VENV) with $$("$$found" --version)"; \
	"$$found" -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }
