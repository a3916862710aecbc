"""Prints jars.txt for the coordinates in a file: `pin FILE`. Trusts what it downloads."""

import argparse
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from intent.local.kafka.jar_list import Jar, sha256_of
from intent.local.kafka.maven import download

COORDINATES = re.compile(r"([\w.-]+):([\w.-]+)(?::jar)?:([\w.-]+)")
"""As in jars.txt and in the output of `mvn dependency:list`."""


def jars_without_checksums(lines: Iterable[str]) -> Iterator[Jar]:
    """Jars of the coordinates in the lines; checksum and size are empty."""
    for line in lines:
        match = COORDINATES.search(line)
        if match and not line.startswith("#"):
            group, artifact, version = match.groups()
            yield Jar(group, artifact, version, sha256="", size=0)


def main() -> None:
    """Prints a line for each jar: coordinates, SHA-256, bytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    lines = parser.parse_args().file.read_text(encoding="utf-8").splitlines()
    print("\n".join(line for line in lines if line.startswith("#")))  # noqa: T201 its output
    with tempfile.TemporaryDirectory() as folder:
        for jar in sorted(jars_without_checksums(lines), key=str):
            path = download(jar, Path(folder, jar.file_name), lambda _: None)
            print(jar, sha256_of(path), path.stat().st_size)  # noqa: T201 its output


if __name__ == "__main__":
    main()
