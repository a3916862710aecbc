"""No message affects another one or is lost, whatever its bytes: tried by hypothesis."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream_app.scoring.message import Message
from tests.stream_app.fuzz.accounting import check
from tests.support.records import MINIMAL_RECORD
from tests.support.scoring import a_message

json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
fields = st.sampled_from(["Gender", "Age", "AnnualSalary", "id", "event_time", "more"])


def mutated(changes: dict[str, Any], missing: set[str]) -> bytes:
    """A valid record with some fields changed and some missing."""
    record = {**json.loads(MINIMAL_RECORD), **changes}
    kept = {name: value for name, value in record.items() if name not in missing}
    return json.dumps(kept).encode(errors="surrogatepass")


def damaged(at: int, length: int, put: bytes) -> bytes:
    """A valid record with some bytes replaced."""
    return MINIMAL_RECORD[:at] + put + MINIMAL_RECORD[at + length :]


values = (
    st.just(MINIMAL_RECORD)
    | st.none()
    | st.binary(max_size=200)
    | st.binary(min_size=3_000, max_size=6_000)
    | json_values.map(lambda value: json.dumps(value).encode(errors="surrogatepass"))
    | st.builds(mutated, st.dictionaries(fields, json_values), st.sets(fields, max_size=2))
    | st.builds(
        damaged, st.integers(0, len(MINIMAL_RECORD)), st.integers(0, 9), st.binary(max_size=9)
    )
    | st.integers(1, 5_000).map(lambda depth: b"[" * depth + b"]" * depth)
)
headers = st.lists(st.tuples(st.text(max_size=9), st.none() | st.binary(max_size=30)), max_size=3)
rest = st.fixed_dictionaries(
    {
        "key": st.none() | st.binary(max_size=20),
        "headers": st.none() | headers,
        "timestamp": st.tuples(st.sampled_from([0, 1, 2]), st.integers(-1, 2**62)),
    }
)


def numbered(parts: list[tuple[bytes | None, dict[str, Any]]]) -> list[Message]:
    return [
        a_message(value, offset=offset, **others) for offset, (value, others) in enumerate(parts)
    ]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(values, rest), max_size=6).map(numbered))
def test_each_message_becomes_one_prediction_or_complete_dead_letter(
    messages: list[Message],
) -> None:
    check(messages)
