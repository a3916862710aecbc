"""An image as a folder: by the script that the Dockerfile runs, of the files that it copies."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.deploy.dockerfile import stages
from tests.deploy.programs import ROOT


def build(target: str, folder: Path) -> Path:
    """What the image has in /app. The virtual environment is fresh, from the lock file."""
    app = folder / target
    folder.mkdir(exist_ok=True)
    (folder / "passwd").write_text("intent:x:10001:10001::/tmp:/usr/sbin/nologin\n")
    made = subprocess.run(
        [ROOT / "compose" / "images" / "environment", target, str(app / ".venv")],
        cwd=ROOT,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "PYTHON": str(Path(sys.base_prefix, "bin", "python3")),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    for source, place in stages()[target].copies.items():
        to = app / Path(place).relative_to("/app")
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, to)
    return app
