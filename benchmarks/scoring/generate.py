"""`python -m benchmarks.scoring.generate RATE SECONDS`: customers on schedule, come what may.

Open loop: a record that is late is sent at once and keeps the time at which it was due, which is
its id, in nanoseconds. So a latency measured from it omits no wait, not even our own.
"""

import sys
import time

from contract import kafka
from contract.settings import Settings, load

NANOSECONDS = 1_000_000_000
TICK = 0.001

GATHER_MS = 1
"""How long the client gathers records for a request, at a rate of several a tick. Without it each
tick is a request, and a broker on the same two cores does little else than answer them. Less than
the client's default of 5 ms; it is part of every latency that is measured.
"""

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
    producer = kafka.producer(settings, linger_ms=linger, enable_idempotence=IDEMPOTENT)
    topic = settings.topic_customers
    producer.list_topics(topic)  # connects
    gap = NANOSECONDS / rate
    start = time.time_ns() + NANOSECONDS // 10
    sent, count = 0, round(rate * seconds)
    while sent < count:
        due = min(count, int((time.time_ns() - start) / gap) + 1)
        values = (customer(start + round(number * gap), number) for number in range(sent, due))
        kafka.produce_batch(producer, topic, [{"value": value} for value in values])
        sent = max(sent, due)
        producer.poll(0)
        time.sleep(TICK if several else min(TICK, 1 / rate))
    producer.flush()


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
