# Two commands do everything: `make demo` runs the main job, `make test` passes the tests.
# Each creates what it needs: a virtual environment with the locked dependencies; tools of developers come with `make test`.
.PHONY: demo test setup tools lock lower-bounds published pictures site format bench clean
.DEFAULT_GOAL := demo

PYTHON ?= python3
BIN := .venv/bin
# Of tests, for two processors: some tests wait for a lease, a clock or a server, and meanwhile others go on.
WORKERS ?= 2
# Bytecode is compiled once, at install: imports without it take twice as long.
unexport PYTHONDONTWRITEBYTECODE

# What a run needs, and nothing else.
setup: .venv/.installed

# And what those need who work on it.
tools: .venv/.tools

.venv/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

.venv/.tools: .venv/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

demo: setup
	$(BIN)/sweeper run dataset=mnist_5k steps=1000
	$(BIN)/sweeper tune dataset=mnist_5k steps=400 --trials 8 --study demo

test: tools
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cog --check docs/reference/*.md
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

format: tools
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Both locks anew; the old files go first, or their pins would bind. The second holds all of the first.
LOCK := $(BIN)/uv pip compile --quiet --no-header --no-emit-index-url --generate-hashes pyproject.toml
lock: tools
	rm -f requirements.lock requirements-dev.lock
	$(LOCK) --group build -o requirements.lock
	$(LOCK) --group dev --extra postgresql --extra onnx --extra ray -c requirements.lock -o requirements-dev.lock

# The main job with the oldest versions that pyproject.toml admits, in an environment of its own.
OLDEST := .venv/oldest
lower-bounds: tools
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(OLDEST)
	$(BIN)/uv pip compile --quiet --resolution lowest-direct --group build pyproject.toml -o $(OLDEST)/oldest.txt
	$(BIN)/uv pip install --quiet --python $(OLDEST)/bin/python -r $(OLDEST)/oldest.txt
	$(BIN)/uv pip install --quiet --python $(OLDEST)/bin/python pytest hypothesis
	$(BIN)/uv pip install --quiet --python $(OLDEST)/bin/python --no-deps --no-build-isolation --editable .
	$(OLDEST)/bin/python -m pytest -q tests/package/main_job.py

# The main job from what would be published, on any Python: make published PYTHON=python3.13 ARCHIVE=sdist
ARCHIVE ?= wheel
PUBLISHED := .venv/published
published: tools
	rm -rf build/dist build/published && mkdir -p build/published
	$(BIN)/python -m hatchling build --target $(ARCHIVE) --directory $(CURDIR)/build/dist
	$(BIN)/uv venv --quiet --clear --python $(PYTHON) $(PUBLISHED)
	$(BIN)/uv pip install --quiet --python $(PUBLISHED)/bin/python build/dist/* pytest hypothesis
	cp tests/package/main_job.py build/published
	cd build/published && ../../$(PUBLISHED)/bin/pytest -q main_job.py

# The pictures of the documents, made anew by the program, a terminal and a browser (tmux, chromium).
pictures: tools
	$(BIN)/python docs/pictures/make.py

# The documents as a site in build/site; a link that leads nowhere is an error.
site: tools
	$(BIN)/python -m sphinx -q -W --keep-going docs build/site
