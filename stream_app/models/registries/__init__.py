"""Where a worker learns which versions the aliases name, and where a version's files are."""

from contract.settings import Settings
from stream_app.models.registries import rest_registry, sqlite_registry
from stream_app.models.registries.registry import ModelRegistry


def create_registry(settings: Settings) -> ModelRegistry | None:
    """Creates the reader for INTENT_MLFLOW_URI; None for a kind that only MLflow can read."""
    uri = settings.registry_uri
    if uri.startswith(sqlite_registry.SCHEME):
        return sqlite_registry.SqliteRegistry(uri, settings.model_name)
    if uri.startswith(rest_registry.SCHEMES):
        return rest_registry.RestRegistry(uri, settings.model_name)
    return None
