"""Reads CSV with line numbers. Pure."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from contract.errors import BadDataset
from contract.schema.columns import CsvDialect


def check_header(header: Sequence[str], columns: Iterable[str], name: str, line: int) -> None:
    """Raises `BadDataset` if a column that is needed is twice in the header."""
    twice = [column for column in columns if header.count(column) > 1]
    if twice:
        raise BadDataset(
            f"{name}, line {line}: column {', '.join(twice)} is there more than once; keep one"
        )


def read_csv_rows(
    text: Iterable[str], name: str, dialect: CsvDialect
) -> Iterator[tuple[int, list[str]]]:
    """Yields the first line number of each row, and its cells.

    Args:
        text: Lines of the file.
        name: Name of the file, for the error message.
        dialect: How the file is written.

    Raises:
        BadDataset: The text is not CSV. Names file and line.
    """
    reader = csv.reader(text, strict=True, delimiter=dialect.separator, quotechar=dialect.quote)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:  # an open quote is noticed at the end of the file
            raise BadDataset(
                f"{name}, line {number}: not CSV ({fault}); correct the quotes or line ends there"
            ) from None
        yield number, [cell.strip() for cell in cells]
