"""Prints jars.txt anew, for the coordinates in a file: `pin FILE`. Trusts what it downloads."""

import argparse
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from intent.local.kafka.manifest import Jar, sum_of
from intent.local.kafka.maven import download

COORDINATES = re.compile(r"([\w.-]+):([\w.-]+)(?::jar)?:([\w.-]+)")
"""As in jars.txt, and as `mvn dependency:list` prints them."""


def unpinned(lines: Iterable[str]) -> Iterator[Jar]:
    """The jars that the lines name, without their sums."""
    for line in lines:
        found = COORDINATES.search(line)
        if found and not line.startswith("#"):
            group, artifact, version = found.groups()
            yield Jar(group, artifact, version, sha256="", size=0)


def main() -> None:
    """Prints a line for each jar: coordinates, SHA-256, bytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    lines = parser.parse_args().file.read_text(encoding="utf-8").splitlines()
    print("\n".join(line for line in lines if line.startswith("#")))  # noqa: T201 its output
    with tempfile.TemporaryDirectory() as folder:
        for jar in sorted(unpinned(lines), key=str):
            path = download(jar, Path(folder, jar.file_name), lambda _: None)
            print(jar, sum_of(path), path.stat().st_size)  # noqa: T201 its output


if __name__ == "__main__":
    main()
