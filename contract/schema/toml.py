"""A TOML file -> the schema that it describes, or all its faults, each with what to do.

The type of the schema is passed, since it imports this module.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import FieldInfo, fields

from contract.errors import BadSetting
from contract.schema.columns import (
    MAX_CATEGORIES,
    MAX_CLASSES,
    Column,
    CsvDialect,
    Target,
)
from contract.toml_reader import read_toml

S = TypeVar("S", bound=Struct)

_NAME: Final = "must be a letter, then letters, digits or _, 60 at most"
_FIELD: Final = 'must be one line of 1 to 100 characters without surrounding blanks, " or \\'
_TEXTS: Final = "must each be one line of 1 to 100 characters without surrounding blanks"
_REQUIREMENTS: Final[dict[tuple[type[Struct] | None, str], str]] = {
    (None, "name"): "must be a small letter, then small letters, digits or -, 60 at most",
    (None, "dataset"): 'must be the path of a CSV file, as in dataset = "mine.csv"',
    (None, "id"): 'must be the name of a column of the data set, as in id = "Row"',
    (None, "mapping"): "must be sources by name: key, header:NAME or /a/path, as in id = 'key'",
    (None, "prediction_fields"): "must be names of columns, as in prediction_fields = ['age']",
    (Column, "name"): _NAME,
    (Column, "field"): _FIELD,
    (Column, "type"): "must be boolean, date or datetime; others have categories or a range",
    (
        Column,
        "categories",
    ): f"{_TEXTS}, {MAX_CATEGORIES} at most, as in categories = ['red', 'blue']",
    (Column, "other"): "must be the category of all values that are not listed, as in 'other'",
    (Column, "range"): "must be two numbers, the smallest and the largest, as in range = [0, 100]",
    (Column, "integer"): "must be true or false",
    (Column, "nullable"): "must be true or false",
    (Column, "derive"): "must be some of age, hour, weekday, as in derive = ['age', 'weekday']",
    (Column, "age_at"): "must be a date, as in age_at = 2024-12-31, or the name of a column",
    (Column, "format"): "must be a text in quotes, as in format = '%d.%m.%Y'",
    (Column, "unit"): "must be a text in quotes",
    (Column, "description"): "must be a text in quotes",
    (Target, "name"): _NAME,
    (Target, "field"): _FIELD,
    (
        Target,
        "classes",
    ): f"must be 2 to {MAX_CLASSES} texts or integers, or left out for a number; texts {_TEXTS}",
    (Target, "range"): "must be two numbers, the smallest and the largest, as in range = [0, 100]",
    (Target, "unit"): "must be a text in quotes",
    (Target, "labels"): "must be texts in quotes, one for each class",
    (CsvDialect, "separator"): "must be one of , ; | : a tab or a blank, as in separator = ';'",
    (CsvDialect, "decimal"): "must be . or a comma, as in decimal = ','",
    (CsvDialect, "quote"): "must be a double or a single quote",
    (CsvDialect, "missing"): f"{_TEXTS}, as in missing = ['?', 'NA']",
}
"""What the value of a field must be, in words: the types say it as regular expressions.

