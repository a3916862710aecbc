"""Reads CSV with line numbers. Pure."""

import csv
from collections.abc import Iterable, Iterator

from contract.errors import BadDataset
from contract.schema.columns import CsvDialect


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
                f"{name}, line {number}: not CSV ({fault}); correct the quotes there"
            ) from None
        yield number, [cell.strip() for cell in cells]
