"""Values of the topic of customers, valid and not."""

from contract.errors import DeadLetterReason

MINIMAL = b'{"Gender": "Male", "Age": 35, "AnnualSalary": 20000}'


BAD = {
    None: DeadLetterReason.NULL_VALUE,
    b"": DeadLetterReason.MALFORMED_JSON,
    b"not json": DeadLetterReason.MALFORMED_JSON,
    MINIMAL[:-5]: DeadLetterReason.MALFORMED_JSON,
    b"\xef\xbb\xbf" + MINIMAL: DeadLetterReason.MALFORMED_JSON,
    MINIMAL.replace(b"35", b"NaN"): DeadLetterReason.MALFORMED_JSON,
    MINIMAL.replace(b"35", b"Infinity"): DeadLetterReason.MALFORMED_JSON,
    b"[1, 2]": DeadLetterReason.WRONG_TYPE,
    b"null": DeadLetterReason.WRONG_TYPE,
    MINIMAL.replace(b"35", b'"35"'): DeadLetterReason.WRONG_TYPE,
    MINIMAL.replace(b"35", b"true"): DeadLetterReason.WRONG_TYPE,
    MINIMAL.replace(b"35", b"null"): DeadLetterReason.WRONG_TYPE,
    MINIMAL.replace(b"Age", b"Years"): DeadLetterReason.MISSING_FIELD,
    MINIMAL.replace(b"35", b"-1"): DeadLetterReason.OUT_OF_RANGE,
    MINIMAL.replace(b"35", b"151"): DeadLetterReason.OUT_OF_RANGE,
    MINIMAL.replace(b"20000", b"1e999"): DeadLetterReason.OUT_OF_RANGE,
    MINIMAL.replace(b"Male", b"male"): DeadLetterReason.UNKNOWN_CATEGORY,
    MINIMAL[:-1] + b', "id": ""}': DeadLetterReason.OUT_OF_RANGE,
    MINIMAL[:-1] + b', "id": "\xff"}': DeadLetterReason.INVALID_UTF8,
    MINIMAL[:-1] + b', "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}": DeadLetterReason.TOO_DEEP,
}
