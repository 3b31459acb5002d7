# Firstcall's commands. `make help` lists them. Works with GNU Make 3.81 and any POSIX shell.
#
#   make up                      everything, on this machine, with demo data
#   make test ARGS="tests/crm -k consent"
#   make up FIRSTCALL_WEB_PORT=8080

SHELL := /bin/sh
.DEFAULT_GOAL := help

PY := .venv/bin/python
VENV := PYTHON="$(PYTHON)" sh config/up/venv.sh
UP := $(PY) -m config.up
WITH_SERVERS := $(PY) -m config.up.testservers --
UV_VERSION := 0.9.11

# Here everything is a demo unless told otherwise; a deployment does not use this file.
FIRSTCALL_DEMO ?= 1
export FIRSTCALL_DEMO
export PYTHONUTF8 := 1
# Eight processes start at once: without cached bytecode each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

# -- run ------------------------------------------------------------------------------------------

.PHONY: venv
venv:
	@$(VENV) base

.PHONY: up
up: venv ## Start everything; the first time, load the demo and tell its story
	@$(UP) up

.PHONY: down
down: venv ## Stop everything; the data stays under var/
	@$(UP) down

.PHONY: reset
reset: venv ## Stop everything and delete its data
	@$(UP) reset

.PHONY: demo
demo: venv ## Tell the story of a freed slot once more
	@$(UP) demo

.PHONY: logs
logs: ## Follow the logs
	@$(UP) logs

.PHONY: status
status: venv ## Show what runs
	@$(UP) status

# -- check ----------------------------------------------------------------------------------------

.PHONY: venv-test
venv-test:
	@$(VENV) test

.PHONY: chromium
chromium: venv-test ## Install Chromium for the browser tests, where that can be done
	@$(PY) -m config.up.chromium

.PHONY: test
test: venv-test ## Run the tests with servers of their own; ARGS="…" goes to pytest
	@$(PY) -m config.up.chromium || true
	@$(WITH_SERVERS) $(PY) -m pytest -n auto -m "not long" $(ARGS)

.PHONY: test-faults
test-faults: venv-test ## Run the tests that kill and starve servers
	@$(WITH_SERVERS) $(PY) -m pytest -n 0 -m faults $(ARGS)

.PHONY: bench
bench: venv ## Measure the paths that patients wait for; ARGS="--sizes fill=10000 --write"
	@$(PY) -m bench $(ARGS)

.PHONY: lint
lint: venv-test ## Check style, types, floors, templates, migrations, the API schema
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	.venv/bin/lint-imports --no-logo
	git ls-files -z -- 'templates/*.html' '*/templates/*.html' | xargs -0 .venv/bin/djade --check --target-version 5.2
	$(PY) -m djlint templates --lint --quiet
	@$(WITH_SERVERS) $(MAKE) --no-print-directory lint-django

# What needs a database to ask.
.PHONY: lint-django
lint-django:
	$(PY) manage.py check --fail-level WARNING
	$(PY) manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=integrations.practice_ehr.settings $(PY) manage.py makemigrations --check --dry-run
	mkdir -p var
	$(PY) manage.py spectacular --validate --fail-on-warn --file var/openapi.yaml
	diff -u docs/openapi.yaml var/openapi.yaml || { echo "The API has changed: make schema"; exit 1; }

.PHONY: schema
schema: venv-test ## Write docs/openapi.yaml anew
	$(PY) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

# -- maintain -------------------------------------------------------------------------------------

# The compiled catalog is committed, too: a machine that only runs Firstcall needs no gettext.
CATALOG := config/locale/es/LC_MESSAGES
UNSAID := .venv node_modules var tests bench docs

.PHONY: messages
messages: venv-test ## Gather what pages say for translation into Spanish; compile it (needs GNU gettext)
	@for tool in xgettext msgmerge msgcat msgfmt; do command -v $$tool >/dev/null || { echo "$$tool is missing. It is part of GNU gettext: apt-get install gettext, brew install gettext"; exit 1; }; done
	$(PY) manage.py makemessages --locale es --extension html,py --no-location --no-obsolete --no-wrap $(UNSAID:%=--ignore=%)
	msgcat --use-first $(CATALOG)/django.po $(CATALOG)/by_variable.po | msgfmt --check --output-file=$(CATALOG)/django.mo -

LOCK := pip compile --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet

.PHONY: lock
lock: venv ## Compile requirements/*.in into locks with hashes; UPGRADE=--upgrade for newer ones
	test -x var/uv/bin/uv || $(PY) -m venv var/uv
	var/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	var/uv/bin/uv $(LOCK) $(UPGRADE) requirements/base.in --output-file requirements/base.txt
	var/uv/bin/uv $(LOCK) $(UPGRADE) requirements/test.in --constraint requirements/base.txt --output-file requirements/test.txt
