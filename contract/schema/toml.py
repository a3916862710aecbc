"""A TOML file -> the schema that it describes."""

import tomllib
from pathlib import Path

from msgspec.structs import replace

from contract.errors import BadSetting
from contract.schema.schema import Schema
from contract.schema.toml_faults import converted


def load(file: Path) -> Schema:
    """See `Schema.load`."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSetting(f"INTENT_SCHEMA_FILE={file}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise BadSetting(f"INTENT_SCHEMA_FILE={file}: not UTF-8; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"INTENT_SCHEMA_FILE={file}: not TOML: {error}") from None
    schema, faults = converted(content)
    if schema is None:
        raise BadSetting(f"INTENT_SCHEMA_FILE={file}: {'; '.join(faults)}")
    return replace(schema, dataset=str((file.parent / schema.dataset).resolve()))
