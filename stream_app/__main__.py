"""`python -m stream_app`: one worker of the scorer."""

import contract.startup  # noqa: F401

# isort: split
from contract import process
from contract.logs import configure_logs
from contract.settings import load
from stream_app.models.initial_model import InitialModel
from stream_app.settings import ScorerSettings


def main() -> None:
    """Runs a worker until SIGTERM or SIGINT."""
    settings = load(ScorerSettings)
    configure_logs(settings.log_level, settings.log_format)
    initial_model = InitialModel(settings)
    # imported here: the import takes half a second, while the model loads
    from stream_app.app import ScorerApp  # noqa: PLC0415
    from stream_app.worker import ScorerWorker  # noqa: PLC0415

    app = ScorerApp(settings, initial_model)
    ScorerWorker(app, override_logging=False).execute_from_commandline()


if __name__ == "__main__":
    process.run_main(main)
