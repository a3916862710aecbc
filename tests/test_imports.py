"""Importing our modules reads neither files nor variables, and ends no process."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("contract", "data", "producers", "stream_app", "training", "monitoring", "intent",
            "deploy", "tools")  # fmt: skip

SCRIPT = r"""
import importlib, os, pkgutil, sys, warnings
from pathlib import Path

root, packages = Path(sys.argv[1]), sys.argv[2:]
sys.path.insert(0, str(root))
warnings.simplefilter("ignore")
ours = tuple(f"{root / package}{os.sep}" for package in packages)
faults = set()


def caller():
    # The module of ours that is being imported and whose own code runs, if any.
    frame = sys._getframe(2)
    library = ("os.py", "_collections_abc.py", "<frozen os>", "<frozen _collections_abc>")
    while frame is not None and frame.f_code.co_filename.endswith(library):
        frame = frame.f_back
    if frame is None or not frame.f_code.co_filename.startswith(ours):
        return None
    return frame.f_code.co_filename


def watch_files(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        path = os.path.abspath(os.fsdecode(arguments[0]))
        is_code = path.endswith((".py", ".pyc", ".so")) or ".pyc." in path
        is_ours = path.startswith((*ours, f"{Path.cwd()}{os.sep}")) or path == "/nowhere.toml"
        if is_ours and not is_code:
            faults.add(f"{path} is read")


def watched(method):
    def read(self, name):
        if (module := caller()) is not None:
            faults.add(f"{module} reads the variable {name}")
        return method(self, name)

    return read


kind = type(os.environ)
kind.__getitem__ = watched(kind.__getitem__)
kind.__contains__ = watched(lambda self, name: name in self.keys() if not isinstance(name, str)
                            else self.encodekey(name) in self._data)
sys.addaudithook(watch_files)
for package in packages:
    for module in pkgutil.walk_packages([str(root / package)], f"{package}."):
        importlib.import_module(module.name)
sys.exit("\n".join(sorted(faults)) or 0)
"""


def test_an_import_reads_no_file_and_no_variable_whatever_the_schema_file(tmp_path: Path) -> None:
    folder, home = tmp_path / "work", tmp_path / "home"
    folder.mkdir()
    (folder / "intent.toml").write_text('schema_file = "/nowhere.toml"\n')
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(ROOT), *PACKAGES],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "INTENT_SCHEMA_FILE": "/nowhere.toml"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
