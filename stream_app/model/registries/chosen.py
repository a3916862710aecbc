"""Settings -> the registry that they name, as far as it is read without MLflow."""

from contract.settings import Settings
from stream_app.model.registries import local, server
from stream_app.model.registries.asking import Registry


def registry(settings: Settings) -> Registry | None:
    """The registry of these settings; None for one that only MLflow reads."""
    uri = settings.registry_uri
    if uri.startswith(local.SCHEME):
        return local.LocalRegistry(uri, settings.model_name)
    if uri.startswith(server.SCHEMES):
        return server.ServerRegistry(uri, settings.model_name)
    return None
