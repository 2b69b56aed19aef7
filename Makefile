# Two commands do everything: `make demo` runs the main job, `make test` passes the tests.
# Each creates what it needs: a virtual environment with the locked dependencies.
.PHONY: demo test setup lock format bench clean
.DEFAULT_GOAL := demo

PYTHON ?= python3
BIN := .venv/bin
# Bytecode is compiled once, at install: imports without it take twice as long.
unexport PYTHONDONTWRITEBYTECODE

setup: .venv/.installed

.venv/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

demo: setup
	$(BIN)/sweeper run dataset=mnist_5k steps=1000
	$(BIN)/sweeper tune dataset=mnist_5k steps=400 --trials 8 --study demo

test: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cog --check docs/reference/*.md
	$(BIN)/python -m pytest -n 2 --dist loadfile

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The whole lock anew; the old file goes first, or its pins would bind.
lock:
	rm -f requirements.lock
	$(BIN)/uv pip compile --quiet --no-header --no-emit-index-url --generate-hashes --group dev --extra postgresql --extra onnx pyproject.toml -o requirements.lock
