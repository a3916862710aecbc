"""The Dockerfile, stage by stage: what each starts from, copies, sets and runs."""

import json
import re
import shlex
from dataclasses import dataclass, field, replace
from functools import cache

from tests.deploy.programs import ROOT

FILE = ROOT / "compose" / "images" / "Dockerfile"


@dataclass(frozen=True)
class Stage:
    """One stage, with what it has from those before it.

    Attributes:
        image: what it starts from.
        copies: source in the repository to place in the image.
        environment: its variables.
        command: what it runs.
        user: as whom.
    """

    image: str
    copies: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)
    user: str = "0"


@cache
def stages() -> dict[str, Stage]:
    """Name to stage."""
    text = re.sub(r"\\\n\s*", " ", FILE.read_text(encoding="utf-8"))
    found: dict[str, Stage] = {}
    name, given = "", {}
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "ARG":
            argument, _, default = rest.partition("=")
            given[f"${{{argument}}}"] = default
        elif word == "FROM":
            image, _, name = rest.partition(" AS ")
            image = given.get(image, image)
            found[name] = replace(found[image], image=image) if image in found else Stage(image)
        elif name:
            found[name] = _after(found[name], word, rest)
    return found


def _after(stage: Stage, word: str, rest: str) -> Stage:
    match word:
        case "COPY" if not rest.startswith("--from"):
            source, place = rest.split()
            return replace(stage, copies={**stage.copies, source: place})
        case "ENV":
            pairs = (pair.partition("=") for pair in shlex.split(rest))
            new = {name: value for name, _, value in pairs}
            return replace(stage, environment={**stage.environment, **new})
        case "CMD":
            return replace(stage, command=json.loads(rest))
        case "USER":
            return replace(stage, user=rest)
    return stage
