"""Creates and configures topics, adds partitions, and deletes topics on request."""

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
from deploy.cluster.admin import wait_for_result
from deploy.cluster.spec import TopicSpec


def apply_topics(settings: Settings, specs: Mapping[str, TopicSpec]) -> tuple[int, int]:
    """Creates missing topics and updates others; returns the numbers of created and updated ones.

    Raises `ClusterChangeFailed`, also for fewer partitions than exist: Kafka cannot remove them.
    """
    client = kafka.create_admin_client(settings)
    existing = {
        name: len(topic.partitions)
        for name, topic in client.list_topics(timeout=settings.kafka_timeout).topics.items()
    }
    for name, spec in specs.items():
        if spec.partitions < existing.get(name, 0):
            raise ClusterChangeFailed(
                f"topic {name} has {existing[name]} partitions and cannot have {spec.partitions}: "
                "Kafka cannot remove partitions"
            )
    new = [
        NewTopic(name, spec.partitions, spec.replication_factor, config=spec.config)
        for name, spec in specs.items()
        if name not in existing
    ]
    if new:
        for name, future in client.create_topics(new).items():
            wait_for_result(settings, future, f"create topic {name}")
    old = {name: spec for name, spec in specs.items() if name in existing}
    changed = _add_partitions(settings, client, old, existing) | _update_configs(
        settings, client, old
    )
    return len(new), len(changed)


def delete_topics(settings: Settings, names: Iterable[str]) -> int:
    """Deletes topics and their records; returns the number of deleted ones."""
    client = kafka.create_admin_client(settings)
    existing = [name for name in names if name in client.list_topics(timeout=10).topics]
    if existing:
        for name, future in client.delete_topics(existing).items():
            wait_for_result(settings, future, f"delete topic {name}")
    return len(existing)


def _add_partitions(
    settings: Settings,
    client: AdminClient,
    specs: Mapping[str, TopicSpec],
    existing: dict[str, int],
) -> set[str]:
    larger = [
        NewPartitions(name, spec.partitions)
        for name, spec in specs.items()
        if spec.partitions > existing[name]
    ]
    if not larger:
        return set()
    futures = client.create_partitions(larger)
    for name, future in futures.items():
        wait_for_result(settings, future, f"add partitions to topic {name}")
    return set(futures)


def _update_configs(
    settings: Settings, client: AdminClient, specs: Mapping[str, TopicSpec]
) -> set[str]:
    changes = []
    for name, spec in specs.items():
        resource = ConfigResource(ConfigResource.Type.TOPIC, name)
        (future,) = client.describe_configs([resource]).values()
        current = wait_for_result(settings, future, f"describe the configuration of {name}")
        entries = [
            ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
            for key, value in spec.config.items()
            if key not in current or current[key].value != value
        ]
        if entries:
            kind = ConfigResource.Type.TOPIC
            changes.append(ConfigResource(kind, name, incremental_configs=entries))
    if changes:
        for resource, future in client.incremental_alter_configs(changes).items():
            wait_for_result(settings, future, f"configure topic {resource.name}")
    return {change.name for change in changes}
