"""What it means that a registry does not let us in, whichever client was told so."""

from typing import Any, Final

from contract.errors import RegistryDenied
from contract.settings import Settings

STATUS: Final = frozenset({401, 403})
"""Of HTTP."""

CODES: Final = frozenset({"UNAUTHENTICATED", "CUSTOMER_UNAUTHORIZED", "PERMISSION_DENIED"})
"""MLflow's own words for it."""


def is_refusal(failure: Any) -> bool:
    """Whether MLflow's fault, or that of requests or urllib below it, says so."""
    answer = getattr(failure, "response", None)
    return (
        getattr(failure, "error_code", None) in CODES
        or getattr(answer, "status_code", None) in STATUS
        or getattr(failure, "code", None) in STATUS
    )


def denied(settings: Settings, words: str) -> RegistryDenied:
    """The fault for whoever set the login; `words` are the registry's."""
    return RegistryDenied(
        f"the registry {settings.registry_uri} does not let us in, or not do this ({words}): see "
        "to INTENT_MLFLOW_USERNAME and INTENT_MLFLOW_PASSWORD, or INTENT_MLFLOW_TOKEN"
    )
