"""`intent train --request`: asks for a training, on the topic that the loop reads."""

import time
import uuid

from confluent_kafka import KafkaError, Message

from contract import codec, kafka
from contract.errors import BrokerUnreachable
from contract.events import RetrainingRequest
from contract.settings import Settings
from contract.topics import topics
from training.commands.person import who


def request(settings: Settings, why: str, now: bool) -> str:
    """Returns the request's id once the broker has it. Raises `BrokerUnreachable`.

    Whether anything serves trainings need not be known: the request waits on its topic.
    """
    asked = RetrainingRequest(
        id=uuid.uuid4().hex,
        requested_by=who(),
        reason=why,
        requested_at=round(time.time() * 1000),
        urgent=now,
    )
    names = topics(settings)
    kafka.ensure_topics(settings, [names.retraining_requests])
    faults: list[KafkaError] = []

    def answered(error: KafkaError | None, _: Message) -> None:
        faults.extend([error] if error else [])

    producer = kafka.producer(settings)
    kafka.produce(
        producer,
        names.retraining_requests.name,
        codec.encode(asked),
        key=asked.id,
        on_delivery=answered,
    )
    if producer.flush(settings.kafka_timeout) or faults:
        what = faults[0].str() if faults else "no answer"
        raise BrokerUnreachable(
            f"{names.retraining_requests.name} has not taken the request ({what}): "
            "see to the broker, and ask again"
        )
    return asked.id
