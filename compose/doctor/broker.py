"""Does Kafka answer, and are the topics there?"""

from collections.abc import Iterator

from compose.doctor.finding import Finding, fault, note, ok
from compose.local.settings import LOOPBACK, LocalSettings
from contract import kafka
from contract.errors import AccessDenied, BrokerUnreachable
from contract.topics import topics


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
    there = kafka.admin(settings).list_topics(timeout=settings.kafka_timeout).topics
    missing = [topic.name for topic in topics(settings) if topic.name not in there]
    if missing:
        yield note("topics", f"the first stage that starts makes {', '.join(missing)}")
    else:
        yield ok("topics", "all there")
