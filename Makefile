# `make` prints the verbs. Each one sets up what it needs and leaves nothing running.

PYTHON ?= python3
ENVIRONMENT := .venv
BIN := $(ENVIRONMENT)/bin
INSTALLED := $(ENVIRONMENT)/.installed

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.DEFAULT_GOAL := help
.PHONY: help venv check test races demo bench faults soak clean

help: ## print this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

venv: $(INSTALLED) ## set up .venv with the project and its tools

check: $(INSTALLED) ## lint, formatting, types, and which package may import which
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# The tests start hundreds of programs, which need not be compiled each time, whatever the user's shell says.
test: export PYTHONDONTWRITEBYTECODE :=
test: export PYTHONPYCACHEPREFIX := $(CURDIR)/$(ENVIRONMENT)/bytecode
test: $(INSTALLED) ## run the tests, on real servers (PYTEST="-k words" to choose)
	$(BIN)/python -m pytest $(or $(PYTEST),--numprocesses=auto --dist=loadgroup)

races: $(INSTALLED) ## show how stock is oversold, under every schedule, and that the lane is not
	$(BIN)/python -m tests.races

demo: $(INSTALLED) ## stream an order log through a worker, kill it half-way, prove the stock (LOG=FILE for your own, ARGS="--sku-column NAME ..." for its columns)
	$(BIN)/python -m tests.demo $(if $(LOG),--log "$(LOG)") $(ARGS)

bench: $(INSTALLED) ## measure the worker beside what one would write instead
	$(BIN)/python -m tests.bench $(ARGS)

faults: $(INSTALLED) ## break workers, servers and network for nine minutes, and judge what became of it (ARGS="--seed 7", ARGS=--mutants)
	$(BIN)/python -m tests.faults $(ARGS)

soak: $(INSTALLED) ## load two workers for ten minutes, with a fault now and then, and look what grows (ARGS="--minutes 60")
	$(BIN)/python -m tests.soak $(ARGS)

clean: ## remove what the other verbs made
	rm -rf $(ENVIRONMENT) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made again only when what it is made from has changed.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is missing or older than 3.11: install Python 3.11 or later, or name one: make PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make virtual environments: install the package that can (Debian: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(ENVIRONMENT)
	$(BIN)/pip install --quiet --editable '.[development]' --constraint constraints.txt
	@touch $@
