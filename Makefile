# Two commands do everything on a fresh machine with Python >= 3.12: "make paper" and "make test".
# Both find the interpreter, make the environment in .venv and install what requirements.lock pins.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Panels that are not in the repository, e.g. make paper PANELS="sfo=path/to/sfo_survey_2010_2017.csv.gz kiosk=…".
# They are also looked for beside the repository.
AIRPORT := $(wildcard ../shared/data/sfo/sfo_survey_2010_2017.csv.gz)
KIOSK := $(wildcard ../shared/data/kiosk/kiosk_tidy.csv)
PANELS ?= $(addprefix sfo=,$(AIRPORT)) $(addprefix sfo_long=,$(AIRPORT)) $(addprefix kiosk=,$(KIOSK))
PANEL_OPTIONS := $(addprefix --panel ,$(PANELS))
NBVAL := --nbval --nbval-current-env --nbval-cell-timeout=300 --nbval-kernel-startup-timeout=120
export SOURCE_DATE_EPOCH := 1767225600

.PHONY: help paper test test-slow test-bounds bench freeze freeze-long lab lock format clean install

help:
	@echo "make paper      study -> fits -> notebooks -> six blue papers (in build/reports)"
	@echo "make test       linters, types, tests, notebooks"
	@echo "make test-slow  statistical tests over many replicates"
	@echo "make test-bounds  compiled code with every index checked"
	@echo "make bench      speed against the reference implementations (in build/benchmarks)"
	@echo "make freeze     make the results, notebooks and papers of a fresh run the frozen ones"
	@echo "make freeze-long  the same with the simulation studies over many replicates computed anew"
	@echo "make lab        JupyterLab on the notebooks"
	@echo "make lock       pin the packages anew in requirements.lock"

paper: $(STAMP)
	$(BIN)/maternal-eval paper data/maternal $(PANEL_OPTIONS)

freeze: $(STAMP)
	$(BIN)/maternal-eval paper data/maternal $(PANEL_OPTIONS) --freeze

freeze-long: $(STAMP)
	$(BIN)/maternal-eval paper data/maternal $(PANEL_OPTIONS) --freeze --long

test: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --doctest-modules src
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow" tests
	$(BIN)/pytest -n 2 --dist loadfile $(NBVAL) notebooks

# Compiled code with every index checked, in a cache of its own (a minute; "make test" does it uncompiled in seconds).
test-bounds: $(STAMP)
	mkdir -p build
	NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=$(CURDIR)/build/bounds $(BIN)/python -m pytest -q -p no:cacheprovider -p tests.kernels.bounds \
		tests/kernels/run_small.py tests/satisfaction/test_density.py tests/dynamic_weights/test_likelihood.py \
		tests/sensitivity/test_model.py tests/whatif/test_prediction.py 2>&1 | tee build/bounds.log; \
		test $${PIPESTATUS[0]} -eq 0 && ! grep -n "Exception ignored" build/bounds.log

test-slow: $(STAMP)
	$(BIN)/pytest -m slow tests

bench: $(STAMP)
	@set -e; for script in benchmarks/*.py; do echo "== $$script"; PYTHONPATH=. $(BIN)/python $$script; done

lab: $(STAMP)
	$(BIN)/jupyter lab notebooks

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(STAMP)
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.12 \
		--generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements.lock

clean:
	rm -rf build

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@python=$$(./find-python) || exit 1; \
	echo "installing into $(VENV) with $$($$python --version): two to three minutes, once"; \
	$$python -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)
