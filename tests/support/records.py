"""Values of the topic of customers, valid and not."""

from contract.errors import Reason

MINIMAL = b'{"Gender": "Male", "Age": 35, "AnnualSalary": 20000}'


BAD = {
    None: Reason.NULL_VALUE,
    b"": Reason.MALFORMED_JSON,
    b"not json": Reason.MALFORMED_JSON,
    MINIMAL[:-5]: Reason.MALFORMED_JSON,
    b"\xef\xbb\xbf" + MINIMAL: Reason.MALFORMED_JSON,
    MINIMAL.replace(b"35", b"NaN"): Reason.MALFORMED_JSON,
    MINIMAL.replace(b"35", b"Infinity"): Reason.MALFORMED_JSON,
    b"[1, 2]": Reason.WRONG_TYPE,
    b"null": Reason.WRONG_TYPE,
    MINIMAL.replace(b"35", b'"35"'): Reason.WRONG_TYPE,
    MINIMAL.replace(b"35", b"true"): Reason.WRONG_TYPE,
    MINIMAL.replace(b"35", b"null"): Reason.WRONG_TYPE,
    MINIMAL.replace(b"Age", b"Years"): Reason.MISSING_FIELD,
    MINIMAL.replace(b"35", b"-1"): Reason.OUT_OF_RANGE,
    MINIMAL.replace(b"35", b"151"): Reason.OUT_OF_RANGE,
    MINIMAL.replace(b"20000", b"1e999"): Reason.OUT_OF_RANGE,
    MINIMAL.replace(b"Male", b"male"): Reason.UNKNOWN_CATEGORY,
    MINIMAL[:-1] + b', "id": ""}': Reason.OUT_OF_RANGE,
    MINIMAL[:-1] + b', "id": "\xff"}': Reason.INVALID_UTF8,
    MINIMAL[:-1] + b', "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}": Reason.TOO_DEEP,
}
