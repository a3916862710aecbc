"""A run whose process was killed is dead, and one that waits is not."""

import multiprocessing
import threading
from multiprocessing.synchronize import Event
from pathlib import Path

from tests.support.builders import eventually
from training.controller.run_lock import FOLDER, hold_run_lock, is_run_dead


def train(data_dir: Path, run_id: str, started: Event) -> None:
    with hold_run_lock(data_dir, run_id):
        started.set()
        threading.Event().wait(60)


def test_killed_run_is_dead_and_the_waiting_one_continues(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    events = spawn.Event(), spawn.Event()
    first, second = (
        spawn.Process(target=train, args=(tmp_path, name, event))
        for name, event in zip("ab", events, strict=True)
    )
    assert not is_run_dead(tmp_path, "a")
    first.start()
    try:
        assert events[0].wait(90)
        second.start()
        eventually((tmp_path / FOLDER / "b.lock").exists, deadline=30)
        assert not events[1].is_set(), "two trainings at once"
        assert not is_run_dead(tmp_path, "a")
        assert not is_run_dead(tmp_path, "b")
        first.kill()
        first.join()
        assert is_run_dead(tmp_path, "a")
        assert events[1].wait(90)
        assert not is_run_dead(tmp_path, "b")
    finally:
        first.kill()
        second.kill()


def test_ended_run_leaves_no_lock_file(tmp_path: Path) -> None:
    with hold_run_lock(tmp_path, "a"):
        pass
    assert not is_run_dead(tmp_path, "a")
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == [".lock"]
