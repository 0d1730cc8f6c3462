# Two commands for everyone: make demo, make test. make check is for those who change the code.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

# Tests begin hundreds of processes: what these load is compiled once, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test bench prove soak fleet check types covered audit sbom messages commands pictures requirements clean

demo: $(VENV)/installed
	@$(BIN)/matinee demo $(ARGS)

test: $(VENV)/installed
	@$(BIN)/python -m pytest $(ARGS)

# Runs the proofs of tests/faults at full length, which takes hours. SEEDS=0-249 runs that part of them.
prove: $(VENV)/installed
	@PROVE=full $(BIN)/python -m pytest tests/faults $(ARGS)

# Lets years pass in a simulation, then a real hour with every fault at 5 %; nothing may grow. SOAK=3m is shorter.
SOAK  ?= 60m
YEARS ?= 2
soak: $(VENV)/installed
	@$(BIN)/python -m tests.faults.simulation.years --years $(YEARS)
	@$(BIN)/python -m tests.faults.soak $(SOAK)

# Measures, and prints the table; docs/performance.md explains it. ARGS names some rows, or --quick.
bench: $(VENV)/installed build/bench/installed
	@$(BIN)/python -m benchmarks $(ARGS)

# Lets a gateway, three workers and two callbacks processes carry films while they are killed and cut off.
FILMS ?= 2000
fleet: $(VENV)/installed
	@$(BIN)/python -m tests.faults.fleet.tour $(FILMS)

check: $(VENV)/installed
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory -j2 types covered

types:
	@$(BIN)/mypy

covered:
	@$(BIN)/python -m tests.covered

# Looks every pinned package up among the known weaknesses.
audit: $(VENV)/installed
	@$(BIN)/python -m tests.faults.audit requirements-dev.txt

# Lists every package that runs, in CycloneDX.
sbom: $(VENV)/installed
	@mkdir -p build
	@$(BIN)/python -W ignore -m cyclonedx_py requirements requirements.txt --pyproject pyproject.toml --output-reproducible -o build/sbom.json
	@echo "build/sbom.json"

$(VENV)/installed: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Matinee needs Python 3.11 or newer; this is %d.%d. Name another with make PYTHON=..." % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what Matinee needs into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

build/bench/installed: benchmarks/requirements.txt
	@test -x build/bench/bin/python || $(BIN)/python -m venv build/bench
	@echo "Installing what the benchmark compares with into build/bench ..."
	@build/bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# Brings every language in bot/locales up to date with what the source says.
messages: $(VENV)/installed
	@$(BIN)/python -m tests.catalogue

# Writes what docs/commands.md has from the code anew.
commands: $(VENV)/installed
	@$(BIN)/python -m tests.commands

# Takes the documents' pictures anew, from the demo in a headless Chromium. ARGS names some of them.
pictures: $(VENV)/installed
	@$(BIN)/python -m tests.e2e.pictures $(ARGS)

# Writes the pinned, hashed requirements anew from pyproject.toml (needs uv).
requirements:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade pyproject.toml -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --upgrade benchmarks/requirements.in -o benchmarks/requirements.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build *.egg-info