None stands for the fields outside of all blocks."""

_BLOCKS: Final[dict[type[Struct], str]] = {
    Column: "[[columns]]",
    Target: "[target]",
    CsvDialect: "[csv]",
}

_MAX_SHOWN: Final = 60


def load(file: Path, schema_type: type[S]) -> S:
    """See `contract.schema.Schema.load`."""
    try:
        content = read_toml(file)
    except OSError as error:
        raise BadSetting(f"INTENT_SCHEMA_FILE={file}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise BadSetting(f"INTENT_SCHEMA_FILE={file}: {error}") from None
    faults = list(_schema_faults(content, schema_type))
    if not faults:
        values = dict(content)
        values["columns"] = [_as_of_csv(column, Column) for column in content["columns"]]
        values["target"] = _as_of_csv(content["target"], Target)
        try:
            return msgspec.convert(values, schema_type)
        except msgspec.ValidationError as error:  # columns that contradict each other
            faults = [re.sub(r" - at `.*`$", "", str(error))]
    raise BadSetting(f"INTENT_SCHEMA_FILE={file}: {'; '.join(faults)}")


def _schema_faults(content: Mapping[str, Any], schema_type: type[Struct]) -> Iterator[str]:
    yield from _field_faults(content, schema_type, "", ("columns", "target", "csv"))
    columns, target = content.get("columns", []), content.get("target")
    if not isinstance(columns, list):
        yield "columns must be written as [[columns]], a block for each"
    elif "columns" in content and not 1 <= len(columns) <= 100:
        yield f"there must be 1 to 100 columns, not {len(columns)}"
    else:
        for index, column in enumerate(columns):
            yield from _block_faults(column, Column, _label("column", column, index + 1))
    if target is not None:
        yield from _block_faults(target, Target, _label("target", target))
    if "csv" in content:
        yield from _block_faults(content["csv"], CsvDialect, "csv")


def _label(kind: str, content: Any, number: int = 0) -> str:
    """Names a block by its name, or by its number if it has none."""
    name = content.get("name") if isinstance(content, dict) else None
    return f"{kind} {name!r}" if name else f"{kind} {number}".removesuffix(" 0")


def _block_faults(content: Any, kind: type[Struct], where: str) -> Iterator[str]:
    if not isinstance(content, dict):
        yield f"{where} must be a separate block, under {_BLOCKS[kind]}"
        return
    content = _as_of_csv(content, kind)
    faults = list(_field_faults(content, kind, f"{where}: "))
    if not faults:
        try:
            msgspec.convert(content, kind)
        except msgspec.ValidationError as error:  # fields that contradict each other
            faults = [f"{where}: {error}"]
    yield from faults


def _field_faults(
    content: Mapping[str, Any], kind: type[Struct], where: str, separate: tuple[str, ...] = ()
) -> Iterator[str]:
    fields_by_name = {field.name: field for field in fields(kind)}
    for name in sorted(content.keys() - fields_by_name.keys()):
        near = difflib.get_close_matches(name, fields_by_name, n=1)
        meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(fields_by_name)}"
        yield f"{where}unknown field {name}: {meant}"
    for name, field in fields_by_name.items():
        if name not in content:
            if field.required:
                yield f"{where}{name} is missing"
        elif name not in separate and not _is_valid(content[name], field):
            shown = str(content[name])
            shown = shown if len(shown) <= _MAX_SHOWN else f"{shown[:_MAX_SHOWN]}..."
            suggestion = _suggestion(kind, name, content[name])
            requirement = _REQUIREMENTS[kind if kind in _BLOCKS else None, name]
            yield f"{where}{name} {requirement}{suggestion}: {shown}"


def _is_valid(value: Any, field: FieldInfo) -> bool:
    try:
        msgspec.convert(value, field.type)
    except msgspec.ValidationError:
        return False
    return True


def _suggestion(kind: type[Struct], name: str, value: Any) -> str:
    """A valid name that is made of an invalid one; empty if there is none."""
    if name != "name" or not isinstance(value, str):
        return ""
    is_block = kind in _BLOCKS
    valid = re.sub(r"[^A-Za-z0-9]+", "_" if is_block else "-", value).strip("-_")[:60]
    valid = valid if is_block else valid.lower()
    if not valid or not valid[0].isalpha():
        return ""
    return f", as in {valid}" + (f" with field = {value!r}" if is_block else "")


def _as_of_csv(content: Any, kind: type[Struct]) -> Any:
    """Replaces values of a block by what a CSV file has.

    Numbers and booleans in a list of texts become their texts; a list of whole numbers stays one.
    A date becomes its text.
    """
    name = {Column: "categories", Target: "classes"}.get(kind)
    if not isinstance(content, dict) or name is None:
        return content
    content = {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in content.items()
    }
    values = content.get(name)
    if not isinstance(values, list):
        return content
    values = [int(v) if isinstance(v, float) and v.is_integer() else v for v in values]
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return {**content, name: values}
    if name == "classes" and not all(isinstance(value, bool) for value in values):
        return {**content, name: values}
    return {**content, name: [_to_text(value) for value in values]}


def _to_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
