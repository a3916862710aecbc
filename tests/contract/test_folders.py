"""Only one process at a time holds a locked folder."""

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


def test_second_process_in_a_locked_folder_is_rejected_in_one_line(tmp_path: Path) -> None:
    with (
        locked_folder(tmp_path, "stack"),
        pytest.raises(StorageFailed, match="another stack runs in"),
    ):
        locked_folder(tmp_path, "stack").__enter__()


def test_folder_is_unlocked_after_the_block(tmp_path: Path) -> None:
    for _ in range(2):
        with locked_folder(tmp_path / "home", "stack") as home:
            assert home.is_absolute()


def test_killed_process_releases_the_lock(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(StorageFailed):
            locked_folder(tmp_path, "stack").__enter__()
        holder.send_signal(signal.SIGKILL)

    with locked_folder(tmp_path, "stack"):
        pass
