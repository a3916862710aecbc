"""`python -m benchmarks.scoring.generate RATE SECONDS`: sends customers on schedule.

Open loop: a late record is sent at once and keeps the time at which it was due, which is its id, in
nanoseconds. A latency measured from it therefore has no coordinated omission.

It reports when all is sent, and runs until its standard input is closed: the end of a process takes
10 ms of a core, which would delay the last record.
"""

import gc
import sys
import time

import numpy as np
from numpy.typing import NDArray

from contract import kafka
from contract.settings import Settings, load

NANOSECONDS = 1_000_000_000
TICK = 0.0005
"""Minimum seconds between two checks for due records. It sleeps until the next one is due."""

LINGER_MS = 0.5
"""`linger.ms` at several records per tick. Without it each tick is a request, and a broker on two
cores does little but answer them. Below the client's default of 5 ms. Each measured latency
includes it, and the tick.
"""

SEED = 11

IDEMPOTENT = False
"""An idempotent client has at most five requests in flight, and busy-waits to send the sixth: that
kept a broker that paused for a moment from continuing for 100 ms.
"""


def main() -> None:
    """Sends RATE records per second for SECONDS seconds."""
    rate, seconds = float(sys.argv[1]), float(sys.argv[2])
    settings = load(Settings)
    many_per_tick = rate > 1 / TICK
    linger = LINGER_MS if many_per_tick else 0
    producer = kafka.create_producer(settings, linger_ms=linger, enable_idempotence=IDEMPOTENT)
    topic = settings.topic_customers
    producer.list_topics(topic)  # connects
    times = schedule(rate, round(rate * seconds)) + time.time_ns() + NANOSECONDS // 10
    gc.disable()  # a collection takes 10 ms, and there are no cycles
    sent = 0
    while sent < len(times):
        time.sleep(max(TICK, (times[sent] - time.time_ns()) / NANOSECONDS))
        due = max(sent, int(np.searchsorted(times, time.time_ns(), side="right")))
        values = map(customer, times[sent:due].tolist(), range(sent, due))
        kafka.produce_batch(producer, topic, [{"value": value} for value in values])
        sent = due
        producer.poll(0)
    producer.flush()
    sys.stdout.write("all is sent\n")
    sys.stdout.flush()
    sys.stdin.read()


def schedule(rate: float, count: int) -> NDArray[np.int64]:
    """Times at which records are due, ns from the start: a random moment of each period.

    At fixed times, one record a second would always coincide with the end of the reader's long
    poll, which lasts half a second and keeps the broker busy.
    """
    moments = np.random.default_rng(SEED).random(count)
    times: NDArray[np.int64] = ((np.arange(count) + moments) * NANOSECONDS / rate).astype(np.int64)
    return times


def customer(due: int, number: int) -> bytes:
    """A record of about 110 bytes with its due time in ns."""
    return b'{"id":"%d","event_time":%d,"Gender":"%s","Age":%d,"AnnualSalary":%d}' % (
        due,
        due // 1_000_000,
        (b"Male", b"Female")[number % 2],
        18 + number % 46,
        15_000 + 500 * (number % 276),
    )


if __name__ == "__main__":
    main()
