# `make` lists the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test lint bench

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

demo: ## Run Doorward in front of a small sample app, on this machine alone
	cargo run --release --locked -- demo

test: ## Install what the tests need where that is allowed, then run all of them
	@scripts/setup
	@scripts/test

lint: ## Formatting, warnings and generated files
	@scripts/setup lint
	@scripts/lint

bench: ## Measure what Doorward costs; ARGS="--quick --only verify" for a first impression, ARGS=--help for all
	@scripts/setup bench
	@python3 -B benches/run.py $(ARGS)
