"""The list of mutants fits the code and the tests of today, and its runner cannot be fooled."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.mutant import ROOT, TESTS, Mutant, mutants
from tests.mutants.running import Verdict, copy, environment, run

PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
GUARANTEES = " ".join(PAGE.split())


@pytest.mark.parametrize("mutant", mutants().values(), ids=mutants())
def test_mutant_is_of_our_code_tests_and_guarantees(mutant: Mutant) -> None:
    assert mutant.guarantee in GUARANTEES
    code = (ROOT / mutant.file).read_text(encoding="utf-8")
    broken = mutant.broken(code)
    assert ast.dump(ast.parse(broken)) != ast.dump(ast.parse(code))
    assert mutant.tests
    for test in mutant.tests:
        file, _, name = test.partition("::")
        tree = ast.parse((ROOT / TESTS / file).read_text(encoding="utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name.partition("[")[0] in names


def test_tests_of_every_guarantee_exist() -> None:
    rows = [row for row in PAGE.splitlines() if row.startswith("| ") and "`" in row]
    cells = [row.rstrip(" |").rpartition(" | ")[2] for row in rows]
    paths = [path for cell in cells for path in re.findall(r"`([^`]+)`", cell)]
    assert paths
    assert [path for path in paths if not (ROOT / TESTS / path).exists()] == []


def test_copy_is_what_every_process_imports(tmp_path: Path) -> None:
    copy(tmp_path / "copy")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    output = subprocess.run(
        [sys.executable, "-c", "import stream_app; print(stream_app.__file__)"],
        cwd=elsewhere,
        env=environment(tmp_path / "copy"),
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(output.stdout.strip()) == tmp_path / "copy" / "stream_app" / "__init__.py"


@pytest.mark.parametrize(
    ("test", "verdict"),
    [
        ("def test_it():\n    assert True", Verdict.SURVIVED),
        ("def test_it():\n    assert False", Verdict.KILLED),
        ("def test_it():\n    nobody()", Verdict.NONE),
        ("import nothing_of_that_name\ndef test_it():\n    assert False", Verdict.NONE),
        ("def test_it(no_such_fixture):\n    assert False", Verdict.NONE),
        ("def test_another():\n    assert False", Verdict.NONE),
    ],
)
def test_only_a_test_that_runs_and_fails_kills(tmp_path: Path, test: str, verdict: Verdict) -> None:
    (tmp_path / TESTS).mkdir()
    (tmp_path / TESTS / "test_it.py").write_text(test, encoding="utf-8")
    assert run(tmp_path, ["test_it.py::test_it"]).verdict is verdict
