"""`intent schema infer`: a CSV file of labelled rows -> the text of its schema file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final

from contract.errors import BadDataset
from contract.schema.columns import CsvDialect
from data.csv_rows import read_csv_rows
from data.dataset import read_text
from data.inference import leakage
from data.inference.decisions import (
    Block,
    ColumnDecision,
    decide_column,
    decide_target,
    is_row_id,
    is_typed,
    model_name,
)
from data.inference.dialect import MAX_ROWS, Layout, detect_layout
from data.inference.profile import MARKERS, POSSIBLE_MARKERS, ColumnProfile

BATCH_ROWS: Final = 20_000
MAX_COLUMNS: Final = 100
WIDTH: Final = 100


@dataclass(frozen=True)
class Inferred:
    """The schema of a file.

    Attributes:
        text: Of the TOML file.
        doubts: What could not be decided, a sentence each, with the column's header before it.
        rows: Number of rows.
        columns: Number of features.
        left_out: Number of columns that are no features.
    """

    text: str
    doubts: list[str]
    rows: int
    columns: int
    left_out: int


def infer_schema(path: Path, target: str, dataset: str = "") -> Inferred:
    """Reads a file of labelled rows and describes it.

    Args:
        path: CSV file with a header.
        target: Header of the column that is to be predicted.
        dataset: Path of the file from the schema file's folder; its name if they are beside.

    Raises:
        BadDataset: The file cannot be read or is no CSV, has no rows, or the column is no target.
    """
    lines = read_text(path).splitlines(keepends=True)
    layout = detect_layout([line for line in lines[:MAX_ROWS] if line.strip()])
    table = _read(path, lines, layout)
    if target not in table.header:
        raise BadDataset(
            f"{path}, line 1: no column {target}: name one of {', '.join(table.header)} "
            f"(separated by {layout.separator!r})"
        )
    return _describe(path, table, target, dataset or path.name)


@dataclass(frozen=True)
class _Table:
    layout: Layout
    header: list[str]
    profiles: list[ColumnProfile]
    sample: list[list[str]]
    rows: int
    surplus: int


def _read(path: Path, lines: list[str], layout: Layout) -> _Table:
    dialect = CsvDialect(layout.separator, "." if layout.separator == "," else ",", layout.quote)
    rows = (cells for _, cells in read_csv_rows(lines, str(path), dialect) if cells)
    header = next(rows, [])
    profiles = [ColumnProfile(name) for name in header]
    sample: list[list[str]] = []
    count = surplus = 0
    for batch in _batches(rows):
        surplus += sum(len(cells) > len(header) for cells in batch)
        columns = [
            [cells[index] if index < len(cells) else "" for cells in batch]
            for index in range(len(header))
        ]
        for profile, cells in zip(profiles, columns, strict=True):
            profile.add(cells)
        if not sample:
            sample = [cells[: leakage.MAX_ROWS] for cells in columns]
        count += len(batch)
    if not count:
        raise BadDataset(f"{path}: no rows below the header; give a file of labelled rows")
    return _Table(layout, header, profiles, sample, count, surplus)


def _batches(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def _decimal(profiles: list[ColumnProfile], layout: Layout) -> tuple[str, list[str]]:
    numbers = [profile for profile in profiles if profile.present]
    points = [each.header for each in numbers if each.point and "." in each.fractions]
    commas = [each.header for each in numbers if each.comma and "," in each.fractions]
    decimal = "," if len(commas) > len(points) else "."
    doubts = []
    if points and commas:
        few = min(points, commas, key=len)
        doubts.append(
            f"decimal: both a point and a comma occur; the other one is in {', '.join(few)}"
        )
    rivals = [repr(each) for each in layout.rivals]
    if rivals:
        doubts.append(f"separator: {' or '.join(rivals)} separates all rows as well")
    return decimal, doubts


def _describe(path: Path, table: _Table, target: str, dataset: str) -> Inferred:
    decimal, doubts = _decimal(table.profiles, table.layout)
    outcome = decide_target(table.profiles[table.header.index(target)], ())
    if outcome.block is None:
        raise BadDataset(f"{path}, column {target}: {outcome.doubts[0]}")
    row_id = next(
        (each.header for each in table.profiles if each.header != target and is_row_id(each)), ""
    )
    typed = (each for each in table.profiles if is_typed(each, decimal))
    markers = {text for each in typed for text in each.missing} - {""}
    decided = _decide_features(
        table, {target: outcome.block["name"], row_id: row_id}, decimal, markers
    )
    if "classes" in outcome.block:
        _suspect(decided, table, target)
    features = [each.block for each in decided if each.block is not None]
    if not features:
        seen = "; ".join(f"{each.header}: {each.seen[-1]}" for each in decided[:MAX_COLUMNS])
        raise BadDataset(
            f"{path}: no column beside {target} can be a feature ({seen or 'there is none'}): "
            "give a file with other columns"
        )
    for each in (*decided, outcome):
        doubts += [f"{each.header}: {doubt}" for doubt in each.doubts]
    if possible := sorted(markers & POSSIBLE_MARKERS):
        doubts.append(f"missing: {', '.join(possible)} may be a value elsewhere in the file")
    if table.surplus:
        doubts.append(
            f"separator: {table.surplus:,} rows have more cells than the header: quote them"
        )
    markers |= {text for each in table.profiles for text in each.missing} & MARKERS
    head: Block = {
        "name": model_name(path.stem, ()).lower().replace("_", "-"),
        "dataset": dataset,
        **({"id": row_id} if row_id else {}),
    }
    dialect = _dialect(table.layout, decimal, sorted(markers))
    text = _render(path, table, [*decided, outcome], (head, dialect), doubts)
    return Inferred(text, doubts, table.rows, len(features), len(decided) - len(features))


def _decide_features(
    table: _Table, taken: dict[str, str], decimal: str, markers: set[str]
) -> list[ColumnDecision]:
    """Decides on every column whose header is not taken."""
    names = {*taken.values()} - {""}
    decided: dict[str, ColumnDecision] = {}
    for profile in table.profiles:
        header = profile.header
        if header in decided:
            decided[header].doubts.append(
                "the header names it twice: training refuses the file; rename one"
            )
        elif not header or header not in taken:
            decision = decided[header] = decide_column(profile, names, decimal, markers)
            if decision.block is None:
                continue
            if sum(each.block is not None for each in decided.values()) > MAX_COLUMNS:
                decision.block = None
                decision.seen.append(f"left out: a schema has at most {MAX_COLUMNS} columns")
                continue
            names.add(decision.block["name"])
    return [*decided.values()]


def _suspect(decided: list[ColumnDecision], table: _Table, target: str) -> None:
    """Adds a doubt to each feature that alone says the class."""
    classes = table.sample[table.header.index(target)]
    for decision in decided:
        if decision.block is None:
            continue
        share = leakage.error_share(table.sample[table.header.index(decision.header)], classes)
        if share <= leakage.ERRORS_LEFT:
            decision.doubts.append(
                f"it alone says the target in nearly all rows (of the errors of always naming the "
                f"most frequent class {share:.0%} are left): leave it out if it is known only "
                "afterwards"
            )


def _dialect(layout: Layout, decimal: str, markers: list[str]) -> Block:
    """What differs from the default dialect."""
    given = {
        "separator": layout.separator,
        "decimal": decimal,
        "quote": layout.quote,
        "missing": markers,
    }
    default = CsvDialect()
    return {key: each for key, each in given.items() if each and each != getattr(default, key)}


def _render(
    path: Path,
    table: _Table,
    decided: list[ColumnDecision],
    blocks: tuple[Block, Block],
    doubts: list[str],
) -> str:
    """The schema file; the last of the decided columns is the target."""
    head, dialect = blocks
    out = [
        *_comment(f"Inferred from {path.name}: {table.rows:,} rows, {len(table.header)} columns."),
        *(_comment("Could not decide, please check:") if doubts else []),
        *(line for doubt in doubts for line in _comment(f"- {doubt}", "  ")),
        "",
        *_keys(head),
        *(["", "[csv]", *_keys(dialect)] if dialect else []),
    ]
    for decision in decided:
        out += ["", *_comment(f"{decision.header}: {'; '.join(decision.seen)}")]
        if decision.block is not None:
            kind = "[target]" if decision is decided[-1] else "[[columns]]"
            out += [kind, *_keys(decision.block)]
    return "\n".join([*out, ""])


def _keys(block: Block) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in block.items()]


def _value(value: Any) -> str:
    """A value as TOML: JSON's texts, numbers and lists are TOML's."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str, indent: str = "") -> list[str]:
    """Comment lines, cut at blanks."""
    lines = [""]
    for word in " ".join(text.split()).split(" "):
        if lines[-1] and len(lines[-1]) + len(word) > WIDTH - 3:
            lines.append(indent)
        lines[-1] += f"{word} "
    return [f"# {line}".rstrip() for line in lines]
