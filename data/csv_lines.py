"""The cells of a CSV file, and where it is none. Pure."""

import csv
from collections.abc import Iterable, Iterator

from contract.errors import BadDataset


def csv_lines(text: Iterable[str], name: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line, and the number of the line on which they begin.

    Raises `BadDataset` with `name` and that number where the text is not CSV.
    """
    reader = csv.reader(text, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:  # a quote not closed is noticed at the end of the file
            raise BadDataset(
                f"{name}, line {number}: not CSV ({fault}); correct the quotes there"
            ) from None
        yield number, [cell.strip() for cell in cells]
