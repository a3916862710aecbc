"""How many threads the numerical libraries may use in a training."""

from collections.abc import Iterator
from contextlib import contextmanager

from joblib import cpu_count  # ships no types
from threadpoolctl import threadpool_info, threadpool_limits  # ships no types


@contextmanager
def limited_to_cpus() -> Iterator[None]:
    """Limits OpenMP, for the block, to the CPUs that this process may use, and BLAS to one thread.

    By themselves they count the machine's CPUs. In a container with a quota of two on a machine of
    64, threads that wait for each other then take most of the time. `cpu_count` knows affinity and
    cgroup quotas, and obeys LOKY_MAX_CPU_COUNT. A lower limit that is set already stays.

    The matrices of a training are narrow: a second thread of BLAS gains nothing at any number of
    rows, and takes up to nine times as long (decision 23).
    """
    most = {"openmp": cpu_count(), "blas": 1}
    limits: dict[str, int] = {}
    for library in threadpool_info():
        kind, now = library["user_api"], library["num_threads"]
        limits[kind] = min(limits.get(kind, most[kind]), now)
    with threadpool_limits(limits=limits):
        yield
