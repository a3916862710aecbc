"""Does the model registry answer, and is there a champion?"""

from collections.abc import Iterator

from contract.errors import ModelUnavailable
from intent.doctor.finding import Finding, fault, note, ok
from training.settings import TrainingSettings

UNTRAINED = "no champion of {} yet: `intent train` makes one, and so does `intent up`"


def registry(settings: TrainingSettings) -> Iterator[Finding]:
    """Imports MLflow, which takes seconds."""
    if settings.registry_is_missing:
        yield note("registry", UNTRAINED.format(settings.model_name))
        return
    from training import environment  # noqa: PLC0415  the extra `training` may be missing

    environment.configure_libraries(settings, prefect_log_level="CRITICAL")
    from training.registry_client import champion_version  # noqa: PLC0415  MLflow reads what was just set

    try:
        version = champion_version(settings)
    except ModelUnavailable as failure:
        words, _, remedy = str(failure).rpartition(": ")
        yield fault("registry", words, remedy)
        return
    if version is None:
        yield note("registry", UNTRAINED.format(settings.model_name))
    else:
        yield ok("registry", f"version {version} of {settings.model_name} is the champion")
