# What a person types; `make help` lists it. The set-up itself is in setup/environment.sh.
# Every path is relative, because the checkout's own path may hold spaces and Chinese characters.

# The demo city is dated: its records expire and exit around this day. For a real site: make site AS_OF=$(date +%F)
AS_OF ?= 2026-11-20
OUT ?= site
BUILD_OPTIONS ?=
PYTEST_OPTIONS ?=
SIZE ?= 100000
BENCH_OPTIONS ?=

PYTHON := .venv/bin/python
CACHES := .mypy_cache .ruff_cache .pytest_cache .hypothesis gongshi.egg-info

.DEFAULT_GOAL := help
.PHONY: help site serve test test-no-browser pytest lint types bench env test-env browser clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r target text; do printf '  make %-16s %s\n' "$$target" "$$text"; done

site: env ## build the demo city into site/current/ (AS_OF=YYYY-MM-DD, OUT=folder, BUILD_OPTIONS=...)
	@$(PYTHON) build.py build --out "$(OUT)" --as-of "$(AS_OF)" $(BUILD_OPTIONS)

serve: env ## serve the built site on this machine's loopback address
	@$(PYTHON) build.py serve --out "$(OUT)"

test: browser lint types pytest ## make what the tests need, Chromium included, and run every check

test-no-browser: PYTEST_OPTIONS += --ignore=tests/browser
test-no-browser: lint types pytest ## the same without the tests in Chromium

pytest: test-env ## the tests alone, in two processes by files, long ones first (PYTEST_OPTIONS=...)
	$(PYTHON) -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(PYTEST_OPTIONS)

lint: test-env ## ruff: rules and format
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types: test-env ## mypy, strict
	$(PYTHON) -m mypy --num-workers 2

bench: test-env ## measure everything, with what it is compared to; results in bench-results/ (SIZE=rows, BENCH_OPTIONS=...)
	@$(PYTHON) -m tests.bench.everything --size "$(SIZE)" $(BENCH_OPTIONS)

env: ## make .venv from requirements.lock, and the command .venv/bin/gongshi
	@setup/environment.sh site

test-env: ## the same from requirements-dev.lock
	@setup/environment.sh test

browser: test-env ## Chromium, its driver's needs and a font for Chinese, by apt-get if missing and we are root
	@setup/environment.sh browser

clean: ## remove what make made: site/, .venv and caches
	rm -rf site $(CACHES)
	find build.py publish tests -name __pycache__ -type d -prune -exec rm -rf {} +
	if [ -f .venv/made-by-gongshi ]; then rm -rf .venv; fi
