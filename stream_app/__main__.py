"""`python -m stream_app`: one worker of the scorer."""

from contract import process
from contract.settings import load
from stream_app.app import build
from stream_app.settings import ScorerSettings
from stream_app.worker import ScorerWorker


def main() -> None:
    """Runs a worker until SIGTERM or SIGINT."""
    settings = load(ScorerSettings)
    ScorerWorker(build(settings), loglevel=settings.log_level).execute_from_commandline()


if __name__ == "__main__":
    process.run(main)
