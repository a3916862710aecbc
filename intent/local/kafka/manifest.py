"""The list of the broker's jars: what to fetch, and the sums that it must have."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True)
class Jar:
    """One jar: where it is in a Maven repository, and what it must be."""

    group: str
    artifact: str
    version: str
    sha256: str
    size: int

    @property
    def file_name(self) -> str:
        """The name under which every Maven repository has it."""
        return f"{self.artifact}-{self.version}.jar"

    def is_at(self, path: Path) -> bool:
        """Whether the file is there, whole and unchanged."""
        return path.is_file() and path.stat().st_size == self.size and sum_of(path) == self.sha256

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


def pinned() -> list[Jar]:
    """The jars of the Kafka that this project pins."""
    text = files(__package__).joinpath("jars.txt").read_text(encoding="utf-8")
    return list(parse(text.splitlines()))


def parse(lines: Iterable[str]) -> Iterator[Jar]:
    """Lines of `group:artifact:version sha256 bytes`; comments and empty lines are skipped."""
    for line in lines:
        if line.strip() and not line.startswith("#"):
            coordinates, sha256, size = line.split()
            group, artifact, version = coordinates.split(":")
            yield Jar(group, artifact, version, sha256, int(size))


def kafka_version(jars: Iterable[Jar]) -> str:
    """The version of the broker among the jars."""
    return next(jar.version for jar in jars if jar.group == "org.apache.kafka")


def sum_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
