"""Cells of CSV files -> values, as the schema's dialect writes them. Pure."""

from collections.abc import Callable
from datetime import date, datetime
from math import inf, isfinite
from typing import Any, Final

from contract.schema.columns import MAX_TEXT, Column, CsvDialect, Target
from contract.schema.inputs import BOOLEANS

CellParser = Callable[[str], Any]
"""Returns the value of a cell. Raises `ValueError` with a description of the valid values."""

BOOLEAN_CELLS: Final = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0"), BOOLEANS[True]),
    **dict.fromkeys(("false", "f", "no", "n", "0", "0.0"), BOOLEANS[False]),
}
"""Spellings of a boolean, in small letters."""


def cell_normaliser(column: Column, dialect: CsvDialect) -> Callable[[str], str]:
    """What writes a cell as JSON has it: a missing value as "", a decimal comma as a point.

    A cell that is no value of the column stays as it is.
    """
    normalise = _normaliser(column, dialect)
    missing = frozenset(dialect.missing)
    if not missing:
        return normalise
    return lambda text: "" if text in missing else normalise(text)


def cell_parser(column: Column, dialect: CsvDialect) -> CellParser:
    """The parser of a column's cells.

    It returns a float, or a text: of a boolean `true` or `false`, of a code its digits, of a date
    or time ISO 8601.
    """
    parse, normalise = _parser(column), cell_normaliser(column, dialect)
    if column.nullable:
        return lambda text: parse(text) if (text := normalise(text)) else float("nan")
    return lambda text: parse(normalise(text))


def target_parser(target: Target, dialect: CsvDialect) -> CellParser:
    """The parser of a target's cells: the classes, or numbers."""
    if not target.numeric:
        return category_parser(target.classes)
    parse = _number_parser(*(target.range or (-inf, inf)), integer=False)
    return lambda text: parse(_with_point(text, dialect))


def category_parser(values: tuple[Any, ...]) -> CellParser:
    """The parser of cells with one of these texts or integers, which it returns."""
    by_text = {str(value): value for value in values}
    # pandas writes integers this way if some are missing
    by_text |= {f"{value}.0": value for value in values if isinstance(value, int)}
    expected = "0 or 1" if values == (0, 1) else f"one of {', '.join(map(str, values))}"

    def parse(text: str) -> Any:
        if text not in by_text:
            raise ValueError(expected)
        return by_text[text]

    return parse


def _normaliser(column: Column, dialect: CsvDialect) -> Callable[[str], str]:
    if column.type == "boolean":
        return lambda text: BOOLEAN_CELLS.get(text.lower(), text)
    if column.temporal and column.format:
        return lambda text: _iso(text, column)
    if column.numerical and dialect.decimal == ",":
        return lambda text: _with_point(text, dialect)
    if column.coded:
        return lambda text: text.removesuffix(".0")
    return lambda text: text


def _with_point(text: str, dialect: CsvDialect) -> str:
    return text.replace(",", ".") if dialect.decimal == "," else text


def _iso(text: str, column: Column) -> str:
    try:
        moment = datetime.strptime(text, column.format)
    except ValueError:
        return text
    return (moment.date() if column.type == "date" else moment).isoformat()


def _parser(column: Column) -> CellParser:
    if column.range:
        return _number_parser(*column.range, column.integer)
    if column.temporal:
        return _moment_parser(column)
    if column.type == "boolean":
        return _one_of(frozenset(BOOLEANS), "true or false (or yes, no, 1, 0)")
    if column.other:
        return _code_parser if column.coded else _text_parser
    texts = tuple(map(str, column.categories))
    return category_parser(texts)


def _one_of(values: frozenset[str], expected: str) -> CellParser:
    def parse(text: str) -> str:
        if text not in values:
            raise ValueError(expected)
        return text

    return parse


def _text_parser(text: str) -> str:
    if not 0 < len(text) <= MAX_TEXT:
        raise ValueError(f"a text of 1 to {MAX_TEXT} characters")
    return text


def _code_parser(text: str) -> str:
    try:
        return str(int(text))
    except ValueError:
        raise ValueError("a whole number") from None


def _number_parser(lowest: float, highest: float, integer: bool) -> CellParser:
    bounds = f" from {lowest:.10g} to {highest:.10g}" if isfinite(lowest) else ""
    expected = f"a {'whole ' if integer else ''}number{bounds}"

    def parse(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            raise ValueError(expected) from None
        if not (lowest <= number <= highest and isfinite(number)):  # false for NaN as well
            raise ValueError(expected)
        if integer and not number.is_integer():
            raise ValueError(expected)
        return number

    return parse


def _moment_parser(column: Column) -> CellParser:
    is_date = column.type == "date"
    expected = f"a {'date' if is_date else 'time'} as in {column.format or 'ISO 8601'}"

    def parse(text: str) -> str:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(expected) from None
        if not is_date:
            return moment.isoformat()
        if moment != datetime.combine(moment.date(), datetime.min.time()):
            raise ValueError(expected)
        return date.isoformat(moment.date())

    return parse
