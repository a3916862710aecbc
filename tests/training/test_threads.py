"""A training uses no more threads than it has CPUs, however many the machine has."""

from collections.abc import Callable
from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits  # ships no types

from contract.settings import load
from training.settings import TrainingSettings
from training.steps import train_and_promote


def threads_of_steps() -> set[int]:
    """What the libraries may use while each step of a training runs."""
    found: set[int] = set()

    def look(*_: Any) -> str:
        found.update(each["num_threads"] for each in threadpool_info())
        return ""

    def looked_at(_step: Callable[..., Any], /) -> Callable[..., Any]:
        return look

    train_and_promote(load(TrainingSettings), looked_at)
    return found


def test_steps_use_as_many_threads_as_the_process_has_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    with threadpool_limits(limits=3):
        monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
        assert threads_of_steps() == {1}
        assert {each["num_threads"] for each in threadpool_info()} == {3}


def test_lower_limit_that_is_set_already_stays() -> None:
    with threadpool_limits(limits=1):
        assert threads_of_steps() == {1}
