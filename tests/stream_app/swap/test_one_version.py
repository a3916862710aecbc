"""A batch in hand while the models are switched is one version's, in names as in numbers."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from contract.schema import CARS
from stream_app.app import answers
from stream_app.model.known import known as loaded
from stream_app.model.registered import RegisteredModel
from stream_app.model.registries.local import LocalRegistry
from stream_app.pipeline import Pipeline, open_pipeline
from stream_app.settings import ScorerSettings
from stream_app.swap.models import Serving
from stream_app.transport.batches import Batch
from tests.stream_app.swap.watched import Switching
from tests.support.fixtures import SettingsFor
from tests.support.ports import free_ports
from tests.support.scoring import a_message
from tests.support.versions import MODEL


@pytest.fixture
def pipeline(known: ScorerSettings, settings_for: SettingsFor) -> Iterator[Pipeline]:
    """That of a worker which scores with version 1."""
    settings = settings_for(
        ScorerSettings,
        data_dir=known.data_dir,
        mlflow_uri=known.mlflow_uri,
        model_name=MODEL,
        scorer_port=free_ports("127.0.0.1", 1)[0],
    )
    opened = open_pipeline(settings)
    yield opened
    opened.batches.close()


def test_batch_in_hand_while_the_models_are_switched_has_one_version(
    known: ScorerSettings, pipeline: Pipeline
) -> None:
    models, one = pipeline.models, pipeline.models.now.champion
    two = loaded(known, LocalRegistry(known.registry_uri, MODEL).version("2"))
    assert two is not None
    switching = Switching(one.form, lambda: models.switch(Serving(two, shadow=one)))
    models.switch(Serving(replace(one, form=switching)))

    def batch() -> set[tuple[str, float]]:
        scored = answers(pipeline, Batch([a_message()] * 3, [], None, full=False))
        found = [CARS.codec.decode_prediction(each["value"]) for each in scored.predictions]
        return {(each.model_version, each.probability) for each in found}

    def alone(model: RegisteredModel) -> float:
        records = CARS.codec.decode_customers([a_message().value()]).events
        return float(model.probabilities(records)[0])

    assert alone(one) != alone(two)
    assert batch() == {("1", alone(one))}
    assert batch() == {("2", alone(two))}
