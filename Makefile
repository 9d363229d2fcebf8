# The commands of development; each makes the virtual environment it needs.
# `make up` deploys the dev stack, `make test` checks everything.

VENV := .venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/.ready
# Bytecode is kept, for the tests start hundreds of interpreters, and beside the packages, out of the sources.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX ?= $(CURDIR)/$(VENV)/bytecode

.PHONY: up down test gates tools bench lock clean

up: $(READY)
	@$(PYTHON) tools/dev_up.py

down: $(READY)
	@$(PYTHON) tools/dev_up.py --down

# A file stays with one worker, for tests of a deployed stack go on from one another; tests/conftest.py keeps more together.
# Tests of the mesh and of deployments wait for proxies and controllers, so there are more workers than two cores.
test: gates tools
	$(PYTHON) -m pytest -n 4 --dist loadfile --no-loadscope-reorder

# Style, types, the direction of imports and what workflows may do, before any test runs.
gates: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports --no-cache
	$(VENV)/bin/pyright
	$(VENV)/bin/zizmor --offline --no-progress --quiet --pedantic .github/workflows

# What tests build and install, once for a machine: in a test the minutes would count as its own.
tools: $(READY)
	@$(PYTHON) -m tests.building

bench: $(READY)
	$(PYTHON) -m benchmarks

# Pins of everything that development and CI install; run it to take newer versions.
lock: $(READY)
	$(PYTHON) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --group dev --custom-compile-command "make lock" \
	  pyproject.toml --output-file requirements.lock

$(READY): requirements.lock pyproject.toml tools/bootstrap.sh
	@sh tools/bootstrap.sh $(VENV)
	@touch $(READY)

clean:
	rm -rf $(VENV) .state rendered build dist
