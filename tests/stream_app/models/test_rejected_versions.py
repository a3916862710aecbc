"""A version is checked before it serves: file, signature and logged example."""

import hashlib
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
import skops.io
from sklearn.preprocessing import FunctionTransformer

from contract.errors import ModelUnavailable
from contract.model.version import ModelRejected, ModelRejectionReason, ModelVersion
from contract.registry import EXAMPLE_FILE, MODEL_FILE, THRESHOLD_TAG, Example
from contract.schema import CARS
from data import dataset
from stream_app.models.compile import compile_version
from stream_app.models.compile_process import CompileProcess, CompileResult
from stream_app.models.loader import ModelLoader, load_cached_model
from stream_app.models.memory_limit import memory_limit
from stream_app.models.registries.sqlite_registry import SqliteRegistry
from stream_app.settings import ScorerSettings
from tests.support.versions import MODEL_NAME, RegistryCopy
from training import estimators


def replace_model(registry: RegistryCopy, model: object) -> None:
    """Replaces version 2 by another model, with its digest."""
    file = registry.folder("2") / MODEL_FILE
    skops.io.dump(model, file)
    registry.record("2", hashlib.sha256(file.read_bytes()).hexdigest())


def changed_file(registry: RegistryCopy) -> None:
    with (registry.folder("2") / MODEL_FILE).open("ab") as file:
        file.write(b"\0")


def untrusted(registry: RegistryCopy) -> None:
    replace_model(registry, FunctionTransformer(os.system))


def damaged(registry: RegistryCopy) -> None:
    file = registry.folder("2") / MODEL_FILE
    file.write_bytes(file.read_bytes()[:1000])
    registry.record("2", hashlib.sha256(file.read_bytes()).hexdigest())


def other_columns(registry: RegistryCopy) -> None:
    rows = dataset.load_dataset(CARS.dataset, CARS)
    names = {name: f"{name}2" for name in CARS.features}
    model = estimators.build_pipeline("logistic", 20, CARS)
    model.set_params(
        encode__transformers=[
            (part, step, [names[name] for name in columns])
            for part, step, columns in model["encode"].transformers
        ]
    )
    replace_model(
        registry, model.fit(rows[list(CARS.features)].rename(columns=names), rows[CARS.target.name])
    )


def other_classes(registry: RegistryCopy) -> None:
    rows = dataset.load_dataset(CARS.dataset, CARS)
    target = rows[CARS.target.name].map({0: "no", 1: "yes"})
    replace_model(
        registry,
        estimators.build_pipeline("logistic", 20, CARS).fit(rows[list(CARS.features)], target),
    )


def another_model(registry: RegistryCopy) -> None:
    rows = dataset.load_dataset(CARS.dataset, CARS)
    replace_model(
        registry,
        estimators.build_pipeline("logistic", 20, CARS).fit(
            rows[list(CARS.features)], rows[CARS.target.name]
        ),
    )


def other_example(registry: RegistryCopy) -> None:
    file = registry.folder("2") / EXAMPLE_FILE
    example = Example.decode(file.read_bytes(), CARS)
    changed = [example.outputs[0] + 2e-5 * (1 - 2 * (example.outputs[0] > 0.5))]
    file.write_bytes(msgspec.json.encode(Example(example.inputs, [*changed, *example.outputs[1:]])))


def empty_example(registry: RegistryCopy) -> None:
    (registry.folder("2") / EXAMPLE_FILE).write_bytes(msgspec.json.encode(Example([], [])))


def example_of_other_data(registry: RegistryCopy) -> None:
    (registry.folder("2") / EXAMPLE_FILE).write_bytes(b'{"inputs":[{"x":1}],"probabilities":[0.5]}')


def no_example(registry: RegistryCopy) -> None:
    (registry.folder("2") / EXAMPLE_FILE).unlink()


def no_digest(registry: RegistryCopy) -> None:
    registry.record("2", None)


def invalid_threshold(registry: RegistryCopy) -> None:
    registry.client.set_model_version_tag(MODEL_NAME, "2", THRESHOLD_TAG, "1.5")


INVALID: dict[Callable[[RegistryCopy], None], ModelRejectionReason] = {
    changed_file: ModelRejectionReason.DIGEST,
    untrusted: ModelRejectionReason.LOAD,
    damaged: ModelRejectionReason.LOAD,
    other_columns: ModelRejectionReason.SIGNATURE,
    other_classes: ModelRejectionReason.SIGNATURE,
    another_model: ModelRejectionReason.EXAMPLE,
    other_example: ModelRejectionReason.EXAMPLE,
    empty_example: ModelRejectionReason.EXAMPLE,
    example_of_other_data: ModelRejectionReason.SIGNATURE,
    no_example: ModelRejectionReason.UNRECORDED,
    no_digest: ModelRejectionReason.UNRECORDED,
    invalid_threshold: ModelRejectionReason.THRESHOLD,
}


