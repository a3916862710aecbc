"""Desired topics, users and ACLs of a cluster, as JSON that other tools can change."""

import re
from dataclasses import dataclass, field

import msgspec

from contract.errors import BadSetting
from contract.settings import Settings, load
from contract.topics import topics
from deploy.cluster.acls import AclRule
from deploy.cluster.roles import USER, role_acls


@dataclass(frozen=True)
class TopicSpec:
    """A topic; `config` has Kafka's names."""

    partitions: int
    replication_factor: int
    config: dict[str, str]


@dataclass(frozen=True)
class UserSpec:
    """A user: all of its ACLs, and its quotas per broker."""

    acls: list[AclRule]
    quotas: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ClusterSpec:
    """Topics and users by name."""

    topics: dict[str, TopicSpec]
    users: dict[str, UserSpec]


def default_spec(users: str = USER) -> ClusterSpec:
    """Topics and roles of the pipeline under the settings of the environment."""
    settings = load(Settings)
    return ClusterSpec(
        topics={
            topic.name: TopicSpec(topic.partitions, settings.replication_factor, topic.config)
            for topic in topics(settings)
        },
        users={users.format(role=role): UserSpec(acls) for role, acls in role_acls().items()},
    )


def format_spec(spec: ClusterSpec) -> str:
    """The specification as indented JSON, an ACL on a line."""
    text = msgspec.json.format(msgspec.json.encode(spec), indent=2).decode()
    return re.sub(r"\{[^{}]*\}", lambda innermost: " ".join(innermost[0].split()), text)


def parse_spec(text: str | bytes) -> ClusterSpec:
    """Parses JSON. Raises `BadSetting` if it does not match `ClusterSpec`."""
    try:
        return msgspec.json.decode(text, type=ClusterSpec)
    except msgspec.MsgspecError as fault:
        raise BadSetting(f"the cluster specification is invalid: {fault}") from None
