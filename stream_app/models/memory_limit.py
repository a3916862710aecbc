"""Limits the memory of the process that checks a version, and recognizes when it was too little."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from contract.model.version import ModelRejected, ModelRejectionReason

ALLOCATION_FAILURES: Final = ("bad_alloc", "bad allocation")
"""What `std::bad_alloc` says, in the errors of libraries that are written in C++."""


@contextmanager
def memory_limit(megabytes: float, name: str) -> Iterator[None]:
    """Rejects a version that needs more memory, with the data of the process itself. On Linux.

    Args:
        megabytes: Of private memory, whether the system has provided it yet or not.
        name: What is loaded, for errors: `version 3`.

    Raises:
        ModelRejected: It needs more.
    """
    before = resource.getrlimit(resource.RLIMIT_DATA)
    limit, hard = round(megabytes * 1e6), before[1]
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    try:
        yield
    except (MemoryError, ModelRejected) as failure:
        if not _is_out_of_memory(failure):
            raise
        raise ModelRejected(
            ModelRejectionReason.MEMORY,
            f"{name} needs more than {limit / 1e6:g} MB of memory to be loaded: promote another "
            "version, or raise INTENT_MODEL_MAX_MEMORY_MB",
        ) from None
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _is_out_of_memory(failure: BaseException | None) -> bool:
    while failure is not None:
        if isinstance(failure, MemoryError) or any(
            each in str(failure) for each in ALLOCATION_FAILURES
        ):
            return True
        failure = failure.__cause__
    return False
