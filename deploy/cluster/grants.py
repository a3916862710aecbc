"""What a role needs -> the single rights that Kafka knows. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from contract.topics import Topics

Kind = Literal["topic", "group", "transactional_id"]
Operation = Literal["read", "write", "describe", "describe_configs"]


@dataclass(frozen=True, order=True)
class Grant:
    """One right. A prefixed one is for every name that begins so."""

    kind: Kind
    name: str
    prefixed: bool
    operation: Operation


@dataclass(frozen=True)
class Access:
    """What a role does, in the words of the topic map (`contract.topics.Topics`).

    Attributes:
        reads: topics.
        writes: topics.
        sizes: topics whose largest message it asks for.
        groups: consumer groups; one that ends with `*` is a prefix.
        transactions: transactional ids, likewise.
    """

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    sizes: frozenset[str] = frozenset()
    groups: tuple[str, ...] = ()
    transactions: tuple[str, ...] = ()


def grants(access: Access, topics: Topics) -> list[Grant]:
    """The role's rights, and no others, in a fixed order.

    Every role may see that the topics of the pipeline are there: each process checks it at start.
    """
    names = {field: topic.name for field, topic in vars(topics).items()}
    return sorted(
        [
            *(Grant("topic", name, False, "describe") for name in names.values()),
            *_of_topics(names, access.reads, "read"),
            *_of_topics(names, access.writes, "write"),
            *_of_topics(names, access.sizes, "describe_configs"),
            *_named("group", {*access.groups, *_reading(names, access.reads)}, "read"),
            *_named("transactional_id", access.transactions, "write"),
            *_named("transactional_id", access.transactions, "describe"),
        ]
    )


def _reading(names: Mapping[str, str], fields: Iterable[str]) -> Iterator[str]:
    """Consumer groups of `contract.topic_reader`. They commit no offsets."""
    return (f"{names[field]}-reading" for field in fields)


def _of_topics(
    names: Mapping[str, str], fields: Iterable[str], operation: Operation
) -> Iterator[Grant]:
    return (Grant("topic", names[field], False, operation) for field in fields)


def _named(kind: Kind, names: Iterable[str], operation: Operation) -> Iterator[Grant]:
    return (Grant(kind, name.rstrip("*"), name.endswith("*"), operation) for name in names)
