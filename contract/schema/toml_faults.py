"""The content of a TOML file -> a schema, or all its faults, by name and with what to do."""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import FieldInfo, fields

from contract.schema.columns import MAX_CLASSES, Column, Target
from contract.schema.schema import Schema

_NAME: Final = "must be a letter, then letters, digits or _, 60 at most"
_TEXTS: Final = "must each be one line of 1 to 100 characters without blanks at its ends"
_WANTED: Final = {
    (
        Schema,
        "name",
    ): "must be a small letter, then small letters, digits or -, 60 at most",
    (Schema, "dataset"): 'must be the path of a CSV file, as in dataset = "mine.csv"',
    (Schema, "id"): 'must be the name of a column of the data set, as in id = "Row"',
    (Column, "name"): _NAME,
    (Column, "categories"): f"{_TEXTS}, 100 at most, as in categories = ['red', 'blue']",
    (Column, "range"): "must be two numbers, the smallest and the largest, as in range = [0, 100]",
    (Column, "integer"): "must be true or false",
    (Column, "nullable"): "must be true or false",
    (Column, "unit"): "must be a text in quotes",
    (Column, "description"): "must be a text in quotes",
    (Target, "name"): _NAME,
    (Target, "classes"): f"must be 2 to {MAX_CLASSES} texts or integers; texts {_TEXTS}",
    (Target, "labels"): "must be texts in quotes, one for each class",
}
"""What the value of a field must be. The types say it too, but as regular expressions."""

_SHOWN: Final = 60


def converted(told: Mapping[str, Any]) -> tuple[Schema | None, list[str]]:
    """The table, or None and every fault."""
    faults = list(_of_table(told))
    if faults:
        return None, faults
    given = dict(told)
    given["columns"] = [_as_in_csv(each, "categories") for each in told["columns"]]
    given["target"] = _as_in_csv(told["target"], "classes")
    try:
        return msgspec.convert(given, Schema), []
    except msgspec.ValidationError as fault:  # between columns
        return None, [re.sub(r" - at `.*`$", "", str(fault))]


def _of_table(told: Mapping[str, Any]) -> Iterator[str]:
    yield from _of_fields(told, Schema, "", ("columns", "target"))
    columns, target = told.get("columns", []), told.get("target")
    if not isinstance(columns, list):
        yield "columns must be written as [[columns]], a block for each"
    elif "columns" in told and not 1 <= len(columns) <= 100:
        yield f"there must be 1 to 100 columns, and there are {len(columns)}"
    else:
        for place, column in enumerate(columns):
            yield from _of_part(column, Column, _called("column", column, place + 1))
    if target is not None:
        yield from _of_part(target, Target, _called("target", target))


def _called(what: str, told: Any, number: int = 0) -> str:
    """By its name, and by its place where it has none."""
    name = told.get("name") if isinstance(told, dict) else None
    return f"{what} {name!r}" if name else f"{what} {number}".removesuffix(" 0")


def _of_part(told: Any, kind: type[Struct], where: str) -> Iterator[str]:
    if not isinstance(told, dict):
        block = "[[columns]]" if kind is Column else "[target]"
        yield f"{where} must be a block of its own, under {block}"
        return
    told = _as_in_csv(told, "categories" if kind is Column else "classes")
    faults = list(_of_fields(told, kind, f"{where}: "))
    if not faults:
        try:
            msgspec.convert(told, kind)
        except msgspec.ValidationError as fault:  # between its fields
            faults = [f"{where}: {fault}"]
    yield from faults


def _of_fields(
    told: Mapping[str, Any], kind: type[Struct], where: str, apart: tuple[str, ...] = ()
) -> Iterator[str]:
    known = {field.name: field for field in fields(kind)}
    for name in sorted(told.keys() - known.keys()):
        near = difflib.get_close_matches(name, known, n=1)
        meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        yield f"{where}unknown field {name}: {meant}"
    for name, field in known.items():
        if name not in told:
            if field.required:
                yield f"{where}{name} is missing"
        elif name not in apart and not _fits(told[name], field):
            shown = str(told[name])
            shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
            yield f"{where}{name} {_WANTED[kind, name]}{_instead(kind, name, told[name])}: {shown}"


def _fits(value: Any, field: FieldInfo) -> bool:
    try:
        msgspec.convert(value, field.type)
    except msgspec.ValidationError:
        return False
    return True


def _instead(kind: type[Struct], name: str, value: Any) -> str:
    """A name that would do, made of one that does not."""
    if name != "name" or not isinstance(value, str):
        return ""
    other = re.sub(r"[^A-Za-z0-9]+", "-" if kind is Schema else "_", value).strip("-_")[:60]
    other = other.lower() if kind is Schema else other
    if not other or not other[0].isalpha():
        return ""
    return f", as in {other}" + ("" if kind is Schema else " (and name it so in the data set)")


def _as_in_csv(told: Any, name: str) -> Any:
    """Numbers and truths in place of texts are what a CSV file has there: texts."""
    given = told.get(name) if isinstance(told, dict) else None
    if not isinstance(given, list):
        return told
    whole = [int(each) if isinstance(each, float) and each.is_integer() else each for each in given]
    if name == "classes" and not all(isinstance(each, bool) for each in whole):
        return {**told, name: whole}
    return {**told, name: [_text(each) for each in whole]}


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
