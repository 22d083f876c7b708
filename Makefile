# The commands of this project. `make` alone lists them.

PYTHON  ?= python3
VENV    ?= .venv
PROBLEM ?= problems/pen-and-paper.yaml
WORKERS ?= 2
ARGS    ?=

RUN     := $(VENV)/bin
INSTALL := $(RUN)/python -m pip --disable-pip-version-check --no-input install --quiet --editable
SHEETS   = output/$(basename $(notdir $(PROBLEM)))
# Neighbouring tests share solved problems, so each worker starts with a part in one piece and helps out at its end.
SIDE_BY_SIDE = -n $(WORKERS) --dist worksteal

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help solve test check lint format docs-check tex clean distclean golden gallery

help:               ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

solve: $(VENV)/.run tex    ## set up, then solve PROBLEM (default: problems/pen-and-paper.yaml)
	$(RUN)/derive solve $(PROBLEM)
	@test ! -f $(SHEETS)/solution.pdf || echo "The solution is in $(SHEETS)/solution.pdf"

test: $(VENV)/.test tex    ## set up, then run all tests (ARGS="-k softmax" selects)
	$(RUN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

check: lint docs-check tex ## lint, documentation, and the quick tests
	$(RUN)/python -m pytest $(SIDE_BY_SIDE) -m "not slow" $(ARGS)

golden: $(VENV)/.test    ## write the golden files anew; read the difference before you commit it
	WRITE_GOLDEN=1 $(RUN)/python -m pytest -q tests/sheet/test_golden.py

gallery: $(VENV)/.test tex  ## write docs/gallery.md and its pictures anew (needs pdftoppm)
	$(RUN)/python -m derive.docs

lint: $(VENV)/.dev         ## style, types, and the direction of imports
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports

format: $(VENV)/.dev       ## bring the code into the common style
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .

docs-check: $(VENV)/.dev   ## are the generated parts of the documentation up to date?
	$(RUN)/python -m derive.docs --check

clean:              ## remove what was generated and all caches
	find output -mindepth 1 -maxdepth 1 ! -name .gitkeep -exec rm -rf {} +
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find derive tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean    ## and the virtual environment
	rm -rf $(VENV)

# ---------------------------------------------------------------- set-up: quick once it is done

# Without LaTeX the .tex files are still written, so its absence stops nothing here.
tex:
	@tools/ensure-tex.sh || true

$(VENV)/.run: pyproject.toml tools/ensure-venv.sh
	@tools/ensure-venv.sh $(PYTHON) $(VENV)
	@echo "Installing derive and what it needs ..."
	@$(INSTALL) .
	@touch $@

$(VENV)/.test: $(VENV)/.run
	@echo "Installing what the tests need (PyTorch among it, which may take some minutes) ..."
	@$(INSTALL) ".[test]"
	@touch $@

# All of it at once is quicker than one after the other.
$(VENV)/.dev: pyproject.toml tools/ensure-venv.sh
	@tools/ensure-venv.sh $(PYTHON) $(VENV)
	@echo "Installing derive, what its tests need, and the linters (PyTorch among it, which may take some minutes) ..."
	@$(INSTALL) ".[test,dev]"
	@touch $(VENV)/.run $(VENV)/.test $@
