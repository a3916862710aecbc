"""What a cluster should be, as JSON that other tools can change before it is applied."""

from dataclasses import dataclass, field

import msgspec

from contract.errors import BadSetting
from contract.settings import Settings, load
from contract.topics import topics
from deploy.cluster.grants import Grant
from deploy.cluster.roles import USER, rights


@dataclass(frozen=True)
class TopicWish:
    """A topic: `config` in Kafka's own names."""

    partitions: int
    replication_factor: int
    config: dict[str, str]


@dataclass(frozen=True)
class UserWish:
    """A user: its rights, all of them, and what it may take of each broker (Kafka's quotas)."""

    grants: list[Grant]
    quotas: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """Topics and users by name."""

    topics: dict[str, TopicWish]
    users: dict[str, UserWish]


def default(users: str = USER) -> Document:
    """The topic map and the roles, under the settings of the environment."""
    settings = load(Settings)
    return Document(
        topics={
            topic.name: TopicWish(topic.partitions, settings.replication_factor, topic.config)
            for topic in topics(settings)
        },
        users={users.format(role=role): UserWish(grants) for role, grants in rights().items()},
    )


def write(document: Document) -> str:
    """As JSON for people to read."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def read(text: str | bytes) -> Document:
    """Raises `BadSetting`."""
    try:
        return msgspec.json.decode(text, type=Document)
    except msgspec.MsgspecError as fault:
        raise BadSetting(f"the document of the cluster does not fit: {fault}") from None
