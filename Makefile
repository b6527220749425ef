# make demo   set up and run the screenplay recipe on a real screenplay
# make test   set up and run every test
# make test-deep   the same, with ten times as many examples in the property tests
# make test-pictures  have Graphviz and Mermaid read what cineforge graph writes (node and npm; fetches Mermaid once)
# make test-browser  click through every page of a feature and of 5,000 scenes, in Chromium
# make pictures  take the pictures in the documents anew
# make test-slurm  run on a Slurm cluster of two nodes, started on this machine (root, Debian)
# make docs  build the documentation as a site in site/; a broken link fails
# make test-compat  try every Python that is here with the lowest and the newest Snakemake allowed
# make soak   try for ten minutes to make a run differ from its plan
# make torture   try for some minutes to make the store lose something
# make bench-quick bench      measure CineForge against the same work by plain Snakemake
# make bench-peers  the same work by doit, redun, DVC and Dagster, beside both
# make bench-store bench-growth     measure the store against bare files and bare SQL, and what grows

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO := output/demo
SAMPLE := samples/cyber_bob_ep1.fountain
SOAK_SECONDS := 600
PEERS := doit==0.37.0 redun==0.44.1 dvc==3.67.1 dagster==1.13.28
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test test-deep test-unit test-slurm test-browser test-pictures test-compat soak torture bench bench-quick bench-peers bench-store bench-growth pictures docs lint format setup clean

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "CineForge needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: setup
	@test -f $(DEMO)/config.yaml || cineforge init $(DEMO) --recipe screenplay --story $(SAMPLE)
	snakemake -c4 --directory $(DEMO)
	@echo; echo "This is what there is now:"; echo
	@cineforge status --directory $(DEMO)
	@$(BIN)/python samples/tell.py $(DEMO)
	@echo; echo "Try:   edit a line in $(DEMO)/$(notdir $(SAMPLE)), then"
	@echo "         . $(VENV)/bin/activate"
	@echo "         snakemake -n  --directory $(DEMO)      what would run, and why"
	@echo "         snakemake -c4 --directory $(DEMO)      just what the edit touches"
	@echo "         cineforge runs --directory $(DEMO)     the runs so far"
	@echo "         cineforge graph --directory $(DEMO) --format svg -o film.svg   all of it as a picture (Graphviz)"
	@echo "         cineforge page --directory $(DEMO) -o film.html                all of it as one file to send"
	@echo "         cineforge ui --directory $(DEMO)       all of it in the browser"

# Some tests wait more than they work, so there are more of them at once than processors.
PYTEST := pytest -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2) --dist worksteal
# Every command would compile CineForge anew.
test test-deep test-unit test-browser: export PYTHONDONTWRITEBYTECODE =

test: setup
	$(PYTEST)

test-deep: setup
	CINEFORGE_TEST_DEPTH=10 $(PYTEST)

# Mermaid is a program for browsers: nobody but this test needs it.
test-pictures: setup $(VENV)-mermaid/.installed
	CINEFORGE_MERMAID=$(CURDIR)/$(VENV)-mermaid $(PYTEST) tests/views

$(VENV)-mermaid/.installed:
	mkdir -p $(VENV)-mermaid && echo '{"private": true}' > $(VENV)-mermaid/package.json
	npm install --prefix $(VENV)-mermaid --no-audit --no-fund mermaid@11 jsdom@29
	@touch $@

# In a venv of its own: Snakemake imports every executor plugin it finds at each start.
test-slurm: $(VENV)-slurm/.installed
	$(VENV)-slurm/bin/python -m tests.slurm

$(VENV)-slurm/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)-slurm
	$(VENV)-slurm/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[slurm]'
	@touch $@

test-browser: setup
	$(PYTEST) tests/browser/long_projects.py

pictures: setup
	python -m tests.browser.pictures

test-compat: setup
	python -m tests.compat

test-unit: setup
	$(PYTEST) -m 'not e2e and not slow'

soak: setup
	python -m tests.property.soak --seconds $(SOAK_SECONDS)

torture: setup
	python -m tests.torture

bench-quick: setup
	python -m benchmarks.against_snakemake

bench: setup
	python -m benchmarks.against_snakemake --long

bench-peers: setup $(VENV)-peers/.installed
	python -m benchmarks.peers --environments $(VENV)-peers

# Each in a venv of its own, as nothing else needs it, and they need versions that others do not.
$(VENV)-peers/.installed: Makefile
	rm -rf $(VENV)-peers
	set -e; for each in $(PEERS); do \
		home=$(VENV)-peers/$${each%%==*}; \
		$(PYTHON) -m venv $$home; \
		$$home/bin/python -m pip install --quiet --disable-pip-version-check $$each; \
	done
	@touch $@

bench-store: setup
	python -m benchmarks.store

bench-growth: setup
	python -m benchmarks.growth

docs: $(VENV)-docs/.installed
	NO_MKDOCS_2_WARNING=1 $(VENV)-docs/bin/mkdocs build --quiet

# In a venv of its own, as nothing else needs it.
$(VENV)-docs/.installed: docs/requirements.txt constraints.txt
	$(PYTHON) -m venv $(VENV)-docs
	$(VENV)-docs/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r docs/requirements.txt
	@touch $@

lint: setup
	ruff check .
	ruff format --check .
	mypy
	python -m tests.module_types
	lint-imports
	snakefmt --check Snakefile

format: setup
	ruff check --fix .
	ruff format .
	snakefmt Snakefile

clean:
	rm -rf $(VENV) $(VENV)-slurm $(VENV)-compat $(VENV)-docs $(VENV)-mermaid output site .mypy_cache .mypy_modules .ruff_cache .pytest_cache .import_linter_cache .hypothesis
