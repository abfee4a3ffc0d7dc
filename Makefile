# Two commands: `make run` and `make test`. Each sets up .venv when it is missing or out of date.
# Before a release: `make test-long`, what `make test` leaves out, for it repeats on every pilot what one shows.
# By hand: `make bench`, advisor against hand-written loops and against its peers; more than an hour, on an idle machine.
# Needs only Python 3.11 to 3.13 with pip (22.3 or later), and make; not even the venv package's own pip.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
WEB := $(CURDIR)/$(VENV)/web
PIP := PIP_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 $(PYTHON) -m pip --python $(BIN)/python install --quiet

.PHONY: run test test-long bench example clean

run: $(VENV)/.ready
	@if [ -t 0 ] || [ -n "$(findstring --answers,$(ARGS))" ]; then \
		exec $(BIN)/advisor run $(ARGS); \
	else \
		echo "No terminal to ask in: using examples/answers.toml" >&2; \
		exec $(BIN)/advisor run --answers examples/answers.toml --no-input $(ARGS); \
	fi

test: $(VENV)/.ready-test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	ADVISOR_WEB="$${ADVISOR_WEB:-$(WEB)}" $(BIN)/python -m pytest $(ARGS)

test-long: $(VENV)/.ready-test
	ADVISOR_WEB="$${ADVISOR_WEB:-$(WEB)}" $(BIN)/python -m pytest -m long $(ARGS)

bench: $(VENV)/.ready-bench
	$(BIN)/python -m benchmarks $(ARGS)

# The finished study that the README shows, made anew on this machine; an hour and a half on two cores.
example: $(VENV)/.ready
	rm -rf examples/study
	$(BIN)/advisor run examples/study --answers examples/answers.toml --pilots all --no-tuned --budget 100m --no-input

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache

$(VENV)/.ready: pyproject.toml constraints.txt
	@echo "Setting up $(VENV): the three frameworks are large, this takes some minutes the first time" >&2
	@$(PYTHON) -m venv --without-pip $(VENV)
	@$(PIP) pip --editable '.[jax]'
	@touch $@

$(VENV)/.ready-bench: $(VENV)/.ready
	@$(PIP) --editable '.[jax,bench]'
	@touch $@

$(VENV)/.ready-test: $(VENV)/.ready
	@$(PIP) --editable '.[test]'
	@if command -v npm > /dev/null; then \
		npm install --silent --no-audit --no-fund --fetch-retries 1 --fetch-timeout 60000 --prefix $(WEB) \
			$$($(BIN)/python -c "from advisor.doctor.extras import web_extra; print(*web_extra().packages)") \
		|| echo "No packages for a browser came from npm: tests in one are skipped" >&2; \
	fi
	@touch $@
