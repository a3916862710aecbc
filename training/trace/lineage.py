"""A prediction -> its model version, the run and data behind it, its lifecycle and trigger."""

from dataclasses import dataclass, field

from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from contract import bounded_reader, codec
from contract.errors import InvalidRecord
from contract.events import Alert, LifecycleEvent, Prediction
from contract.settings import Settings
from contract.topics import topics
from training.registry_client import NOT_FOUND_CODES, registry_client
from training.trigger import INCIDENT_TAG


@dataclass(frozen=True)
class ModelInfo:
    """A version in the registry; times in ms since the epoch.

    Attributes:
        version: in the registry.
        created: when it was registered.
        run: id of the MLflow run that trained it.
        params: of the training.
        metrics: of the run.
        tags: data, code, trigger and decision: those of the run and of the version.
        aliases: that the version has now.
    """

    version: str
    created: int
    run: str
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]
    aliases: list[str]


@dataclass(frozen=True)
class Lineage:
    """The lineage of a prediction.

    Attributes:
        prediction: the prediction.
        model: its version; None if the registry does not have it.
        steps: lifecycle events of its version, the oldest first.
        alert: that triggered the training, if one did.
        missing: sentences on what was not found.
    """

    prediction: Prediction
    model: ModelInfo | None = None
    steps: list[LifecycleEvent] = field(default_factory=list)
    alert: Alert | None = None
    missing: list[str] = field(default_factory=list)


def trace_lineage(settings: Settings, prediction: Prediction) -> Lineage:
    """Collects the lineage of a prediction.

    Raises:
        ModelUnavailable: the registry does not answer.
        BrokerUnreachable: a topic cannot be read.
    """
    missing: list[str] = []
    with registry_client(settings) as client:
        model = _read_model(client, prediction.model, prediction.model_version)
    if model is None:
        missing.append(
            f"the registry {settings.registry_uri} has no version {prediction.model_version} "
            f"of {prediction.model}"
        )
        return Lineage(prediction, missing=missing)
    incident = model.tags.get(INCIDENT_TAG)
    alert = _find_alert(settings, incident) if incident else None
    if incident and alert is None:
        missing.append(f"the topic {settings.topic_alerts} has no alert {incident} (any more)")
    steps = _find_steps(settings, prediction)
    return Lineage(prediction, model, steps, alert, missing)


def _read_model(client: MlflowClient, name: str, number: str) -> ModelInfo | None:
    try:
        version = client.get_model_version(name, number)
    except MlflowException as failure:
        if failure.error_code in NOT_FOUND_CODES:
            return None
        raise
    run = client.get_run(str(version.run_id))
    tags = {**run.data.tags, **version.tags}
    return ModelInfo(
        version=str(version.version),
        created=int(version.creation_timestamp),
        run=run.info.run_id,
        params=dict(run.data.params),
        metrics=dict(run.data.metrics),
        tags={name: value for name, value in tags.items() if not name.startswith("mlflow.")},
        aliases=sorted(version.aliases),
    )


def _find_alert(settings: Settings, incident: str) -> Alert | None:
    for message in bounded_reader.read_topic(settings, settings.topic_alerts):
        try:
            alert = codec.decode_alert(message.value())
        except InvalidRecord:
            continue
        if (alert.incident, alert.status) == (incident, "firing"):
            return alert
    return None


def _find_steps(settings: Settings, prediction: Prediction) -> list[LifecycleEvent]:
    """Events of the prediction's version, and of the requests and runs that led to it."""
    events: list[LifecycleEvent] = []
    for message in bounded_reader.read_topic(settings, topics(settings).model_lifecycle.name):
        try:
            events.append(codec.decode_lifecycle_event(message.value()))
        except InvalidRecord:
            continue
    version = prediction.model, prediction.model_version
    of_version = [event for event in events if (event.model, event.model_version) == version]
    run_ids = {event.flow_run_id for event in of_version if event.flow_run_id}
    request_ids = {id_ for event in of_version for id_ in event.request_ids}
    before_version = [
        event
        for event in events
        if event.model_version is None
        and (event.flow_run_id in run_ids or request_ids & set(event.request_ids))
    ]
    return sorted([*of_version, *before_version], key=lambda event: event.occurred_at)
