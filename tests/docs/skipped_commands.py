"""Commands on pages that the docs' test does not run, with the reason."""

from typing import Final

DEMO: Final = "is the demo beside which the others run; tests/intent/local/test_stack.py"
SUITE: Final = "is the test suite itself, or sets up its environment"
LASTS: Final = "runs until Ctrl-C; tests/intent/cli/test_lasting.py starts and ends it"
SERVES: Final = "runs until Ctrl-C; tests/training/test_serve.py starts and ends it"
ENGINE: Final = "needs a Docker engine; `make test-containers` runs the containers' commands"
CLUSTER: Final = "needs Kubernetes; tests/deploy/test_chart.py renders and checks the chart"
ADMIN: Final = "needs a Kafka with users; tests/security/test_cluster_tool.py has one"
TERRAFORM: Final = "needs a Kafka with users; tests/security/test_terraform.py has one"
ALERTING: Final = "is a server; tests/deploy/test_drift_reaches_people.py runs it"
WEBHOOK: Final = "calls an address of the reader"
UI: Final = "is another project's server"
SLOW: Final = "takes seconds; tests/training/test_serve.py runs it with each kind of name"
REPRODUCES: Final = "trains a version again; tests/training/test_steps.py does"
PLACE: Final = (
    "names an offset without a dead letter; tests/intent/cli/test_dead_letters.py has one"
)
NUMBERS: Final = "needs another schema; tests/examples/test_numeric_target.py has it"
NUMBERS_RUN: Final = (
    "runs until Ctrl-C; tests/monitoring/page/test_deliveries_page.py runs its processes"
)
PUMPS: Final = "needs another schema; tests/examples/test_schema_tutorial.py has it"
TABLE: Final = "needs the reader's table; docs/how-to/your-table.md runs it with one"
NOTEBOOK: Final = "needs the model of the page's notebook; tests/docs/test_other_models.py fits it"
REGISTRY: Final = "needs a Schema Registry; tests/intent/cli/test_avro_page.py has one"
ZSH: Final = "is for another shell; tests/intent/cli/test_completion.py checks each script"

PROMETHEUS: Final = "cd deploy/prometheus && prometheus --config.file=prometheus.yml"
ALERTMANAGER: Final = "prometheus-alertmanager --config.file=deploy/alertmanager/alertmanager.yml"

SKIPPED: Final[dict[str, str]] = {
    "make demo": DEMO,
    "intent up": DEMO,
    "intent up --records 20000": DEMO,
    "make setup": SUITE,
    "make format check test": SUITE,
    "intent consume alerts --follow": LASTS,
    "tail -f customers.jsonl | intent produce -": LASTS,
    "INTENT_KAFKA_BOOTSTRAP=kafka:9092 intent score": LASTS,
    "INTENT_SCORER_PORT=8011 INTENT_WORKER_ID=second intent score": LASTS,
    "INTENT_WINDOW_SECONDS=300 intent monitor": LASTS,
    "intent train --serve": SERVES,
    "intent trace 2:15": SLOW,
    "intent explain 2:15": SLOW,
    "intent reproduce 3": REPRODUCES,
    "intent dead-letters show --at 0:17": PLACE,
    "intent consume predictions --last 1 --json | jq -c .value | intent trace -": SLOW,
    "intent consume predictions --last 1 --json | jq -c .value | intent explain -": SLOW,
    "docker compose up --build --detach": ENGINE,
    "docker compose --profile simulate up --detach": ENGINE,
    "docker compose up --detach --scale scorer=3": ENGINE,
    "docker compose --profile simulate down": ENGINE,
    "helm install intent deploy/helm/intent-stream --namespace intent --values yours.yaml": (
        CLUSTER
    ),
    "for role in producer scorer redrive monitoring training reader; do\n"
    '  echo "$(cat passwords/$role)" | python -m deploy.cluster user $role\n'
    "done": ADMIN,
    "export INTENT_KAFKA_USERNAME=admin INTENT_KAFKA_PASSWORD_FILE=...": ADMIN,
    'echo "$PASSWORD" | python -m deploy.cluster user scorer': ADMIN,
    "python -m deploy.cluster apply": ADMIN,
    "cd deploy/terraform/kafka && terraform init": TERRAFORM,
    'terraform apply -var bootstrap=kafka-1:9096 -var working_dir="$PWD/../../.." \\\n'
    "  -var 'partitions={customers=32,predictions=32,predictions.shadow=32}'": TERRAFORM,
    PROMETHEUS: ALERTING,
    ALERTMANAGER: ALERTING,
    "amtool alert add Drill severity=critical --annotation=summary='only a drill' "
    "--alertmanager.url=http://127.0.0.1:9093": ALERTING,
    "intent consume alerts --follow --json | jq --unbuffered -c '{text: .value.message}' |\n"
    '  while read -r text; do curl --silent --data "$text" https://your.chat/hook; done': WEBHOOK,
    "mlflow ui --backend-store-uri sqlite:///.intent/mlflow/mlflow.db --port 5000": UI,
    "DO_NOT_TRACK=1 evidently ui --workspace .intent/reports/evidently --port 8005": UI,
    'eval "$(intent completion zsh)"': ZSH,
    "intent register models:/notebook/1 --rows holdout.csv --alias champion "
    "--reason 'the first model'": NOTEBOOK,
    "intent register models:/notebook/2 --rows holdout.csv --alias challenger": NOTEBOOK,
    "intent register model.lgb --rows holdout.csv": NOTEBOOK,
    "intent register model.lgb --rows holdout.csv --alias challenger": NOTEBOOK,
    "intent register runs:/0123abcd/model --rows holdout.csv": NOTEBOOK,
    "intent register models:/notebook/3 --rows rows.parquet --alias champion "
    "--reason 'new vendor'": NOTEBOOK,
    "intent schema infer data.csv --target bought": TABLE,
    "intent schema infer data.csv --target bought --output mine/schema.toml": TABLE,
    "export INTENT_MODEL_TRUSTED_TYPES=my_package.RareCategories,my_package.Winsorizer": NOTEBOOK,
    "export INTENT_SCHEMA_FILE=examples/pumps/schema.toml": PUMPS,
    "INTENT_SCHEMA_FILE=examples/deliveries/schema.toml intent score": NUMBERS,
    "INTENT_DATA_DIR=.intent/deliveries INTENT_SCHEMA_FILE=examples/deliveries/schema.toml "
    "intent up": NUMBERS_RUN,
    ".venv/bin/python -m training": PUMPS,
    'echo \'{"id": "mine", "site": "north", "fluid": "slurry", "filter": "none", "age": 21, '
    '"hours": 9500, "starts": 7, "flow": 120,\n "pressure": 17.5, "noise": 78}\' | '
    "tr -d '\\n' | .venv/bin/intent produce -": PUMPS,
    ".venv/bin/intent consume predictions --from 1m --json | grep '\"mine\"'": PUMPS,
    ".venv/bin/python -m contract.schemas .intent/pump-maintenance/schemas": PUMPS,
    ".venv/bin/python -m deploy.grafana .intent/pump-maintenance/dashboards": PUMPS,
    ".venv/bin/python -m tools.schema_registry release": PUMPS,
    ".venv/bin/python -m tools.schema_registry check": PUMPS,
    "jq --raw-input --slurp '{schema: .}' customer.avsc | curl --fail --silent --data @- \\\n"
    "  --header 'Content-Type: application/json' "
    "http://127.0.0.1:8081/subjects/customers-value/versions": REGISTRY,
}
