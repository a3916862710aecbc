"""The app for Faust's own command line: `faust -A stream_app.faust_app worker`."""

import contract.startup  # noqa: F401

# isort: split
import sys
from functools import cache

from contract.errors import PipelineError
from contract.settings import load
from stream_app.app import ScorerApp
from stream_app.settings import ScorerSettings


def __getattr__(name: str) -> ScorerApp:
    """Creates `app` when Faust asks for it: the import itself reads no settings."""
    if name != "app":
        raise AttributeError(name)
    return _app()


@cache
def _app() -> ScorerApp:
    try:
        return ScorerApp(load(ScorerSettings))
    except PipelineError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201  the one line that an error gets
        sys.exit(error.exit_code)
