# Every target sets up by itself and is quick the second time. PORT, OPEN, OUT, NAME and JSON are read from the command line.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# Without cached bytecode every start of the program compiles all it imports: 4 s of work instead of 1.
unexport PYTHONDONTWRITEBYTECODE
PORT ?= 8123
OPEN ?= yes
OUT ?= build/gallery
NAME ?= delivery import votes
JSON ?=
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
BIN := .venv/bin
LOCK := $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

ROWS ?=
SIZE ?= full

.PHONY: help demo run test prove check format gallery bench lock screenshots words clean
help: ## what can be made here
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F':.*?## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.tools/bin/uv:
	@echo "Getting uv, which installs the rest ..."
	@{ $(PYTHON) -m venv .tools >/dev/null 2>&1 && .tools/bin/pip install -q --disable-pip-version-check uv; } \
	  || { rm -rf .tools && $(PYTHON) -m pip install -q --disable-pip-version-check --target .tools uv; } \
	  || { rm -rf .tools; echo "uv could not be got: install Debian's python3-venv or python3-pip, or uv itself"; exit 1; }

.venv/run.stamp: requirements.txt pyproject.toml | $(filter .tools/bin/uv,$(UV))
	@echo "Setting up .venv (first time, or the requirements changed) ..."
	@test -x $(BIN)/python || $(UV) venv -q --python $(PYTHON) .venv
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements.txt
	@$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	@echo "Adding what the tests and checks need ..."
	@$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@

demo: .venv/run.stamp ## a sample company in a local Slack [PORT=8123] [OPEN=no]
	@$(BIN)/canteen demo --port $(PORT) $(if $(filter no,$(OPEN)),--no-open,)

run: .venv/run.stamp ## the bot, against the workspace in .env
	@$(BIN)/canteen run

test: check ## every check and every test
	$(BIN)/python -m pytest -n 5 --dist worksteal

prove: .venv/dev.stamp ## every fault of docs/proof.md, at full size [ROWS="A2 C2"] [SIZE=small]
	@$(BIN)/python -m tests.faults $(ROWS) --size $(SIZE)

check: .venv/dev.stamp ## format, lint, types, import rules, Dockerfile, known holes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	@.ci/audit $(BIN)/pip-audit

format: .venv/dev.stamp ## put the code into shape
	$(BIN)/ruff check --fix-only -q . ; $(BIN)/ruff format -q .

gallery: .venv/dev.stamp ## every message, modal and view the bot can show [OUT=dir]
	@$(BIN)/python -m tests.gallery --out $(OUT)

screenshots: .venv/dev.stamp ## remake the pictures in docs/
	@$(BIN)/python -m tests.browser.screenshots

bench: .venv/dev.stamp ## measure [NAME=burst|delivery|growth|idle|import|votes] [SIZE=middle|full] [JSON=file]
	@$(BIN)/python -m benchmarks $(NAME) $(if $(SIZE),--size $(SIZE),) $(if $(JSON),--json $(JSON),)

lock: | $(filter .tools/bin/uv,$(UV)) ## remake the hashed requirements from pyproject.toml
	$(LOCK) --group build -o requirements.txt pyproject.toml
	$(LOCK) --group build --group dev -c requirements.txt -o requirements-dev.txt pyproject.toml

words: .venv/dev.stamp ## collect the texts to translate into bot/locale
	@$(BIN)/python -m bot.slack.words_catalog

clean: ## remove what was set up here
	rm -rf .venv .tools build
