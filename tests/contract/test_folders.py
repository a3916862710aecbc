"""One process at a time in a folder."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contract.errors import StorageFailed
from contract.folders import locked_folder

HOLD = (
    "import sys, time\n"
    "from pathlib import Path\n"
    "from contract.folders import locked_folder\n"
    "with locked_folder(Path(sys.argv[1]), 'stack'):\n"
    "    print('locked', flush=True)\n"
    "    time.sleep(60)\n"
)


def test_a_second_stack_in_the_same_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    with (
        locked_folder(tmp_path, "stack"),
        pytest.raises(StorageFailed, match="another stack runs in"),
    ):
        locked_folder(tmp_path, "stack").__enter__()


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with locked_folder(tmp_path / "home", "stack") as home:
            assert home.is_absolute()


def test_a_killed_stack_does_not_keep_the_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(StorageFailed):
            locked_folder(tmp_path, "stack").__enter__()
        holder.send_signal(signal.SIGKILL)

    with locked_folder(tmp_path, "stack"):
        pass
