"""`python -m tests.mutants [NAME...]`: which guarantees are missed by a test once they are gone.

Ends with 0 only if every mutant is killed.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from contract.settings import load
from intent.local.kafka.broker import LocalBroker
from intent.local.settings import LocalSettings
from tests.mutants.mutant import Mutant, mutants
from tests.mutants.running import Result, Verdict, copy, run

RUNNING: Final = "INTENT_TEST_KAFKA"


def main(names: Sequence[str]) -> int:
    """The exit code."""
    known = mutants()
    unknown = set(names) - known.keys()
    if unknown:
        print(f"no such mutant: {', '.join(sorted(unknown))}")
        return 2
    with (
        broker() as address,
        TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as folder,
    ):
        copy(Path(folder))
        return judge({name: known[name] for name in names or known}, Path(folder), address)


def judge(chosen: Mapping[str, Mutant], root: Path, address: str) -> int:
    """Tries them on a copy of the code, one after the other; the exit code."""
    tests = dict.fromkeys(test for mutant in chosen.values() for test in mutant.tests)
    sound = run(root, tests, **{RUNNING: address})
    if sound.verdict is not Verdict.SURVIVED:
        print(f"the tests fail on the code as it is: {sound.words}")
        return 2
    say("sound", "the code as it is", sound)
    found = []
    for name, mutant in chosen.items():
        with mutant.within(root):
            result = run(root, mutant.tests, **{RUNNING: address})
        found.append(result.verdict)
        say(result.verdict, name, result)
    print(", ".join(f"{found.count(verdict)} {verdict}" for verdict in Verdict))
    return 0 if set(found) <= {Verdict.KILLED} else 1


def say(verdict: str, name: str, result: Result) -> None:
    """A line for each."""
    print(f"{verdict:10} {result.seconds:6.1f} s  {name}  {result.words}".rstrip(), flush=True)


@contextmanager
def broker() -> Iterator[str]:
    """The address of one broker for all: one that runs already, or one of our own."""
    running = os.environ.get(RUNNING)
    if running:
        yield running
        return
    cache = load(LocalSettings).cache_dir
    with (
        TemporaryDirectory(prefix="broker-") as folder,
        LocalBroker(Path(folder, "broker"), cache, Path(folder, "broker.log")) as own,
    ):
        yield own.bootstrap


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
