"""The live page of the second example, a table of several classes, in a process that has it."""

import os
from pathlib import Path

from tests.examples.pumps import TABLE, run

CASES = Path(__file__).with_name("cases_of_pumps.py")


def test_cases_of_pumps_hold_in_a_process_of_that_table(kafka: str) -> None:
    env = {**os.environ, "INTENT_TABLE": str(TABLE), "INTENT_TEST_KAFKA": kafka}
    ended = run(env, "pytest", "-q", str(CASES))
    assert ended.returncode == 0, ended.stdout
