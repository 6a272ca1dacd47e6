# Everything runs from .venv, which `make install` builds from the hashed lock alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: install demo test test-all serve lint format bench lock

install: $(STAMP)

$(STAMP): requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

demo: install
	$(BIN)/videocraft demo

# In the order of the folders: the long files come first, and no processor waits for the other at the end.
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

# The rooms' tests again, on PostgreSQL and S3; the other two folders have no rooms.
SCALED := $(PYTEST) --stack scaled tests/contract --ignore tests/contract/fetching --ignore tests/contract/storage

test: install
	$(PYTEST) -m "not slow"
	$(SCALED) -m "main_path and not slow"

test-all: install
	$(PYTEST)
	$(SCALED)

serve: install
	$(BIN)/videocraft serve

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# One of them: make bench BENCHMARKS=sync
BENCHMARKS := exports ingest uploads sync compose speech jobs clips storyboards videos_api load_polling load_sockets \
	load_upload

bench: install
	set -e; for name in $(BENCHMARKS); do $(BIN)/python -m benchmarks.$$name; done

# Needs uv, which only whoever changes the dependencies has to have.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-annotate --no-header pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-annotate --no-header --extra dev pyproject.toml -o requirements-dev.txt
