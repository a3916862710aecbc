"""The pinned jars of the broker: coordinates, checksums and sizes."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True)
class Jar:
    """Maven coordinates of a jar, with its SHA-256 checksum and its size in bytes."""

    group: str
    artifact: str
    version: str
    sha256: str
    size: int

    @property
    def file_name(self) -> str:
        """File name in Maven repositories."""
        return f"{self.artifact}-{self.version}.jar"

    def matches_file(self, path: Path) -> bool:
        """Whether the file exists with the pinned size and checksum."""
        return (
            path.is_file() and path.stat().st_size == self.size and sha256_of(path) == self.sha256
        )

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


def pinned_jars() -> list[Jar]:
    """The jars in jars.txt."""
    text = files(__package__).joinpath("jars.txt").read_text(encoding="utf-8")
    return list(parse_jars(text.splitlines()))


def parse_jars(lines: Iterable[str]) -> Iterator[Jar]:
    """Parses lines of `group:artifact:version sha256 bytes`; skips comments and empty lines."""
    for line in lines:
        if line.strip() and not line.startswith("#"):
            coordinates, sha256, size = line.split()
            group, artifact, version = coordinates.split(":")
            yield Jar(group, artifact, version, sha256, int(size))


def kafka_version(jars: Iterable[Jar]) -> str:
    """Version of Kafka among the jars."""
    return next(jar.version for jar in jars if jar.group == "org.apache.kafka")


def sha256_of(path: Path) -> str:
    """SHA-256 checksum of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
