"""Loads a version: from the cache of compiled models, else from a compile process."""

from pathlib import Path

from contract.errors import ModelUnavailable
from contract.model.checks import check_digest, check_example, digested_file, load_example
from contract.model.loading import load_predictor
from contract.model.predictor import Predictor
from contract.model.version import ModelRejected, ModelRejectionReason, ModelVersion, version_folder
from contract.settings import Settings, schema_of
from stream_app.models.compile_process import CompileProcess, CompileRejection, CompileResult
from stream_app.models.compiled import cache
from stream_app.models.registered_model import RegisteredModel


class ModelLoader:
    """Loads and checks one version in the background.

    Args:
        settings: Of the worker.
        version: The version to load; None for the champion as MLflow reports it.
        low_priority: A worker scores meanwhile and must not be slowed down.
        max_row_microseconds: Reject a version that takes longer for a row.
    """

    def __init__(
        self,
        settings: Settings,
        version: ModelVersion | None,
        *,
        low_priority: bool = False,
        max_row_microseconds: float = float("inf"),
    ) -> None:
        self._settings = settings
        self._version = version
        self._low_priority = low_priority
        self._max_row_microseconds = max_row_microseconds
        self._process: CompileProcess | None = None

    def result(self, timeout: float = 0) -> RegisteredModel | None:
        """The model; None if it is not loaded within `timeout` seconds.

        Raises:
            ModelRejected: The version fails a check.
            ModelUnavailable: The registry does not return the version or its files.
        """
        if self._process is None:
            model = load_cached_model(self._settings, self._version) if self._version else None
            if model is not None:
                return model
            self._process = CompileProcess(
                self._settings, self._version, low_priority=self._low_priority
            )
        result = self._process.result(timeout)
        if isinstance(result, CompileRejection):
            raise ModelRejected(result.reason, result.message)
        return None if result is None else self._load_result(result)

    def cancel(self) -> None:
        """Ends the compile process, if one runs."""
        if self._process is not None:
            self._process.kill()

    def _load_result(self, result: CompileResult) -> RegisteredModel:
        version = ModelVersion(result.version, result.sha256, Path(result.folder), result.rule)
        if result.compiled_file is not None:
            compiled = cache.load_compiled(Path(result.compiled_file))
            if compiled is None:
                raise ModelUnavailable(
                    f"{result.compiled_file} was written a moment ago and cannot be read: check "
                    "the disk of INTENT_DATA_DIR"
                )
            return _verified_model(self._settings, version, compiled, is_compiled=True)
        if result.row_microseconds > self._max_row_microseconds:
            raise too_slow_for_shadow(
                result.version, result.row_microseconds, self._max_row_microseconds
            )
        predictor = load_predictor(version, Path(result.folder), self._settings)
        return _verified_model(
            self._settings,
            version,
            predictor,
            is_compiled=False,
            row_microseconds=result.row_microseconds,
        )


def load_cached_model(settings: Settings, version: ModelVersion) -> RegisteredModel | None:
    """A version that this machine has compiled before, without scikit-learn.

    Returns:
        The model; None if its files or its compiled model are not on this machine.

    Raises:
        ModelRejected: The version fails a check.
    """
    files = version_folder(settings, version)
    if not digested_file(files).is_file():
        return None
    digest = check_digest(version, files)
    file = cache.compiled_file(
        settings.data_dir, digest, version.rule.threshold, schema_of(settings)
    )
    compiled = cache.load_compiled(file)
    if compiled is None:
        return None
    return _verified_model(settings, version, compiled, is_compiled=True)


def too_slow_for_shadow(version: str, microseconds: float, limit: float) -> ModelRejected:
    """The rejection of a version that would delay the champion's predictions as a shadow."""
    return ModelRejected(
        ModelRejectionReason.SLOW,
        f"version {version} takes {microseconds:.3g} us for a row, and a shadow may take {limit:g} "
        "us, or as long as the champion: raise INTENT_SHADOW_MAX_ROW_MICROSECONDS to accept the "
        "delay of every prediction",
    )


def _verified_model(
    settings: Settings,
    version: ModelVersion,
    predictor: Predictor,
    *,
    is_compiled: bool,
    row_microseconds: float = 0.0,
) -> RegisteredModel:
    """The model, once it has reproduced the version's logged example. This also warms it up.

    Raises:
        ModelRejected: The outputs differ from the logged ones.
    """
    schema = schema_of(settings)
    model = RegisteredModel(
        settings.model_name, version, predictor, schema, is_compiled, row_microseconds
    )
    example = load_example(version, version_folder(settings, version), schema)
    check_example(version, example, model.outputs, schema)
    return model
