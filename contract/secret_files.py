"""Secrets out of files: `INTENT_X_FILE` names the file that holds the secret setting x."""

import os
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from contract.errors import BadSetting

SUFFIX = "_FILE"


class SecretFiles(PydanticBaseSettingsSource):
    """What the files say, for fields that are `SecretStr`. They count before the variables.

    As Docker's and Kubernetes' secrets are given: a file each, whose last line break is not meant.
    """

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        self._prefix: str = settings_cls.model_config["env_prefix"]

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The secret, or None where no file is named. Raises `BadSetting`."""
        variable = f"{self._prefix}{field_name.upper()}{SUFFIX}"
        named = os.environ.get(variable)
        if field.annotation is not SecretStr or not named:
            return None, field_name, False
        try:
            secret = Path(named).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "no UTF-8 text"
            raise BadSetting(f"correct {variable}={named}: cannot read it ({reason})") from None
        if not secret:
            raise BadSetting(f"correct {variable}={named}: the file is empty")
        return secret, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Field to secret."""
        fields = self.settings_cls.model_fields.items()
        found = {name: self.get_field_value(field, name)[0] for name, field in fields}
        return {name: secret for name, secret in found.items() if secret is not None}
