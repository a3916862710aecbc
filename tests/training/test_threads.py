"""A training uses no more threads than it has CPUs, and one of BLAS."""

from collections.abc import Callable
from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits  # ships no types

from contract.settings import load
from training.settings import TrainingSettings
from training.steps import train_and_promote


def threads_of_steps() -> set[tuple[str, int]]:
    """Kind and thread limit of each library while the steps of a training run."""
    limits: set[tuple[str, int]] = set()

    def read_limits(*_: Any) -> str:
        limits.update((pool["user_api"], pool["num_threads"]) for pool in threadpool_info())
        return ""

    def wrap(_step: Callable[..., Any], /) -> Callable[..., Any]:
        return read_limits

    train_and_promote(load(TrainingSettings), wrap)
    return limits


def test_steps_use_as_many_threads_as_the_process_has_cpus_and_one_of_blas(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with threadpool_limits(limits=3):
        for cpus in (1, 2):
            monkeypatch.setenv("LOKY_MAX_CPU_COUNT", str(cpus))
            assert threads_of_steps() == {("openmp", cpus), ("blas", 1)}
        assert {pool["num_threads"] for pool in threadpool_info()} == {3}


def test_lower_limit_that_is_set_already_stays() -> None:
    with threadpool_limits(limits=1):
        assert threads_of_steps() == {("openmp", 1), ("blas", 1)}
