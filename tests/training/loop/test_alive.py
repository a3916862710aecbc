"""A run whose process was killed is known to be dead, and one that waits is not."""

import multiprocessing
import threading
from multiprocessing.synchronize import Event
from pathlib import Path

from tests.support.builders import eventually
from training.loop import alive


def train(home: Path, run: str, begun: Event) -> None:
    with alive.held(home, run):
        begun.set()
        threading.Event().wait(60)


def test_a_killed_run_is_dead_and_the_one_behind_it_goes_on(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    events = spawn.Event(), spawn.Event()
    first, second = (
        spawn.Process(target=train, args=(tmp_path, name, event))
        for name, event in zip("ab", events, strict=True)
    )
    assert not alive.is_dead(tmp_path, "a")
    first.start()
    try:
        assert events[0].wait(90)
        second.start()
        eventually((tmp_path / alive.FOLDER / "b.lock").exists, deadline=30)
        assert not events[1].is_set(), "two trainings at once"
        assert not alive.is_dead(tmp_path, "a")
        assert not alive.is_dead(tmp_path, "b")
        first.kill()
        first.join()
        assert alive.is_dead(tmp_path, "a")
        assert events[1].wait(90)
        assert not alive.is_dead(tmp_path, "b")
    finally:
        first.kill()
        second.kill()


def test_a_run_that_ended_leaves_nothing_behind(tmp_path: Path) -> None:
    with alive.held(tmp_path, "a"):
        pass
    assert not alive.is_dead(tmp_path, "a")
    assert [path.name for path in (tmp_path / alive.FOLDER).iterdir()] == [".lock"]
