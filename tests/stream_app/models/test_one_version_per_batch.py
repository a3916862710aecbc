"""A batch that is being scored while the models are switched has one version throughout."""

from dataclasses import replace

from contract.registry import THRESHOLD_TAG
from contract.schema import CARS
from stream_app.app import score_with_serving_models
from stream_app.models.initial_model import load_initial_model
from stream_app.models.last_serving_version import load_last_serving_version
from stream_app.models.loader import load_cached_model
from stream_app.models.registered_model import RegisteredModel
from stream_app.models.registries.sqlite_registry import SqliteRegistry
from stream_app.models.serving import ServingModels, ServingState
from stream_app.settings import ScorerSettings
from stream_app.transport.batch_consumer import Batch
from tests.stream_app.models.manual_watcher import Switching
from tests.support.scoring import LIMITS, a_message
from tests.support.versions import MODEL_NAME, RegistryCopy


def test_batch_scored_during_a_switch_of_models_has_one_version(
    cached_settings: ScorerSettings,
) -> None:
    serving = ServingState(load_initial_model(cached_settings))
    one = serving.models.champion
    two = load_cached_model(
        cached_settings, SqliteRegistry(cached_settings.registry_uri, MODEL_NAME).version("2")
    )
    assert two is not None
    switching = Switching(one.predictor, lambda: serving.switch(ServingModels(two, shadow=one)))
    serving.switch(ServingModels(replace(one, predictor=switching)))

    def score_batch() -> set[tuple[str, float]]:
        batch = Batch([a_message()] * 3, [], None, full=False)
        scored = score_with_serving_models(batch, serving, LIMITS)
        predictions = [CARS.codec.decode_prediction(sent["value"]) for sent in scored.predictions]
        return {(prediction.model_version, prediction.probability) for prediction in predictions}

    def probability(model: RegisteredModel) -> float:
        records = CARS.codec.decode_customers([a_message().value()]).events
        return float(model.outputs(records)[0])

    assert probability(one) != probability(two)
    assert score_batch() == {("1", probability(one))}
    assert score_batch() == {("2", probability(two))}


def test_worker_scores_with_the_threshold_of_the_version_that_it_loaded(
    own_registry: RegistryCopy, uncached_settings: ScorerSettings
) -> None:
    records = CARS.codec.decode_customers([a_message().value()]).events
    probability = float(load_initial_model(uncached_settings).outputs(records)[0])
    for threshold, expected in ((probability - 1e-6, 1), (probability + 1e-6, 0)):
        own_registry.client.set_model_version_tag(MODEL_NAME, "1", THRESHOLD_TAG, str(threshold))
        serving = ServingState(load_initial_model(uncached_settings))
        batch = Batch([a_message()], [], None, full=False)
        (sent,) = score_with_serving_models(batch, serving, LIMITS).predictions
        assert CARS.codec.decode_prediction(sent["value"]).prediction == expected
    saved = load_last_serving_version(uncached_settings)
    assert saved is not None
    assert saved.rule.threshold == threshold
