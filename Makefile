# Bare `make` prints the targets; the text after ## is their help.
.DEFAULT_GOAL := help
.PHONY: help run test check bench lint format demo-reset screenshots wheel clean

VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/flask --app webapp

# The first interpreter that is new enough. `make PYTHON=/path/to/python run` chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# What Python compiles is kept: else every process of every run does it anew.
unexport PYTHONDONTWRITEBYTECODE

# Tests wait for the disk most of the time; where there is memory to write to, they need not.
TEST_TMP := $(shell test -w /dev/shm && test $$(df -Pm /dev/shm | awk 'NR==2 {print $$4}') -gt 4000 && echo TMPDIR=/dev/shm)

# A test waits a third of its time, for a disk, a clock or a browser: three at once keep two processors busy.
TEST_JOBS := $(shell echo $$(( ($$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) * 3 + 1) / 2 )))

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.stamp ## Set everything up and start web and worker with demo data (PORT, HOIDAP_DATA, INSTALLATION)
	@exec $(FLASK) serve --demo

test: $(VENV)/.stamp-test ## Run everything but the slow tier
	@PYTHON=$(BIN)/python scripts/system_packages.sh test
	$(TEST_TMP) $(BIN)/python -m pytest -n $(TEST_JOBS) --dist worksteal -m "not slow"

check: $(VENV)/.stamp-test ## Run everything, the slow tier included
	@PYTHON=$(BIN)/python scripts/system_packages.sh test check
	$(TEST_TMP) TEST_BROWSER=whole TEST_EXAMPLES=10 $(BIN)/python -m pytest -n $(TEST_JOBS) --dist worksteal
	$(BIN)/python -m bench.lighthouse

bench: $(VENV)/.stamp-test ## Measure: one JSON line per figure, next to its bar (BENCH="--seconds 6 --rounds 3")
	$(BIN)/python -m bench.run $(BENCH)

lint: $(VENV)/.stamp-test ## Check style, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.stamp-test ## Rewrite the code in house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

demo-reset: $(VENV)/.stamp ## Throw the demo data away and load it again
	$(FLASK) demo load --reset

screenshots: $(VENV)/.stamp-test ## Draw docs/images again from a fresh demo
	@PYTHON=$(BIN)/python scripts/system_packages.sh test
	$(BIN)/python scripts/screenshots.py

wheel: $(VENV)/.stamp-test ## Build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation --outdir dist

clean: ## Remove the environment, builds and caches; data stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none was found." >&2; exit 1; }
	@PYTHON="$(PYTHON)" scripts/system_packages.sh run
	"$(PYTHON)" -m venv $(VENV)

# Each stamp says: what pyproject.toml asks for is installed.
$(VENV)/.stamp: pyproject.toml | $(BIN)/python
	@echo "Installing what running needs …"
	@$(BIN)/python -m pip install --quiet -e .
	@touch $@

$(VENV)/.stamp-test: pyproject.toml | $(BIN)/python
	@echo "Installing what tests need …"
	@$(BIN)/python -m pip install --quiet -e '.[test]'
	@touch $@ $(VENV)/.stamp
