# Small Favor. `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help demo test check bench histories chaos lives mutants coverage-report lock screenshots mails format clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-16s %s\n", $$1, $$2}'

demo: $(VENV)/.demo ## Run the whole product on SQLite and the local Stripe (PORT=8000)
	@$(BIN)/python -m app.demo --port $(PORT)

test: $(VENV)/.development .browser .clients ## Run every test, browser and PostgreSQL ones included
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(VENV)/.development ## Lint, types, architecture, migrations, known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.migrations.lint_sql
	$(BIN)/python tools/audit.py

bench: $(VENV)/.development ## Measure against bare parts, in one run
	$(BIN)/python -m tests.benchmarks

histories: $(VENV)/.development ## 10,000 random histories against the local Stripe (COUNT=10000)
	SF_HISTORIES=$(or $(COUNT),10000) $(BIN)/python -m pytest tests/faults/test_histories.py -n 2 -q

chaos: $(VENV)/.development ## 2,000 lives while everything goes wrong at once (LIVES=2000 SEED=…)
	SF_CHAOS_LIVES=$(or $(LIVES),2000) SF_CHAOS_SEED=$(or $(SEED),0) $(BIN)/python -m pytest tests/faults/chaos -q -s

coverage-report: $(VENV)/.development ## Write down what the local Stripe covers
	$(BIN)/python -m app.simulator coverage > docs/reference/local-stripe-coverage.md

lives: $(VENV)/.development ## 2,000 random lives of an account at the local Stripe (COUNT=2000)
	SF_LIVES=$(or $(COUNT),2000) $(BIN)/python -m pytest tests/simulator/test_model.py -q

mutants: $(VENV)/.development ## Change the code of money in small ways, and see the tests notice
	$(BIN)/python tools/mutants.py

screenshots: $(VENV)/.development .browser ## Make the pictures in docs/
	$(BIN)/python -m tests.support.screenshots

mails: $(VENV)/.development .browser ## Show every mail as it looks, in test-results/mails/
	$(BIN)/python -m tests.support.mail_pictures

lock: $(VENV)/.development ## Compile the pinned requirements anew
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml -o requirements/production.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml --group demo -o requirements/demo.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml --group dev -o requirements/development.txt

format: $(VENV)/.development ## Lay the code out as the checks want it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove the virtual environment and the demo's state
	rm -rf $(VENV) instance mutants

$(VENV)/.demo: requirements/demo.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -e $(VENV)/.development || $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/demo.txt
	@touch $@

$(VENV)/.development: requirements/development.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/development.txt
	@touch $@ $(VENV)/.demo

.PHONY: .browser
.browser:
	@tools/install-browser

.PHONY: .clients
.clients:
	@tools/install-clients
