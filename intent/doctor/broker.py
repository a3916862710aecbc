"""Does Kafka answer, are the topics there, and can they be read to their end?"""

import time
from collections.abc import Iterable, Iterator

from contract import kafka
from contract.errors import AccessDenied, BrokerUnreachable
from contract.partition_watch import HELD_AFTER, OpenTransaction, PartitionWatch, TopicAndPartition
from contract.settings import Settings
from contract.topics import topics
from intent.doctor.finding import Finding, fault, note, ok
from intent.local.settings import LOOPBACK, LocalSettings


def broker(settings: LocalSettings) -> Iterator[Finding]:
    """Where no broker is named, one that is not there is no fault: `intent up` starts it."""
    ours = settings.starts_broker
    if ours:
        own = f"{LOOPBACK}:{settings.broker_port}"
        settings = settings.model_copy(update={"kafka_bootstrap": own})
    where = settings.kafka_bootstrap
    try:
        kafka.check_broker(settings)
    except BrokerUnreachable as failure:
        if ours:
            yield note("Kafka", f"none answers at {where}: `intent up` starts one")
        else:
            remedy = "start it, or correct INTENT_KAFKA_BOOTSTRAP; see to firewalls and listeners"
            yield fault("Kafka", str(failure).rpartition(": ")[0], remedy)
        return
    except AccessDenied as failure:
        remedy = "correct INTENT_KAFKA_USERNAME, its password, or the certificate"
        yield fault("Kafka", str(failure).rpartition(": ")[0] or str(failure), remedy)
        return
    yield ok("Kafka", f"answers at {where}")
    there = kafka.create_admin_client(settings).list_topics(timeout=settings.kafka_timeout).topics
    ours_there = [topic.name for topic in topics(settings) if topic.name in there]
    missing = [topic.name for topic in topics(settings) if topic.name not in there]
    if missing:
        yield note("topics", f"the first stage that starts makes {', '.join(missing)}")
    else:
        yield ok("topics", "all there")
    held = open_transactions(
        settings, [(name, number) for name in ours_there for number in there[name].partitions]
    )
    for each in held:
        yield fault(
            f"topic {each.topic}",
            each.describe(),
            "end the transaction of that producer, or wait until its transaction timeout is over; "
            "Kafka's own `kafka-transactions.sh abort` ends one that no producer owns any more",
        )
    if ours_there and not held:
        yield ok("transactions", "none holds a partition back")


def open_transactions(
    settings: Settings, places: Iterable[TopicAndPartition]
) -> tuple[OpenTransaction, ...]:
    """The transactions that hold back a partition. Takes 5 s longer where one is open."""
    watch = PartitionWatch(settings)
    watch.watch_partitions(places)
    ends_at = time.monotonic() + HELD_AFTER
    while True:
        now = time.monotonic()
        watch.poll(now)
        if watch.open_transactions or not any(end.is_held for end in watch.ends.values()):
            return watch.open_transactions
        if now > ends_at + HELD_AFTER:  # held, but never for long
            return ()
        time.sleep(max(0.0, min(1.0, ends_at - now)))
