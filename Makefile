# Commands shared by people, hooks and CI. The first run sets up what is missing.
PYTHON ?= $(shell ./requirements/find-python)
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-bench
# If set, each of the tests' many processes would compile its imports again.
unexport PYTHONDONTWRITEBYTECODE
COMPILED := --compile-bytecode

export DO_NOT_TRACK := 1
export MLFLOW_DISABLE_TELEMETRY := true
export PREFECT_SERVER_ANALYTICS_ENABLED := false

.PHONY: help setup demo test test-fast test-long test-containers test-docker test-kubernetes test-prometheus mutants fuzz bench loop check site coverage audit tools format reference screenshots lock sbom clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/ready ## virtual environment with everything, from the lock file

$(VENV)/ready: requirements/lock.txt requirements/setup.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/setup.txt
	$(BIN)/uv pip sync --quiet $(COMPILED) --python $(BIN)/python --require-hashes requirements/lock.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## the whole pipeline on a real local Kafka; RECORDS=20000 for a bounded run
	@$(BIN)/intent up $(if $(RECORDS),--records $(RECORDS))

# As many as a small machine has cores. With more, tests wait for each other: see CONTRIBUTING.md.
WORKERS ?= 3
# Those with deadlines mostly wait, for timeouts. Beside one other they still keep them.
ALONE_WORKERS ?= 2
# One a core: these tests do not wait, and each more worker imports all libraries again.
FAST_WORKERS ?= 2
test: setup ## every test that does not take minutes, on a real broker
	@failed=0; \
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --no-loadscope-reorder \
		-m "not long and not alone" $(PYTEST) || failed=$$?; \
	$(BIN)/python -m pytest --numprocesses $(ALONE_WORKERS) --no-loadscope-reorder \
		-m "alone and not long" $(PYTEST) || failed=$$?; \
	exit $$failed

test-fast: setup ## the tests that start neither a broker nor another process; two minutes on two cores
	$(BIN)/python -m pytest --numprocesses $(FAST_WORKERS) --no-loadscope-reorder \
		-m "not long and not alone and not starts" $(PYTEST)

test-long: setup ## the tests that take minutes
	$(BIN)/python -m pytest -m long --timeout 3600

test-containers: setup ## the compose stack's containers without Docker, as root; takes minutes
	$(BIN)/python -m pytest -m long --timeout 3600 tests/deploy

test-docker: setup ## the compose stack in real containers; starts an engine, as root, where none answers
	$(BIN)/python -m pytest --timeout 3600 --durations 20 tests/docker/cases_of_the_stack.py

test-kubernetes: setup tools ## the Helm chart on a real API server, built with Go the first time, in ten minutes
	$(BIN)/python -m pytest --timeout 3600 tests/deploy/apiserver/cases_of_the_chart.py

PROMETHEUS := $(CURDIR)/.intent/prometheus
test-prometheus: setup ## rules and dashboards on the Prometheus of compose.yaml, built with Go the first time, in five minutes
	cd tests/deploy/prometheus && CGO_ENABLED=0 go build -o $(PROMETHEUS)/ \
		github.com/prometheus/prometheus/cmd/prometheus github.com/prometheus/prometheus/cmd/promtool
	PATH=$(PROMETHEUS):$$PATH $(BIN)/python -m pytest tests/deploy/test_rules.py tests/deploy/test_drift_reaches_people.py

mutants: setup ## remove guarantees from the code one by one and see their tests fail, half an hour
	$(BIN)/python -m tests.mutants

FUZZ_SECONDS ?= 60
fuzz: setup ## coverage-guided fuzzing of the scorer; FUZZ_SECONDS=60
	$(BIN)/uv pip install --quiet --python $(BIN)/python --group fuzz
	$(BIN)/python -m tests.stream_app.fuzz .intent/fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=4096

bench: setup $(PEERS)/quix/ready $(PEERS)/bytewax/ready $(PEERS)/faust/ready ## the scorer beside its peers, 25 minutes; writes docs/benchmarks, or BENCH_FOLDER
	$(BIN)/python -m benchmarks.scoring $(BENCH_FOLDER)

$(PEERS)/%/ready: requirements/bench-%.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(PEERS)/$*
	$(BIN)/uv pip sync --quiet $(COMPILED) --python $(PEERS)/$*/bin/python --require-hashes $<
	@touch $@

loop: setup ## the scenarios of the retraining loop (drift, wrong promotion, label noise), in minutes; writes docs/retraining-scenarios
	$(BIN)/python -m tools.scenarios docs/retraining-scenarios

check: setup ## lint, types, import rules, dependencies, schema compatibility, links of the docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry --no-ansi .
	$(BIN)/deptry --no-ansi --exclude '\.venv|\.git|\.intent' --ignore DEP002,DEP004 . # tests too
	$(BIN)/python -m tools.schema_registry check
	$(BIN)/python -m tools.site --check

site: setup ## the rendered docs, in .intent/site/html
	$(BIN)/python -m tools.site

# Branches of product code that the tests without brokers or other processes run through.
coverage: setup ## coverage of `make test-fast`, in the terminal
	@mkdir -p .intent/coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses $(FAST_WORKERS) --no-loadscope-reorder \
		-m "not long and not alone and not starts" $(PYTEST)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

audit: setup $(PEERS)/audit/ready ## known vulnerabilities of locked packages; needs the network
	$(PEERS)/audit/bin/pip-audit --strict --require-hashes --disable-pip --requirement requirements/lock.txt

$(PEERS)/audit/ready: requirements/audit.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(PEERS)/audit
	$(BIN)/uv pip sync --quiet --python $(PEERS)/audit/bin/python --require-hashes $<
	@touch $@

GOBIN ?= $(shell go env GOPATH 2>/dev/null)/bin
tools: $(GOBIN)/helm $(GOBIN)/kube-score $(GOBIN)/actionlint ## checkers of chart and workflows, built with Go where they are missing

$(GOBIN)/helm:
	command -v helm || go install helm.sh/helm/v3/cmd/helm@v3.22.0

$(GOBIN)/kube-score:
	command -v kube-score || go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0

$(GOBIN)/actionlint:
	command -v actionlint || go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

format: setup ## fix lint and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

reference: setup ## write what is made from the code: pages in docs, Terraform's map of the cluster
	$(BIN)/python -m tools.reference docs
	$(BIN)/python -m tools.containers
	$(BIN)/python -m deploy.grafana
	$(BIN)/python -m deploy.cluster json > deploy/terraform/kafka/pipeline.json

screenshots: setup ## the pictures of the live page in docs/images, in three minutes
	SCREENSHOTS=docs/images $(BIN)/python -m pytest tests/monitoring/page/test_screenshots.py

lock: setup ## newest versions that pyproject.toml allows, with hashes
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--all-extras --group bench --group dev --group build --group registry pyproject.toml --output-file requirements/lock.txt
	for peer in quix bytewax faust; do \
		$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
			--no-annotate requirements/bench-$$peer.in --output-file requirements/bench-$$peer.txt; done
	echo uv | $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate - --output-file requirements/setup.txt
	echo 'pip-audit>=2.9,<3' | $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate - --output-file requirements/audit.txt

DIST ?= dist
sbom: setup ## dist/sbom.json: every dependency with its version and hashes, as CycloneDX
	@mkdir -p $(DIST)
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON --output-file $(DIST)/sbom.json requirements/lock.txt

clean: ## remove the environment and local state, keep the download cache
	rm -rf $(VENV) $(PEERS) .intent
