"""One reader and one demo for all pages."""

from collections.abc import Iterator

import pytest

from tests.docs.reader import Reader, reading


@pytest.fixture(scope="package")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader whose demo has predictions, dead letters, windows and an alert."""
    with reading(tmp_path_factory.mktemp("reader")) as reader:
        yield reader
