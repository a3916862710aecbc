"""Limits the threads that numerical libraries use in a training."""

from collections.abc import Iterator
from contextlib import contextmanager

from joblib import cpu_count  # ships no types
from threadpoolctl import threadpool_info, threadpool_limits  # ships no types


@contextmanager
def limit_threads() -> Iterator[None]:
    """Limits OpenMP to the CPUs of this process, and BLAS to one thread, inside the block.

    By default they count the machine's CPUs. In a container with a quota of two CPUs on a machine
    with 64, most of the time is then spent in threads that wait for each other. `cpu_count`
    respects affinity, cgroup quotas and LOKY_MAX_CPU_COUNT. A lower limit that is set already
    stays.

    The matrices of a training are narrow: a second BLAS thread gains nothing at any number of rows,
    and takes up to nine times as long (decision 23).
    """
    max_threads = {"openmp": cpu_count(), "blas": 1}
    limits: dict[str, int] = {}
    for library in threadpool_info():
        kind, current = library["user_api"], library["num_threads"]
        limits[kind] = min(limits.get(kind, max_threads[kind]), current)
    with threadpool_limits(limits=limits):
        yield
