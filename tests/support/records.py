"""Values of the topic `customers`, valid and invalid."""

from pathlib import Path

from contract.errors import DeadLetterReason

MINIMAL_RECORD = b'{"Gender": "Male", "Age": 35, "AnnualSalary": 20000}'


def mapped_schema(folder: Path) -> Path:
    """A schema file whose records have their id in the key and their only column in an object."""
    file = folder / "mapped.toml"
    file.write_text(
        'name = "mapped"\ndataset = "mapped.csv"\n'
        '[[columns]]\nname = "age"\nrange = [0, 120]\n'
        '[target]\nname = "bought"\nclasses = [0, 1]\n'
        '[mapping]\nid = "key"\nage = "/customer/age"\n'
    )
    return file


INVALID_VALUES = {
    None: DeadLetterReason.NULL_VALUE,
    b"": DeadLetterReason.MALFORMED_JSON,
    b"not json": DeadLetterReason.MALFORMED_JSON,
    MINIMAL_RECORD[:-5]: DeadLetterReason.MALFORMED_JSON,
    b"\xef\xbb\xbf" + MINIMAL_RECORD: DeadLetterReason.MALFORMED_JSON,
    MINIMAL_RECORD.replace(b"35", b"NaN"): DeadLetterReason.MALFORMED_JSON,
    MINIMAL_RECORD.replace(b"35", b"Infinity"): DeadLetterReason.MALFORMED_JSON,
    b"[1, 2]": DeadLetterReason.WRONG_TYPE,
    b"null": DeadLetterReason.WRONG_TYPE,
    MINIMAL_RECORD.replace(b"35", b'"35"'): DeadLetterReason.WRONG_TYPE,
    MINIMAL_RECORD.replace(b"35", b"true"): DeadLetterReason.WRONG_TYPE,
    MINIMAL_RECORD.replace(b"35", b"null"): DeadLetterReason.WRONG_TYPE,
    MINIMAL_RECORD.replace(b"Age", b"Years"): DeadLetterReason.MISSING_FIELD,
    MINIMAL_RECORD.replace(b"35", b"-1"): DeadLetterReason.OUT_OF_RANGE,
    MINIMAL_RECORD.replace(b"35", b"151"): DeadLetterReason.OUT_OF_RANGE,
    MINIMAL_RECORD.replace(b"20000", b"1e999"): DeadLetterReason.OUT_OF_RANGE,
    MINIMAL_RECORD.replace(b"Male", b"male"): DeadLetterReason.UNKNOWN_CATEGORY,
    MINIMAL_RECORD[:-1] + b', "id": ""}': DeadLetterReason.OUT_OF_RANGE,
    MINIMAL_RECORD[:-1] + b', "id": "\xff"}': DeadLetterReason.INVALID_UTF8,
    MINIMAL_RECORD[:-1]
    + b', "x": '
    + b"[" * 100_000
    + b"]" * 100_000
    + b"}": DeadLetterReason.TOO_DEEP,
}
