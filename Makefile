# What a contributor does, from a clean clone. Needs Python 3.11+, git and make; uv and, where the machine has none,
# Node are put into .venv, and Chromium (for the browser tests alone) is installed by apt.
#
# Each step leaves a stamp beside what it made, so that deleting the one forgets the other.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
STAMPS := $(VENV)/.stamps
BUNDLE := jupyter_datachain_jobs/labextension
LINK := $(VENV)/share/jupyter/labextensions/jupyter-datachain-jobs
FRONT := $(shell find src style schema -type f -not -path '*/__tests__/*' 2>/dev/null)
PYTHON ?= $(shell scripts/find-python.sh)
RUN := $(VENV)/bin/python

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: help
help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: demo
demo: $(STAMPS)/installed ## Start JupyterLab, run an example job and show it (ONCE=1: end after the job)
	@$(RUN) scripts/demo.py $(if $(filter-out 0,$(ONCE)),--once)

.PHONY: test
test: $(STAMPS)/installed $(STAMPS)/dev ## Run all tests: pytest, Vitest, Playwright
	@CHROMIUM="$$(scripts/chromium.sh)" && export CHROMIUM && $(RUN) scripts/steps.py test

.PHONY: check
check: $(STAMPS)/installed $(STAMPS)/dev ## Check style, types, layers and generated files
	@$(RUN) scripts/steps.py check

.PHONY: bench
bench: $(STAMPS)/installed $(STAMPS)/dev ## Measure against the targets, each beside its peer in the same run
	@$(RUN) scripts/steps.py bench

.PHONY: chaos
chaos: $(STAMPS)/installed $(STAMPS)/dev ## Jobs under random faults, audited (N=20 rounds; SEED=… repeats a run)
	@$(RUN) chaos/run.py --rounds $(or $(N),20) $(if $(SEED),--seed $(SEED))

.PHONY: dev
dev: $(STAMPS)/installed $(STAMPS)/dev ## Make an editable installation to work on
	@echo "Python code is live: restart the server to load it. For the front end:"
	@echo "  source $(VENV)/bin/activate && jlpm watch     # rebuilds on each change; reload the page"
	@echo "  jlpm test · jlpm check · make test · make check"

.PHONY: clean
clean: ## Remove what was built (not .venv and node_modules)
	rm -rf lib $(BUNDLE) dist ui-tests/results

# Python

$(STAMPS)/venv:
	scripts/venv.sh $(VENV) "$(PYTHON)"
	@mkdir -p $(@D) && touch $@

$(STAMPS)/packages: pyproject.toml | $(STAMPS)/venv
	scripts/uv.sh pip install --quiet -r pyproject.toml hatchling hatch-jupyter-builder editables
	@touch $@

$(STAMPS)/dev: pyproject.toml | $(STAMPS)/packages
	scripts/uv.sh pip install --quiet -r pyproject.toml --extra test --extra dev
	@touch $@

# The front end: JupyterLab's yarn comes with the Python packages.

$(STAMPS)/node: | $(STAMPS)/venv
	scripts/node.sh
	@touch $@

# Without the line for each of a thousand packages.
node_modules/.stamp: package.json yarn.lock .yarnrc.yml | $(STAMPS)/packages $(STAMPS)/node
	scripts/jlpm.sh install --immutable | { grep -vE 'YN0002|YN0013' || true; }
	@touch $@

$(BUNDLE)/package.json: $(FRONT) package.json tsconfig.json install.json node_modules/.stamp
	scripts/jlpm.sh build:prod
	@touch $@

# The package, editable: its metadata, console script and configuration are copies, its bundle is a link, so that a new
# bundle needs no new installation. The link goes first, or the old installation's files would be removed through it.

$(STAMPS)/installed: pyproject.toml $(wildcard jupyter-config/*/*) | $(STAMPS)/packages $(BUNDLE)/package.json
	@if [ -L $(LINK) ]; then rm $(LINK); fi
	SKIP_JUPYTER_BUILDER=1 scripts/uv.sh pip install --quiet --no-deps --no-build-isolation --editable .
	jupyter-builder develop --overwrite .
	@touch $@
