"""`python -m stream_app.models.compile [VERSION]`: checks and compiles a version.

Without VERSION, it compiles the champion. It runs in a process of its own, so that MLflow and
scikit-learn take neither memory nor time from the worker. Its result is one line of JSON.
"""

import contract.startup  # noqa: F401

# isort: split
import sys

import msgspec

from contract import process
from contract.libraries import configure_libraries
from contract.logs import configure_logs
from contract.model.checks import check_digest, digested_file, recorded_digest
from contract.model.loading import load_checked_model
from contract.model.version import ModelRejected, ModelVersion, version_folder
from contract.registry import CHAMPION_ALIAS
from contract.settings import Settings, load, schema_of
from stream_app.models.compile_process import CompileRejection, CompileResult
from stream_app.models.compiled import cache, compile_model
from stream_app.models.memory_limit import memory_limit
from stream_app.models.registries import create_registry
from stream_app.models.registries.registry import RegistryUnavailable


def main() -> None:
    """Writes the result to standard output. Raises `ModelUnavailable`."""
    settings = load(Settings)
    configure_logs(settings.log_level, settings.log_format)
    version = ModelVersion.from_json(sys.argv[1]) if len(sys.argv) > 1 else None
    try:
        with memory_limit(
            settings.model_max_memory_mb, f"version {version.number}" if version else "the champion"
        ):
            _write(compile_version(settings, version))
    except ModelRejected as refused:
        _write(CompileRejection(refused.reason, str(refused)))
        raise


def _write(result: CompileResult | CompileRejection) -> None:
    print(msgspec.json.encode(result).decode(), flush=True)  # noqa: T201  read by the worker


def compile_version(settings: Settings, version: ModelVersion | str | None = None) -> CompileResult:
    """Checks a version and compiles it, unless its compiled model is cached.

    Args:
        settings: Name the registry, the model and the data directory.
        version: The version, which needs no registry if its files are on this machine; or its
            number; None for the champion.

    Raises:
        ModelRejected: The version fails a check.
        ModelUnavailable: The registry does not return the version or its files.
    """
    if not isinstance(version, ModelVersion):
        version = _get_version(settings, version)
    recorded_digest(version, settings.model_name)
    files = version_folder(settings, version)
    if not digested_file(files).is_file():
        _download(settings, version)
    digest = check_digest(version, files)
    compiled_file = cache.compiled_file(
        settings.data_dir, digest, version.rule.threshold, schema_of(settings)
    )
    if cache.load_compiled(compiled_file) is not None:
        return CompileResult(version.number, digest, str(files), str(compiled_file), version.rule)
    model = load_checked_model(version, files, settings)
    compiled = compile_model(model.predictor, version.rule.threshold)
    if compiled is not None:
        cache.save_compiled(compiled, compiled_file)
    return CompileResult(
        version.number,
        digest,
        str(files),
        str(compiled_file) if compiled else None,
        version.rule,
        0.0 if compiled else model.row_microseconds,
    )


def _get_version(settings: Settings, number: str | None) -> ModelVersion:
    registry = create_registry(settings)
    try:
        if registry is not None:
            return registry.version(number or registry.aliases()[CHAMPION_ALIAS])
    except (RegistryUnavailable, KeyError):  # MLflow may read it, or reports what is wrong
        pass
    configure_libraries(settings)
    from stream_app.models.registries import mlflow_client  # noqa: PLC0415  takes seconds

    return mlflow_client.get_version(settings, number)


def _download(settings: Settings, version: ModelVersion) -> None:
    configure_libraries(settings)
    from stream_app.models.registries import mlflow_client  # noqa: PLC0415  takes seconds

    mlflow_client.download_version(settings, version)


if __name__ == "__main__":
    process.run_main(main)
