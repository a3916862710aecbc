"""`python -m benchmarks.scoring.generate RATE SECONDS`: customers on schedule, come what may.

Open loop: a record that is late is sent at once and keeps the time at which it was due, which is
its id, in nanoseconds. So a latency measured from it omits no wait, not even our own.

When all is sent it says so, and stays until its standard input is closed: ending takes 10 ms of a
core, which the last record's latency would hold.
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
"""Seconds between two looks at what is due, at least: where nothing is due sooner it sleeps."""

GATHER_MS = 0.5
"""How long the client gathers records for a request, at a rate of several a tick. Without it each
tick is a request, and a broker on the same two cores does little else than answer them. Less than
the client's default of 5 ms; it is part of every latency that is measured, and so is the tick.
"""

SEED = 11

IDEMPOTENT = False
"""If it is, the client has five requests under way at most, and while it waits to send the sixth it
keeps a core busy: a broker that pauses for a moment was kept from going on for 100 ms.
"""


def main() -> None:
    """Sends RATE records a second for SECONDS seconds."""
    rate, seconds = float(sys.argv[1]), float(sys.argv[2])
    settings = load(Settings)
    several = rate > 1 / TICK
    linger = GATHER_MS if several else 0
    producer = kafka.create_producer(settings, linger_ms=linger, enable_idempotence=IDEMPOTENT)
    topic = settings.topic_customers
    producer.list_topics(topic)  # connects
    times = schedule(rate, round(rate * seconds)) + time.time_ns() + NANOSECONDS // 10
    gc.disable()  # a collection of what is imported takes 10 ms, and there are no cycles
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
    """When each record is due, ns from the start: at a random moment of its own period.

    On the beat, one a second would always meet the same moment of the reader's long poll, which
    lasts half a second: the one at which it ends, and the broker is busy with that.
    """
    moments = np.random.default_rng(SEED).random(count)
    times: NDArray[np.int64] = ((np.arange(count) + moments) * NANOSECONDS / rate).astype(np.int64)
    return times


def customer(due: int, number: int) -> bytes:
    """A record of about 110 bytes that was due at a time in ns."""
    return b'{"id":"%d","event_time":%d,"Gender":"%s","Age":%d,"AnnualSalary":%d}' % (
        due,
        due // 1_000_000,
        (b"Male", b"Female")[number % 2],
        18 + number % 46,
        15_000 + 500 * (number % 276),
    )


if __name__ == "__main__":
    main()
