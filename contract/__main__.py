"""`python -m contract`: creates the topics that do not exist."""

import contract.startup  # noqa: F401

# isort: split
from contract import process
from contract.kafka import ensure_topics
from contract.logs import configure_logs
from contract.settings import Settings, load
from contract.topics import topics


def main() -> None:
    """Creates the topics. Raises `BrokerUnreachable`, `AccessDenied` or `TopicUnavailable`."""
    settings = load(Settings)
    configure_logs(settings.log_level, settings.log_format)
    ensure_topics(settings, topics(settings))


if __name__ == "__main__":
    process.run_main(main)