@pytest.mark.parametrize("invalidate", INVALID, ids=lambda invalidate: invalidate.__name__)
def test_invalid_version_is_rejected_and_not_cached(
    own_registry: RegistryCopy,
    uncached_settings: ScorerSettings,
    invalidate: Callable[[RegistryCopy], None],
) -> None:
    invalidate(own_registry)
    with pytest.raises(ModelRejected, match="2") as refused:
        compile_version(uncached_settings, "2")
    assert refused.value.reason is INVALID[invalidate]
    assert not list(uncached_settings.data_dir.glob("compiled/*"))


@pytest.mark.parametrize(
    "invalidate",
    [changed_file, other_example, example_of_other_data, no_example, no_digest, invalid_threshold],
    ids=lambda invalidate: invalidate.__name__,
)
def test_cached_version_is_checked_again(
    own_registry: RegistryCopy,
    cached_settings: ScorerSettings,
    invalidate: Callable[[RegistryCopy], None],
) -> None:
    invalidate(own_registry)
    with pytest.raises(ModelRejected) as refused:
        load_cached_model(
            cached_settings, SqliteRegistry(own_registry.uri, MODEL_NAME).version("2")
        )
    assert refused.value.reason is INVALID[invalidate]


def test_valid_version_scores_as_when_it_was_registered(
    own_registry: RegistryCopy, cached_settings: ScorerSettings
) -> None:
    version = SqliteRegistry(own_registry.uri, MODEL_NAME).version("2")
    model = load_cached_model(cached_settings, version)
    assert model is not None
    example = Example.decode((own_registry.folder("2") / EXAMPLE_FILE).read_bytes(), CARS)
    assert len(example.inputs) == 50
    assert model.outputs(example.inputs) == pytest.approx(example.outputs, abs=1e-6)


def test_rejection_reaches_the_worker_from_the_compile_process(
    own_registry: RegistryCopy, uncached_settings: ScorerSettings
) -> None:
    other_columns(own_registry)
    version = SqliteRegistry(own_registry.uri, MODEL_NAME).version("2")
    with pytest.raises(ModelRejected, match=f"{CARS.features[0]}2") as refused:
        ModelLoader(uncached_settings, version).result(60)
    assert refused.value.reason is ModelRejectionReason.SIGNATURE


def test_version_that_needs_too_much_memory_is_rejected(
    own_registry: RegistryCopy, uncached_settings: ScorerSettings
) -> None:
    rows = dataset.load_dataset(CARS.dataset, CARS)
    model = estimators.build_pipeline("logistic", 20, CARS).fit(
        rows[list(CARS.features)], rows[CARS.target.name]
    )
    model.large_ = np.zeros(2_000_000_000, np.uint8)
    file = own_registry.folder("2") / MODEL_FILE
    skops.io.dump(model, file, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
    own_registry.record("2", hashlib.sha256(file.read_bytes()).hexdigest())
    version = SqliteRegistry(own_registry.uri, MODEL_NAME).version("2")
    with pytest.raises(ModelRejected, match="version 2 needs more than 1500 MB") as refused:
        ModelLoader(
            uncached_settings.model_copy(update={"model_max_memory_mb": 1500}), version
        ).result(120)
    assert refused.value.reason is ModelRejectionReason.MEMORY


def test_library_in_cpp_that_finds_no_memory_is_recognized() -> None:
    failure = ModelRejected(ModelRejectionReason.LOAD, "it does not load")
    failure.__cause__ = RuntimeError("std::bad_alloc")
    with pytest.raises(ModelRejected) as refused, memory_limit(100_000, "version 2"):
        raise failure
    assert refused.value.reason is ModelRejectionReason.MEMORY


def test_compile_process_is_ended_before_the_worker_where_memory_is_short(
    uncached_settings: ScorerSettings,
) -> None:
    version = ModelVersion("2", None)
    process = CompileProcess(uncached_settings, version, low_priority=False)
    found = Path(f"/proc/{process._process.pid}/oom_score_adj").read_text()
    process._process.kill()
    assert found.strip() == "1000"
    with pytest.raises(ModelUnavailable, match="was killed, most likely"):
        process.result(60)


def test_missing_file_is_not_a_rejection(uncached_settings: ScorerSettings, tmp_path: Path) -> None:
    assert load_cached_model(uncached_settings, ModelVersion("9", "0" * 64, tmp_path)) is None


def test_shadow_that_is_too_slow_is_rejected_before_it_is_loaded(
    own_registry: RegistryCopy, uncached_settings: ScorerSettings
) -> None:
    version = SqliteRegistry(own_registry.uri, MODEL_NAME).version("2")
    result = CompileResult(
        version.number,
        str(version.sha256),
        str(version.folder),
        compiled_file=None,
        rule=version.rule,
        row_microseconds=30,
    )
    with pytest.raises(ModelRejected, match="takes 30 us") as refused:
        ModelLoader(uncached_settings, version, max_row_microseconds=10)._load_result(result)
    assert refused.value.reason is ModelRejectionReason.SLOW
    model = ModelLoader(uncached_settings, version, max_row_microseconds=40)._load_result(result)
    assert not model.is_compiled
    assert model.row_microseconds == 30
