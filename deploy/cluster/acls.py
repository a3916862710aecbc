"""Access of a role -> Kafka ACLs. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from contract.topics import Topics

ResourceType = Literal["topic", "group", "transactional_id"]
Operation = Literal["read", "write", "describe", "describe_configs"]


@dataclass(frozen=True, order=True)
class AclRule:
    """An ACL that allows an operation. With `prefixed`, `name` is a prefix of resource names."""

    resource_type: ResourceType
    name: str
    prefixed: bool
    operation: Operation


@dataclass(frozen=True)
class RoleAccess:
    """What a role needs; topics are fields of `contract.topics.Topics`.

    Attributes:
        reads: Topics that it reads.
        writes: Topics that it writes.
        describes_configs: Topics whose maximum message size it requests.
        groups: Consumer groups; a name that ends with `*` is a prefix.
        transactions: Transactional ids, likewise.
    """

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    describes_configs: frozenset[str] = frozenset()
    groups: tuple[str, ...] = ()
    transactions: tuple[str, ...] = ()


def acl_rules(access: RoleAccess, topics: Topics) -> list[AclRule]:
    """ACLs of a role, in a fixed order.

    Every role may describe all topics: each process checks at start that they exist.
    """
    names = {field: topic.name for field, topic in vars(topics).items()}
    return sorted(
        [
            *(AclRule("topic", name, False, "describe") for name in names.values()),
            *_of_topics(names, access.reads, "read"),
            *_of_topics(names, access.writes, "write"),
            *_of_topics(names, access.describes_configs, "describe_configs"),
            *_named("group", {*access.groups, *_reading(names, access.reads)}, "read"),
            *_named("transactional_id", access.transactions, "write"),
            *_named("transactional_id", access.transactions, "describe"),
        ]
    )


def _reading(names: Mapping[str, str], fields: Iterable[str]) -> Iterator[str]:
    """Consumer groups of `contract.bounded_reader`. They commit no offsets."""
    return (f"{names[field]}-reading" for field in fields)


def _of_topics(
    names: Mapping[str, str], fields: Iterable[str], operation: Operation
) -> Iterator[AclRule]:
    return (AclRule("topic", names[field], False, operation) for field in fields)


def _named(
    resource_type: ResourceType, names: Iterable[str], operation: Operation
) -> Iterator[AclRule]:
    return (
        AclRule(resource_type, name.rstrip("*"), name.endswith("*"), operation) for name in names
    )
