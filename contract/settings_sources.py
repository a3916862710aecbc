"""Values of settings from files, and the names of all settings of all stages."""

import difflib
import os
from collections.abc import Iterable, Iterator, Set
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from contract.errors import BadSetting
from contract.settings_file import read_settings_file

FILE_SUFFIX: Final = "_FILE"

MAX_SECRET_LENGTH: Final = 65_536
"""Characters. A device such as /dev/zero has no end."""

NAMES_FILE: Final = Path(__file__).with_name("setting_names.txt")
"""Every stage's settings, written by `make reference`. A stage knows its own settings only, but
shares its environment and its settings file with the others."""

ENVIRONMENT_ONLY: Final = {
    "config": "Path of the settings file. Default: `intent.toml` in the working directory, if it "
    "exists.",
    "debug": "1 prints the traceback of every error before its line.",
}
"""What only an environment variable can set, with its description."""

IGNORED_PREFIXES: Final = ("test_", "bench_")
"""Names that the tests and the benchmarks read."""


def secrets_from_files(settings_cls: type[BaseSettings]) -> dict[str, Any]:
    """Reads `SecretStr` fields from files: INTENT_X_FILE is the path of the file with INTENT_X.

    Docker and Kubernetes mount secrets this way, one file each. A line break at the end is removed.

    Raises:
        BadSetting: A file cannot be read, is empty or too long.
    """
    prefix: str = settings_cls.model_config["env_prefix"]
    secrets = {}
    for name, field in settings_cls.model_fields.items():
        variable = f"{prefix}{name.upper()}{FILE_SUFFIX}"
        path = os.environ.get(variable)
        if field.annotation is SecretStr and path:
            secrets[name] = _read_secret(variable, Path(path))
    return secrets


def _read_secret(variable: str, path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            secret = file.read(MAX_SECRET_LENGTH + 1).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise BadSetting(f"correct {variable}={path}: cannot read it ({reason})") from None
    if len(secret) > MAX_SECRET_LENGTH:
        raise BadSetting(f"correct {variable}={path}: longer than {MAX_SECRET_LENGTH} characters")
    if not secret:
        raise BadSetting(f"correct {variable}={path}: the file is empty")
    return secret


def values_from_settings_file(settings_cls: type[BaseSettings]) -> dict[str, Any]:
    """A stage's values in the settings file. Raises `BadSetting` if it cannot be read."""
    fields = settings_cls.model_fields
    return {name: value for name, value in read_settings_file().items() if name in fields}


@cache
def known_setting_names() -> Set[str]:
    """Every stage's settings, in lower case, without the prefix."""
    return frozenset(NAMES_FILE.read_text(encoding="ascii").split())


def unknown_settings(
    names: Iterable[str], also_known: Iterable[str] = ()
) -> Iterator[tuple[str, str]]:
    """Yields the names that no stage reads, each with the most similar name or an empty text."""
    known = known_setting_names() | set(also_known)
    for name in names:
        if name not in known and not name.startswith(IGNORED_PREFIXES):
            similar = difflib.get_close_matches(name, known, n=1)
            yield name, similar[0] if similar else ""
