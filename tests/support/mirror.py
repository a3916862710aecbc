"""`python -m tests.support.mirror [CODE]`: prints how the process was started, as JSON."""

import json
import os
import signal
import sys
from pathlib import Path


def _shown(name: str) -> list[str]:
    return Path("/proc/self", name).read_text(encoding="utf-8").rstrip("\0").split("\0")


def main() -> None:
    """Reads standard input, prints, and exits with the code."""
    seen = {
        "name": __name__,
        "arguments": sys.argv[1:],
        "module": Path(sys.argv[0]).name,
        "path": sorted(sys.path),
        "folder": str(Path.cwd()),
        "env": dict(os.environ),
        "input": sys.stdin.read(),
        "files": sorted(path.name for path in Path("/proc/self/fd").iterdir()),
        "signals": {int(each): str(signal.getsignal(each)) for each in signal.valid_signals()},
        "blocked": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))),
        "parent": os.getppid(),
        "leads": (os.getpid() == os.getsid(0), os.getpid() == os.getpgid(0)),
        "shown": [_shown("cmdline"), sorted(_shown("environ"))],
        "streams": [(each.encoding, each.errors) for each in (sys.stdin, sys.stdout, sys.stderr)],
        "libraries": "mlflow" in sys.modules,
    }
    sys.stdout.write(json.dumps(seen) + "\n")
    sys.stderr.write("said\n")
    sys.exit(int(sys.argv[1]) if sys.argv[1:] else None)


if __name__ == "__main__":
    main()
