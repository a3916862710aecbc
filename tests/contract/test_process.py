"""An error is one line and an exit code; the traceback of a bug is in a file."""

import errno
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.errors import BadDataset
from contract.process import run_main


def _raises(fault: BaseException) -> Callable[[], None]:
    def main() -> None:
        raise fault

    return main


@pytest.mark.parametrize(
    ("fault", "code", "expected"),
    [
        (BadDataset("line 3: no number"), 3, "error: line 3: no number\n"),
        (OSError(errno.ENOSPC, "No space left", "/data"), 8, "cannot write to /data"),
        (OSError(errno.EIO, "Input/output error", "/data"), 8, "cannot use /data (Input/output"),
        (ModuleNotFoundError("No module", name="mlflow"), 15, "error: mlflow is not installed: "),
        (ZeroDivisionError("by zero\nand more"), 1, "a bug (ZeroDivisionError: by zero and more"),
    ],
)
def test_a_fault_is_one_line_and_a_code(
    fault: Exception, code: int, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run_main(_raises(fault))
    output = capsys.readouterr().err
    assert ended.value.code == code
    assert expected in output
    assert output.startswith("error: ")
    assert output.count("\n") == 1


def test_the_line_of_a_bug_names_the_file_that_holds_its_traceback(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(SystemExit):
        run_main(_raises(KeyError("gone")))
    output = capsys.readouterr().err
    assert re.search(rf"KeyError: 'gone' at {re.escape(__file__)}:\d+", output)
    (file,) = tmp_path.iterdir()
    assert f"report it with {file}" in output
    assert "Traceback (most recent call last)" in file.read_text(encoding="utf-8")


def test_bug_is_one_line_even_if_no_file_can_be_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(SystemExit) as ended:
        run_main(_raises(KeyError("gone")))
    assert ended.value.code == 1
    assert "report it, or set INTENT_DEBUG=1" in capsys.readouterr().err


@pytest.mark.parametrize("debug", ["0", "1"])
def test_no_login_is_in_a_line_a_traceback_or_a_file(
    debug: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("INTENT_DEBUG", debug)
    password = "hu" + "sh"  # or the traceback would have it from this line
    with pytest.raises(SystemExit):
        run_main(_raises(KeyError(f"http://somebody:{password}@mlflow:5000")))
    (file,) = tmp_path.iterdir()
    output = capsys.readouterr().err + file.read_text(encoding="utf-8")
    assert "***@mlflow:5000" in output
    assert "hush" not in output


@pytest.mark.parametrize("fault", [BadDataset("line 3"), KeyError("gone")])
def test_debug_shows_the_traceback_before_the_line(
    fault: Exception, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTENT_DEBUG", "1")
    with pytest.raises(SystemExit):
        run_main(_raises(fault))
    *before, last = capsys.readouterr().err.splitlines()
    assert before[0] == "Traceback (most recent call last):"
    assert last.startswith("error: ")


def test_done_is_0_and_interrupted_is_130() -> None:
    with pytest.raises(SystemExit) as done:
        run_main(lambda: None)
    with pytest.raises(SystemExit) as interrupted:
        run_main(_raises(KeyboardInterrupt()))
    assert (done.value.code, interrupted.value.code) == (0, 130)
