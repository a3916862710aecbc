"""The settings file, as a source that pydantic takes settings from."""

from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

from contract.settings_file import read


class SettingsFile(PydanticBaseSettingsSource):
    """What the file says of a stage's fields. Variables count before it."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """A field's value, None where the file has none. Raises `BadSetting`."""
        del field
        return read().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Field to value."""
        own = self.settings_cls.model_fields
        return {name: value for name, value in read().items() if name in own}
