# The project's commands. Each makes its own environment in .venv first (VEILIG_VENV: somewhere else).
PYTHON ?= python3
VENV = $(or $(VEILIG_VENV),.venv)
BIN = $(VENV)/bin
SBOM ?= dist/sbom.cdx.json
WORKERS ?= 2

.PHONY: help environment run story test lint types borders bench bench-pages secrets lock sbom audit clean

help:  ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 14

environment:
	@$(PYTHON) deploy/local/environment_setup.py

run: environment  ## Start broker, database and the four services; Ctrl-C stops them
	@exec $(BIN)/veilig run $(ARGS)

story: environment  ## Drive the story of the village alderman through a running stack
	@$(BIN)/veilig story village-alderman $(ARGS)

test: environment lint types borders  ## All checks and tests (WORKERS=2: side by side, each with a broker, database and browser of its own)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: environment  ## Style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: environment  ## Types
	$(BIN)/mypy

borders: environment  ## Who may import whom
	$(BIN)/lint-imports

bench: environment  ## The chain beside a bare chain, and fifteen thousand writes
	@$(BIN)/python -m deploy.benchmarks.chain $(ARGS)

bench-pages: environment  ## Pages with few cases in the store, and with a hundred thousand more
	@$(BIN)/python -m deploy.benchmarks.pages $(ARGS)

secrets: environment  ## Draw what is secret for docker compose, once, into .secrets
	@$(BIN)/python -m deploy.docker.secrets $(ARGS)

lock: environment  ## Renew requirements.lock: versions and hashes, no addresses
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" -q -o requirements.lock

sbom: environment  ## What the environment is made of, with versions and licences (CycloneDX), in dist/sbom.cdx.json
	@mkdir -p $(dir $(SBOM))
	@$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o $(SBOM) $(BIN)/python
	@echo "Written: $(SBOM)"

audit: environment  ## Known weaknesses in the packages of requirements.lock; asks the package registry
	@$(BIN)/python -m deploy.dependencies.audit $(ARGS)

clean:  ## Throw away environment, caches and local data
	rm -rf .venv .cache .data dist
