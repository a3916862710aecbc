"""`python -m tests.deploy.engineless FOLDER`: runs the stack there and prints what became of it.

Needs a network namespace of its own, see `network`. The stages are started by the order of the
compose file, by its health checks; then the simulator runs, and Prometheus looks on.
"""

import json
import sys
from pathlib import Path

from tests.deploy.engineless.network import names_known
from tests.deploy.engineless.scenario import run


def main() -> None:
    """Prints JSON on the last line."""
    folder = Path(sys.argv[1])
    with names_known(folder):
        print(json.dumps(run(folder)))


if __name__ == "__main__":
    main()
