"""Sources of settings beside the environment, and the names of all settings of all stages."""

import difflib
import os
from collections.abc import Iterable, Iterator, Set
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from contract.errors import BadSetting
from contract.settings_file import read_settings_file

FILE_SUFFIX: Final = "_FILE"

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


class SecretFileSource(PydanticBaseSettingsSource):
    """Reads `SecretStr` fields from files: INTENT_X_FILE is the path of the file with INTENT_X.

    Docker and Kubernetes mount secrets this way, one file each. A line break at the end is removed.
    Files take precedence over variables.
    """

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        self._prefix: str = settings_cls.model_config["env_prefix"]

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Returns the secret, or None if no file is set.

        Raises:
            BadSetting: The file cannot be read, or is empty.
        """
        variable = f"{self._prefix}{field_name.upper()}{FILE_SUFFIX}"
        path = os.environ.get(variable)
        if field.annotation is not SecretStr or not path:
            return None, field_name, False
        try:
            secret = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise BadSetting(f"correct {variable}={path}: cannot read it ({reason})") from None
        if not secret:
            raise BadSetting(f"correct {variable}={path}: the file is empty")
        return secret, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Returns the secrets by field name."""
        fields = self.settings_cls.model_fields.items()
        secrets = {name: self.get_field_value(field, name)[0] for name, field in fields}
        return {name: secret for name, secret in secrets.items() if secret is not None}


class SettingsFileSource(PydanticBaseSettingsSource):
    """Reads a stage's fields from the settings file. Variables take precedence."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Returns the field's value, or None. Raises `BadSetting` if the file cannot be read."""
        del field
        return read_settings_file().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Returns the values by field name."""
        fields = self.settings_cls.model_fields
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
