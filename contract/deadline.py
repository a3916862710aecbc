"""A limit on the whole time of a call into a library that limits only its single reads."""

import queue
import threading
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

MAX_ABANDONED: Final = 4

_abandoned = threading.Semaphore(MAX_ABANDONED)


def within(seconds: float, call: Callable[[], T]) -> T:
    """What the call returns or raises; it runs in a thread of its own.

    A call that takes longer is abandoned, and goes on until it ends by itself.

    Raises:
        TimeoutError: after so many seconds; or at once, while `MAX_ABANDONED` calls go on.
    """
    if not _abandoned.acquire(blocking=False):
        raise TimeoutError("earlier calls have not ended yet")
    results: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put((call(), None))
        except BaseException as fault:  # noqa: BLE001  raised to the caller
            results.put((None, fault))
        finally:
            _abandoned.release()

    threading.Thread(target=run, name="within", daemon=True).start()
    try:
        value, fault = results.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no complete answer within {seconds:g} s") from None
    if fault is not None:
        raise fault
    return value  # type: ignore[return-value]  # without a fault it is the call's own
