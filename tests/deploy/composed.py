"""The compose file as Docker would understand it: variables put in, extended services merged."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.programs import ROOT

FOLDER = ROOT / "compose"
VARIABLE = re.compile(r"\$\{([^}]+)\}")
"""With a default in it, which `.env` would not tell, it is no name of a variable there."""

Service = dict[str, Any]


def variables() -> dict[str, str]:
    """What `.env` sets."""
    lines = (FOLDER / ".env").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def asked() -> set[str]:
    """The variables that the compose file asks for."""
    text = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
    return set(VARIABLE.findall(text))


def services(**given: str) -> dict[str, Service]:
    """Name to service, with these variables before those of `.env`."""
    known = {**variables(), **given}
    found: dict[str, Service] = {}
    for name, service in _document("compose.yaml", known)["services"].items():
        base = service.pop("extends", None)
        inherited = _document(base["file"], known)["services"][base["service"]] if base else {}
        found[name] = {
            **inherited,
            **service,
            "environment": _environment(inherited, service, known),
        }
    return found


def networks() -> dict[str, Any]:
    """Name to network."""
    return dict(_document("compose.yaml", variables())["networks"])


def _environment(inherited: Service, service: Service, known: Mapping[str, str]) -> dict[str, str]:
    """A variable without a value is passed on if it is set."""
    merged = {**inherited.get("environment", {}), **service.get("environment", {})}
    return {
        name: known[name] if value is None else str(value)
        for name, value in merged.items()
        if value is not None or name in known
    }


def _document(file: str, known: Mapping[str, str]) -> dict[str, Any]:
    text = (FOLDER / file).read_text(encoding="utf-8")
    return dict(yaml.safe_load(VARIABLE.sub(lambda match: known[match[1]], text)))


def path(name: str) -> Path:
    """Of a file in the compose folder."""
    return FOLDER / name
