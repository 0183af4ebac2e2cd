# Two commands do everything on a fresh machine with Python >= 3.12: "make paper" and "make test".
# Both find the interpreter, make the environment in .venv and install what requirements.lock pins; "make test" and other
# commands of development add what requirements-dev.lock pins beside it.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.dev-installed
DOCS_STAMP := $(VENV)/.docs-installed
# Panels that are not in the repository, e.g. make paper PANELS="sfo=path/to/sfo_survey_2010_2017.csv.gz kiosk=…".
# They are also looked for beside the repository.
AIRPORT := $(wildcard ../shared/data/sfo/sfo_survey_2010_2017.csv.gz)
KIOSK := $(wildcard ../shared/data/kiosk/kiosk_tidy.csv)
MOTHERS := $(wildcard ../shared/data/prams/prams_mch_2016_2021.csv.gz)
REVIEWS := $(wildcard ../shared/data/babycare/babycare_reviews_counts.csv)
CLINICS := $(wildcard ../shared/data/clinics/clinic_reviews_2006_2021.csv)
PANELS ?= $(addprefix sfo=,$(AIRPORT)) $(addprefix sfo_long=,$(AIRPORT)) $(addprefix kiosk=,$(KIOSK)) \
	$(addprefix prams=,$(MOTHERS)) $(addprefix babycare=,$(REVIEWS)) $(addprefix clinics=,$(CLINICS))
PANEL_OPTIONS := $(addprefix --panel ,$(PANELS))
NBVAL := --nbval --nbval-current-env --nbval-cell-timeout=300 --nbval-kernel-startup-timeout=120
export SOURCE_DATE_EPOCH := 1767225600

.PHONY: help paper test test-fast test-slow test-bounds bench docs freeze freeze-long lab lock format clean install

help:
	@echo "make paper      study -> fits -> notebooks -> blue paper and annex in two languages (in build/reports)"
	@echo "make test       linters, types, tests, notebooks"
	@echo "make test-fast  linters of what changed, types, and some tests of every layer: while you work, under a minute"
	@echo "make test-slow  statistical tests over many replicates, and the installed wheel"
	@echo "make test-bounds  compiled code with every index checked"
	@echo "make bench      speed against the reference implementations (in build/benchmarks)"
	@echo "make docs       the site: guides, notebooks and the API by layer (in build/docs/site)"
	@echo "make freeze     make the results, notebooks and papers of a fresh run the frozen ones"
	@echo "make freeze-long  the same with the simulation studies over many replicates computed anew"
	@echo "make lab        JupyterLab on the notebooks"
	@echo "make lock       pin the packages anew in requirements.lock, requirements-dev.lock and requirements-docs.lock"
	@echo "make format     put code into the one form that the linters want"
	@echo "make install    the whole environment in .venv; every other command first installs what it needs"
	@echo "make clean      remove build/: results, papers and notebooks that were made here"
	@echo "make help       this list"

paper: $(STAMP)
	$(BIN)/maternal-eval paper data/maternal $(PANEL_OPTIONS)

freeze: $(STAMP)
	$(BIN)/maternal-eval paper data/maternal $(PANEL_OPTIONS) --freeze

freeze-long: $(STAMP)
	$(BIN)/maternal-eval paper data/maternal $(PANEL_OPTIONS) --freeze --long

test: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist loadfile --doctest-modules src
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow" tests
	$(BIN)/pytest -n 2 --dist loadfile $(NBVAL) notebooks

# While you work: what changed since the last commit, types, and FAST, some quick tests of every layer
# (tests/setup/test_makefile.py holds that none is left out). "make test" is what has to pass before a change lands.
FAST := tests/setup/test_architecture.py tests/setup/test_makefile.py tests/scoring/test_value.py tests/study/test_study.py \
	tests/results/test_store.py tests/weighting/test_result.py tests/reporting/test_prose.py \
	tests/simulation/test_tables.py tests/cli/test_names.py
CHANGED = git diff --name-only --diff-filter=d HEAD -- '*.py' '*.ipynb'; git ls-files --others --exclude-standard -- '*.py' '*.ipynb'
test-fast: $(DEV_STAMP)
	@changed=$$($(CHANGED)); test -z "$$changed" || { $(BIN)/ruff check $$changed && $(BIN)/ruff format --check $$changed; }
	$(BIN)/mypy
	$(BIN)/pytest -q -m "not slow" $(FAST)

# Compiled code with every index checked, in a cache of its own (a minute; "make test" does it uncompiled in seconds).
test-bounds: $(DEV_STAMP)
	mkdir -p build
	NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=$(CURDIR)/build/bounds $(BIN)/python -m pytest -q -p no:cacheprovider -p tests.kernels.bounds \
		tests/kernels/run_small.py tests/satisfaction/test_density.py tests/dynamic_weights/test_likelihood.py \
		tests/sensitivity/test_model.py tests/whatif/test_prediction.py 2>&1 | tee build/bounds.log; \
		test $${PIPESTATUS[0]} -eq 0 && ! grep -n "Exception ignored" build/bounds.log

test-slow: $(DEV_STAMP)
	$(BIN)/pytest -m slow tests

bench: $(DEV_STAMP)
	@set -e; for script in benchmarks/*.py; do echo "== $$script"; PYTHONPATH=. $(BIN)/python $$script; done

# Sphinx and its extensions come into the same environment, on top of what is there, and only for this command.
docs: $(DOCS_STAMP)
	$(BIN)/python docs/pages.py build/docs/pages
	$(BIN)/sphinx-build -W --keep-going -q -j 2 -c docs -d build/docs/cache build/docs/pages build/docs/site
	@echo "the site is in build/docs/site: open index.html"

lab: $(DEV_STAMP)
	$(BIN)/jupyter lab notebooks

format: $(DEV_STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

PIN := uv pip compile pyproject.toml --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-header --quiet
lock: $(DEV_STAMP)
	$(BIN)/$(PIN) --extra setup --output-file requirements.lock
	$(BIN)/$(PIN) --extra setup --extra dev --constraint requirements.lock --no-annotate --output-file requirements-dev.lock
	$(BIN)/$(PIN) --extra docs --constraint requirements-dev.lock --no-annotate --output-file requirements-docs.lock

clean:
	rm -rf build

install: $(DEV_STAMP)

$(STAMP): requirements.lock pyproject.toml
	@python=$$(./find-python) || exit 1; \
	echo "installing into $(VENV) with $$($$python --version): two to three minutes, once"; \
	$$python -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)

$(DEV_STAMP): requirements-dev.lock $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-dev.lock
	touch $(DEV_STAMP)

$(DOCS_STAMP): requirements-docs.lock $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-docs.lock
	touch $(DOCS_STAMP)
