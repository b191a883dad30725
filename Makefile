# Each target does all of its own set-up in .venv.  A newcomer needs `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

RIG := tests/realservers
HISTORIES ?= 2000
FROM ?= 2000

.PHONY: demo test check lint bench soak gallery wheel realservers clean

demo: $(VENV)/.runtime
	$(BIN)/campaign demo demo

test: $(VENV)/.dev $(RIG)/.venv/.done
	$(BIN)/pytest -n 2 --dist worksteal -q

check: $(VENV)/.dev $(RIG)/.venv/.done lint
	rm -f .coverage .coverage.*
	$(BIN)/pytest -n 2 --dist worksteal -q --cov --cov-report=
	$(BIN)/coverage report --fail-under=95 --format=total
	$(BIN)/coverage report --fail-under=100 --show-missing --include='campaign/fit/*,campaign/slots.py,campaign/fairness/*,campaign/retry.py,campaign/publish/*'

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# HISTORIES=N FROM=seed: so many histories from a seed on; they add up over runs in tests/SOAK.md.
soak: $(VENV)/.dev realservers
	HISTORIES=$(HISTORIES) FROM=$(FROM) $(BIN)/pytest -n 2 --dist worksteal -q -m soak --timeout=3600

bench: $(VENV)/.dev
	cd benchmarks/peers && npm install --no-package-lock --no-audit --no-fund --loglevel=error || echo "without satori and Chromium"
	$(BIN)/python benchmarks/run.py

# Every design, format and language: sheets in docs/gallery, each card at full size in build/gallery.
gallery: $(VENV)/.dev
	$(BIN)/python docs/gallery/build.py

# The servers of others that the tests publish to; without them their tests are skipped.
realservers: $(RIG)/node_modules/.done $(RIG)/.venv/.done

wheel: $(VENV)/.dev
	$(BIN)/python -m build --wheel --outdir dist

clean:
	rm -rf $(VENV) $(RIG)/.venv $(RIG)/node_modules dist demo .coverage* .hypothesis .pytest_cache .mypy_cache .ruff_cache

$(VENV)/.runtime: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@ $(VENV)/.runtime

# better-sqlite3 is compiled here, against the headers beside this node, where it has any.
$(RIG)/node_modules/.done: $(RIG)/package.json $(RIG)/package-lock.json
	cd $(RIG) && export npm_config_nodedir="$$(node -p 'const prefix = path.resolve(process.execPath, "../.."); fs.existsSync(prefix + "/include/node") ? prefix : ""')" && npm ci --no-audit --no-fund --loglevel=error
	touch $@

$(RIG)/.venv/.done: $(RIG)/mastodon.txt
	test -x $(RIG)/.venv/bin/python || $(PYTHON) -m venv $(RIG)/.venv
	PIP_CONSTRAINT= $(RIG)/.venv/bin/pip install --quiet --no-deps --requirement $(RIG)/mastodon.txt
	touch $@
