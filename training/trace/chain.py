"""A prediction -> its model, the run and data it was made of, what was decided, and why."""

from dataclasses import dataclass, field

from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from contract import codec, topic_reader
from contract.errors import InvalidRecord
from contract.events import Alert, LifecycleEvent, Prediction
from contract.settings import Settings
from contract.topics import topics
from training.champion import MISSING, answering


@dataclass(frozen=True)
class Model:
    """A version as the registry has it; times in ms.

    Attributes:
        run: MLflow's id of the run that made it.
        params: what that was told.
        tags: data, code, cause and decision, by name: those of the run and of the version.
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
class Chain:
    """What a prediction came from; what is not known (any more) is missing.

    Attributes:
        steps: of the life of its version, the oldest first.
        alert: that caused the training.
        missing: what was looked for and not found, in words.
    """

    prediction: Prediction
    model: Model | None = None
    steps: list[LifecycleEvent] = field(default_factory=list)
    alert: Alert | None = None
    missing: list[str] = field(default_factory=list)


def of(settings: Settings, prediction: Prediction) -> Chain:
    """Raises `ModelUnavailable` and `BrokerUnreachable`."""
    missing: list[str] = []
    with answering(settings) as client:
        model = _model(client, prediction.model, prediction.model_version)
    if model is None:
        missing.append(
            f"the registry {settings.registry_uri} has no version {prediction.model_version} "
            f"of {prediction.model}"
        )
        return Chain(prediction, missing=missing)
    episode = model.tags.get("cause.episode")
    alert = _alert(settings, episode) if episode else None
    if episode and alert is None:
        missing.append(f"the topic {settings.topic_alerts} has no alert {episode} (any more)")
    steps = _steps(settings, prediction)
    return Chain(prediction, model, steps, alert, missing)


def _model(client: MlflowClient, name: str, number: str) -> Model | None:
    try:
        version = client.get_model_version(name, number)
    except MlflowException as failure:
        if failure.error_code in MISSING:
            return None
        raise
    run = client.get_run(str(version.run_id))
    tags = {**run.data.tags, **version.tags}
    return Model(
        version=str(version.version),
        created=int(version.creation_timestamp),
        run=run.info.run_id,
        params=dict(run.data.params),
        metrics=dict(run.data.metrics),
        tags={key: each for key, each in tags.items() if not key.startswith("mlflow.")},
        aliases=sorted(version.aliases),
    )


def _alert(settings: Settings, episode: str) -> Alert | None:
    for message in topic_reader.read_topic(settings, settings.topic_alerts):
        try:
            alert = codec.decode_alert(message.value())
        except InvalidRecord:
            continue
        if (alert.incident, alert.status) == (episode, "firing"):
            return alert
    return None


def _steps(settings: Settings, prediction: Prediction) -> list[LifecycleEvent]:
    found: list[LifecycleEvent] = []
    for message in topic_reader.read_topic(settings, topics(settings).model_lifecycle.name):
        try:
            found.append(codec.decode_lifecycle_event(message.value()))
        except InvalidRecord:
            continue
    own = [each for each in found if _is(each, prediction)]
    runs = {each.flow_run_id for each in own if each.flow_run_id}
    requests = {name for each in own for name in each.request_ids}
    asked = [
        each
        for each in found
        if each.model_version is None
        and (each.flow_run_id in runs or requests & set(each.request_ids))
    ]
    return sorted([*own, *asked], key=lambda each: each.occurred_at)


def _is(step: LifecycleEvent, prediction: Prediction) -> bool:
    return (step.model, step.model_version) == (prediction.model, prediction.model_version)
