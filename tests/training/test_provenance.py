"""Hashes of the data, and the revision of the code."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from contract.schema import CARS
from data import dataset
from training import provenance

HEADER = "User ID,Gender,Age,AnnualSalary,Purchased"


def load(path: Path, text: bytes) -> pd.DataFrame:
    path.write_bytes(text)
    return dataset.load_dataset(path, CARS)


def test_hash_of_the_rows_does_not_depend_on_the_format_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    plain = load(path, f"{HEADER}\n1,Male,35,20000,0\n".encode())
    other = load(path, f"\ufeff{HEADER},x\r\n9,Male,35.0,2e4,0,y\r\n".encode())
    changed = load(path, f"{HEADER}\n1,Male,36,20000,0\n".encode())
    assert provenance.rows_sha256(plain, CARS) == provenance.rows_sha256(other, CARS)
    assert provenance.rows_sha256(plain, CARS) != provenance.rows_sha256(changed, CARS)


def test_order_of_the_rows_is_part_of_their_hash() -> None:
    frame = dataset.load_dataset(CARS.dataset, CARS)
    assert provenance.rows_sha256(frame, CARS) != provenance.rows_sha256(frame[::-1], CARS)


def test_hash_of_the_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(b"abc")
    assert provenance.file_sha256(path) == hashlib.sha256(b"abc").hexdigest()


def git(folder: Path, *arguments: str) -> str:
    command = (shutil.which("git") or "git", "-c", "user.name=a", "-c", "user.email=a@b.c")
    done = subprocess.run(
        [*command, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_revision_is_the_commit_and_says_whether_files_changed_since(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    file = tmp_path / "code.py"
    file.write_text("1")
    assert provenance.code_revision(tmp_path) == "unknown"
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "one")
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert provenance.code_revision(tmp_path) == commit
    file.write_text("2")
    assert provenance.code_revision(tmp_path) == f"{commit}-dirty"


def test_revision_is_unknown_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provenance.code_revision(Path(__file__).parent) == "unknown"
