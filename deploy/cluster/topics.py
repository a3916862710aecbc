"""Topics on a cluster: made, widened, configured; taken away only when that is asked for."""

from collections.abc import Iterable, Mapping

from confluent_kafka.admin import (  # type: ignore[attr-defined]  # typed so
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)
from confluent_kafka.cimpl import NewPartitions, NewTopic

from contract import kafka
from contract.errors import ClusterChangeFailed
from contract.settings import Settings
from deploy.cluster.asking import answer
from deploy.cluster.document import TopicWish


def make(settings: Settings, wishes: Mapping[str, TopicWish]) -> tuple[int, int]:
    """Makes the topics what is wished; returns how many were made and how many changed.

    Raises `ClusterRefused`, also for fewer partitions than there are: Kafka takes none away.
    """
    client = kafka.create_admin_client(settings)
    there = {
        name: len(topic.partitions)
        for name, topic in client.list_topics(timeout=settings.kafka_timeout).topics.items()
    }
    for name, wish in wishes.items():
        if wish.partitions < there.get(name, 0):
            raise ClusterChangeFailed(
                f"topic {name} has {there[name]} partitions and cannot have {wish.partitions}: "
                "Kafka takes none away"
            )
    new = [
        NewTopic(name, wish.partitions, wish.replication_factor, config=wish.config)
        for name, wish in wishes.items()
        if name not in there
    ]
    if new:
        for name, done in client.create_topics(new).items():
            answer(settings, done, f"make the topic {name}")
    old = {name: wish for name, wish in wishes.items() if name in there}
    changed = _widened(settings, client, old, there) | _configured(settings, client, old)
    return len(new), len(changed)


def delete(settings: Settings, names: Iterable[str]) -> int:
    """Deletes the topics with all that is in them; returns how many there were."""
    client = kafka.create_admin_client(settings)
    there = [name for name in names if name in client.list_topics(timeout=10).topics]
    if there:
        for name, done in client.delete_topics(there).items():
            answer(settings, done, f"delete the topic {name}")
    return len(there)


def _widened(
    settings: Settings, client: AdminClient, wishes: Mapping[str, TopicWish], there: dict[str, int]
) -> set[str]:
    wider = [
        NewPartitions(name, wish.partitions)
        for name, wish in wishes.items()
        if wish.partitions > there[name]
    ]
    if not wider:
        return set()
    asked = client.create_partitions(wider)
    for name, done in asked.items():
        answer(settings, done, f"widen the topic {name}")
    return set(asked)


def _configured(
    settings: Settings, client: AdminClient, wishes: Mapping[str, TopicWish]
) -> set[str]:
    changes = []
    for name, wish in wishes.items():
        resource = ConfigResource(ConfigResource.Type.TOPIC, name)
        (asked,) = client.describe_configs([resource]).values()
        now = answer(settings, asked, f"tell how {name} is configured")
        entries = [
            ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
            for key, value in wish.config.items()
            if key not in now or now[key].value != value
        ]
        if entries:
            kind = ConfigResource.Type.TOPIC
            changes.append(ConfigResource(kind, name, incremental_configs=entries))
    if changes:
        for resource, done in client.incremental_alter_configs(changes).items():
            answer(settings, done, f"configure the topic {resource.name}")
    return {change.name for change in changes}
