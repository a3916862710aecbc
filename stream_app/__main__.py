"""`python -m stream_app`: one worker of the scorer."""

import contract.startup  # noqa: F401

# isort: split
from contract import process
from contract.logs import configure_logs
from contract.settings import load
from stream_app.settings import ScorerSettings
from stream_app.swap.first import First


def main() -> None:
    """Runs a worker until SIGTERM or SIGINT."""
    settings = load(ScorerSettings)
    configure_logs(settings.log_level, settings.log_format)
    first = First(settings)
    from stream_app.app import build  # noqa: PLC0415  half a second, beside the model's own
    from stream_app.worker import ScorerWorker  # noqa: PLC0415

    ScorerWorker(build(settings, first), override_logging=False).execute_from_commandline()


if __name__ == "__main__":
    process.run_main(main)
