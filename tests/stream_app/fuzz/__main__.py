"""No message affects another one or is lost, whatever its bytes: tried by atheris.

`python -m tests.stream_app.fuzz FOLDER [libFuzzer's options]`; `make fuzz` runs it.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["contract", "stream_app"]):
    from tests.stream_app.fuzz.accounting import check
    from tests.support.records import INVALID_VALUES
    from tests.support.scoring import a_message


def one(data: bytes) -> None:
    """A message made of the data, between two valid ones."""
    parts = atheris.FuzzedDataProvider(data)
    key = parts.ConsumeBytes(parts.ConsumeIntInRange(0, 9)) if parts.ConsumeBool() else None
    header = (parts.ConsumeUnicodeNoSurrogates(9), parts.ConsumeBytes(9))
    headers = [header] if parts.ConsumeBool() else None
    timestamp = (1, parts.ConsumeIntInRange(-1, 2**62))
    value = parts.ConsumeBytes(parts.remaining_bytes())
    strange = a_message(value, offset=1, key=key, headers=headers, timestamp=timestamp)
    check([a_message(offset=0), strange, a_message(offset=2)])


def main(folder: Path, *options: str) -> None:
    """Starts from the invalid values of the tests; saves new inputs in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, value in enumerate(INVALID_VALUES):
        (folder / f"seed-{number}").write_bytes(value or b"")
    atheris.Setup([sys.argv[0], str(folder), *options], one)
    atheris.Fuzz()


main(Path(sys.argv[1]), *sys.argv[2:])
