# The stack without containers and the development commands. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
# Programs start in half the time from compiled modules.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv/bin
PYTHON := $(VENV)/python
LOCAL := deploy/local
WEB_TYPES := services/console/web/src/wire.ts

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: up
up: ## Install what is missing, start the demo city, print its addresses
	@bash $(LOCAL)/install.sh
	@$(PYTHON) $(LOCAL)/demo.py up

.PHONY: down
down: ## Stop the demo city; its data stay
	@$(PYTHON) $(LOCAL)/demo.py down

.PHONY: status
status: ## What runs, and how the city is
	@$(PYTHON) $(LOCAL)/demo.py status

.PHONY: logs
logs: ## Follow the logs of the demo city (ARGS=monitor: only that one's)
	@tail -n 20 -F $(if $(ARGS),$(ARGS:%=.local/logs/%.log),.local/logs/*.log)

.PHONY: reset
reset: ## Stop the demo city and delete its data (asks first; YES=1 does not)
	@$(PYTHON) $(LOCAL)/demo.py reset $(if $(YES),--yes)

.PHONY: check
check: ## Lint, types, import rules, unit and contract tests: no servers (ARGS go to pytest)
	@began=$$(date +%s); bash $(LOCAL)/install.sh check && \
	  $(PYTHON) $(LOCAL)/run_tests.py --began $$began --no-servers $(ARGS)

.PHONY: test
test: ## Lint, types, import rules and all tests, on servers of their own (ARGS="-k name" goes to pytest)
	@began=$$(date +%s); bash $(LOCAL)/install.sh tests && $(PYTHON) $(LOCAL)/run_tests.py --began $$began $(ARGS)

.PHONY: test-long
test-long: ## The tests that take minutes: soak, golden log on the real monitor and the like
	@began=$$(date +%s); bash $(LOCAL)/install.sh tests && \
	  $(PYTHON) $(LOCAL)/run_tests.py --began $$began --only-pytest -m long $(ARGS)

.PHONY: soak
soak: ## Half an hour of small chunks: the monitor must not slow down or grow
	@bash $(LOCAL)/install.sh tests
	@$(PYTHON) $(LOCAL)/run_tests.py --only-pytest -m soak -s $(ARGS)

.PHONY: chaos
chaos: ## A quarter of an hour of kills, stops, outages and a full disk: nothing may differ (needs root; ARGS go to pytest)
	@bash $(LOCAL)/install.sh tests
	@$(PYTHON) $(LOCAL)/run_tests.py --only-pytest -m chaos -s tests/long/test_chaos.py $(ARGS)

.PHONY: cost
cost: ## Instructions per frame of each stage of the pure path (docs/benchmarks.md)
	@bash $(LOCAL)/install.sh cost
	@$(VENV)/pytest -m cost -s tests/bench/test_cost.py $(ARGS)

.PHONY: golden
golden: ## Judge the golden log anew and print what differs, for the CHANGELOG (ARGS=--events: its records, too)
	@bash $(LOCAL)/install.sh python
	@PYTHONPATH=tests $(PYTHON) -m support.golden $(ARGS)

.PHONY: test-servers
test-servers: ## Start the tests' Kafka and TimescaleDB and leave them: eval "$$(make -s test-servers)"
	@bash $(LOCAL)/install.sh >&2
	@$(PYTHON) $(LOCAL)/servers.py test up

.PHONY: test-servers-down
test-servers-down: ## Stop the tests' servers and delete their data
	@$(PYTHON) $(LOCAL)/servers.py test down

.PHONY: bench
bench: ## The speed measurements (tests marked `bench`), on the tests' servers
	@bash $(LOCAL)/install.sh tests
	@$(PYTHON) $(LOCAL)/run_tests.py --only-pytest -m bench -s $(ARGS)

.PHONY: tour-pictures
tour-pictures: ## Take the pictures of docs/tour.md from the running demo city, three minutes after make up
	@eval "$$($(VENV)/miyun env)" && "$$(bash $(LOCAL)/web.sh node)" docs/tour/shoot.mjs

.PHONY: generated
generated: ## Write what is made from the code: JSON Schemas, the page's types, the Grafana dashboard, pages of docs/
	@$(PYTHON) -m schemas
	@$(PYTHON) -m services.cli.generated
	@$(PYTHON) -m services.console.openapi
	@bash $(LOCAL)/web.sh types >$(WEB_TYPES).new && mv $(WEB_TYPES).new $(WEB_TYPES)
	@$(PYTHON) deploy/grafana/city_board.py

.PHONY: lint
lint: ## Style, types and import rules, without tests
	@bash $(LOCAL)/install.sh python
	@$(PYTHON) $(LOCAL)/run_tests.py --only-lint

.PHONY: fmt
fmt: ## Format the code and mend what ruff can
	@bash $(LOCAL)/install.sh python
	@$(VENV)/ruff check --fix-only --quiet .
	@$(VENV)/ruff format .

.PHONY: lock
lock: ## Make the hashed locks in requirements/ anew (ARGS=--upgrade for newer releases)
	@bash $(LOCAL)/install.sh lock $(ARGS)

.PHONY: clean
clean: ## Delete what `make up` and `make test` installed here (not data): .venv, Kafka's jars, caches
	@if [ -S .local/supervisor.sock ]; then echo "the demo city runs: make down first" >&2; exit 1; fi
	rm -rf .venv .local/tools .local/node .local/installed .local/kafka/libs services/console/web/{dist,node_modules} deploy/local/compose-check/node_modules .mypy_cache .pytest_cache .ruff_cache \
	  .import_linter_cache .hypothesis dist
	find schemas services simulators tools tests deploy -name __pycache__ -type d -prune -exec rm -rf {} +
