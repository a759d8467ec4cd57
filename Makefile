# What is needed: make, git and Python 3.11 or newer. Everything else goes into .venv, from the
# lock files, with hashes checked. Written for GNU make 3.81 as well, which macOS still brings.

PYTHON ?= python3 python3.11 python3.12 python3.13 python3.14
UV ?= uv
WORKERS ?= 2
SEEDS ?= 20
CORE_COVERAGE_PERCENT_MIN = 98

BIN = .venv/bin
INSTALLED = .venv/installed
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint types simulate crashes mutants bench lock clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1 : /p' Makefile | \
		awk -F ' : ' '{ printf "make %-9s %s\n", $$1, $$2 }'

demo: $(INSTALLED) ## both emulators, a believable company, a sync (ARGS="--once --seed 7")
	@$(BIN)/ledgerbridge demo $(ARGS)

test: $(INSTALLED) lint types ## every check and every test (WORKERS=8 on a larger machine)
	@$(BIN)/pytest -n auto --maxprocesses=$(WORKERS) \
		--cov=src/ledgerbridge/core --cov-branch --cov-report=term-missing:skip-covered \
		--cov-fail-under=$(CORE_COVERAGE_PERCENT_MIN)

lint: $(INSTALLED) ## ruff (rules and format) and the import rules of the layers
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports --no-logo

types: $(INSTALLED) ## mypy --strict over the product and its tests
	@$(BIN)/mypy

simulate: $(INSTALLED) ## whole worlds with faults: SEEDS=200 worlds, the first drawn from SEED=7
	@PYTHONPATH=tests $(BIN)/python -m simulation --workers $(WORKERS) --seeds $(SEEDS) \
		$(if $(SEED),--seed $(SEED)) $(ARGS)

crashes: $(INSTALLED) ## death at each call and commit of two scripts (ARGS="--every 9": each ninth)
	@PYTHONPATH=tests $(BIN)/python -m simulation.crashes --workers $(WORKERS) $(ARGS)

mutants: $(INSTALLED) ## defects in the real code, until each is caught (SEEDS=500 RECORD=1)
	@PYTHONPATH=tests $(BIN)/python -m mutants $(if $(RECORD),--record) \
		$(if $(filter file,$(origin SEEDS)),,--seeds $(SEEDS)) $(ARGS)

bench: $(INSTALLED) ## speed, calls and memory against a plain script and the vendors' limits
	@PYTHONPATH=tests $(BIN)/python -m bench $(ARGS)

lock: ## resolve the lock files again (needs uv; UPGRADE=--upgrade takes newer versions)
	@for output in "requirements.lock" \
		"requirements-dev.lock --extra dev --constraint requirements.lock"; do \
		$(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 $(UPGRADE) \
			--generate-hashes --no-emit-index-url --no-annotate --no-header \
			--output-file $$output || exit 1; \
	done

clean: ## remove everything that the targets above made, the environment included
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache \
		.coverage .coverage.* htmlcov build dist
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made again only when the locks or the project file change. The lock is
# complete; without --no-deps pip looks for newer releases of what is asked for with extras.
$(INSTALLED): requirements-dev.lock pyproject.toml
	@echo "Setting up .venv from requirements-dev.lock (about a minute the first time)"
	@supported='import sys; sys.exit(sys.version_info < (3, 11))'; \
	if ! $(BIN)/python -c "import pip; $$supported" 2>/dev/null; then \
		for python in $(PYTHON) none; do \
			if $$python -c "$$supported" 2>/dev/null; then break; fi; \
		done; \
		if [ $$python = none ]; then \
			echo "Python 3.11 or newer is needed; tried: $(PYTHON). Nothing was" \
				"installed. Install one, or name it: make PYTHON=path/to/python3.11" >&2; \
			exit 1; \
		fi; \
		$$python -m venv --clear .venv; \
	fi
	@$(BIN)/python -m pip install -qq --require-hashes --no-deps --requirement requirements-dev.lock
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@
