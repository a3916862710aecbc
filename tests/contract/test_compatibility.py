"""A change of a topic's value that would break somebody is found; one that would not passes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec import Meta, Struct, defstruct

from contract.errors import SchemaRejected
from contract.schema import CARS
from tools.schema_registry import released_schemas
from tools.schema_registry.__main__ import check
from tools.schema_registry.compatibility import UnsupportedSchema, incompatible_parts


def schema(*fields: Any, **options: Any) -> dict[str, Any]:
    return msgspec.json.schema(defstruct("Event", fields, **options))


BASE = (("id", str), ("age", Annotated[float, Meta(ge=0, le=150)]), ("kind", Literal["a", "b"]))


class Inner(Struct):
    x: int


class Wider(Struct):
    x: float


BOTH_WAYS = {
    "nothing": BASE,
    "an optional field more": (*BASE, ("more", str | None, None)),
    "another order": BASE[::-1],
}
BREAKS_READERS = {
    "a field less": BASE[:2],
    "a category more": (*BASE[:2], ("kind", Literal["a", "b", "c"])),
    "a wider range": (BASE[0], ("age", Annotated[float, Meta(ge=0, le=151)]), BASE[2]),
    "no range": (BASE[0], ("age", float), BASE[2]),
    "null": (("id", str | None), *BASE[1:]),
    "a field that may be missing": (*BASE[:2], ("kind", Literal["a", "b"], "a")),
}
BREAKS_WRITERS = {
    "bytes, which are text in JSON": (("id", bytes), *BASE[1:]),
    "a field more": (*BASE, ("more", str)),
    "a category less": (*BASE[:2], ("kind", Literal["a"])),
    "a narrower range": (BASE[0], ("age", Annotated[float, Meta(ge=1, le=150)]), BASE[2]),
    "a length": (("id", Annotated[str, Meta(max_length=9)]), *BASE[1:]),
    "whole numbers": (BASE[0], ("age", Annotated[int, Meta(ge=0, le=150)]), BASE[2]),
}
BREAKS_BOTH = {
    "another type": (("id", int), *BASE[1:]),
    "another name": (("name", str), *BASE[1:]),
    "a list": (("id", list[str]), *BASE[1:]),
}


@pytest.mark.parametrize(
    ("fields", "writers", "readers"),
    [
        *[pytest.param(each, True, True, id=name) for name, each in BOTH_WAYS.items()],
        *[pytest.param(each, True, False, id=name) for name, each in BREAKS_READERS.items()],
        *[pytest.param(each, False, True, id=name) for name, each in BREAKS_WRITERS.items()],
        *[pytest.param(each, False, False, id=name) for name, each in BREAKS_BOTH.items()],
    ],
)
def test_whom_a_change_breaks(fields: Any, writers: bool, readers: bool) -> None:
    before, now = schema(*BASE), schema(*fields)
    assert (not incompatible_parts(before, now)) == writers, "what was written before is read"
    assert (not incompatible_parts(now, before)) == readers, (
        "what is written now is read by those of before"
    )


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (list[int], list[float]),
        (tuple[str, int], tuple[str, float]),
        (Inner, Wider),
        (Inner | None, Wider | None),
        (list[tuple[str, Inner | None]], list[tuple[str, Wider | None]]),
        (Literal[0, 1], int),
    ],
)
def test_it_looks_into_what_is_nested(narrow: Any, wide: Any) -> None:
    less, more = schema(("x", narrow)), schema(("x", wide))
    assert incompatible_parts(less, more) == []
    assert incompatible_parts(more, less) != []


def test_tuples_of_other_lengths_do_not_fit() -> None:
    assert incompatible_parts(schema(("x", tuple[int, int])), schema(("x", tuple[int]))) != []


def test_a_reader_that_forbids_further_fields_takes_none() -> None:
    closed = schema(*BASE, forbid_unknown_fields=True)
    assert incompatible_parts(closed, closed) == []
    assert incompatible_parts(schema(*BASE), closed) == ["$: further fields are not allowed"]


def test_what_the_rule_does_not_know_does_not_pass() -> None:
    strange = {"type": "object", "patternProperties": {}}
    with pytest.raises(UnsupportedSchema, match="patternProperties"):
        incompatible_parts(strange, strange)


KINDS: dict[str, tuple[Any, some.SearchStrategy[Any]]] = {
    "whole": (int, some.integers(-(2**53), 2**53)),
    "number": (float, some.floats(allow_nan=False, allow_infinity=False)),
    "text": (str, some.text()),
    "yes": (bool, some.booleans()),
    "maybe": (str | None, some.none() | some.text()),
    "list": (list[int], some.lists(some.integers(-9, 9))),
}


@some.composite
def events(draw: some.DrawFn) -> dict[str, tuple[str, bool]]:
    """A struct: field to its kind, and whether it may be missing."""
    kinds = some.tuples(some.sampled_from(sorted(KINDS)), some.booleans())
    return draw(some.dictionaries(some.sampled_from("abc"), kinds))


def struct(event: dict[str, tuple[str, bool]]) -> type[Struct]:
    fields: list[Any] = [
        (name, KINDS[kind][0] | None, None) if may_miss else (name, KINDS[kind][0])
        for name, (kind, may_miss) in event.items()
    ]
    return defstruct("Event", fields, kw_only=True, omit_defaults=True)


@given(events(), events(), some.data())
def test_what_it_lets_pass_the_codec_really_reads(
    written: dict[str, tuple[str, bool]],
    read: dict[str, tuple[str, bool]],
    data: some.DataObject,
) -> None:
    writer, reader = struct(written), struct(read)
    if incompatible_parts(msgspec.json.schema(writer), msgspec.json.schema(reader)):
        return
    values = {
        name: data.draw(some.none() | KINDS[kind][1] if may_miss else KINDS[kind][1])
        for name, (kind, may_miss) in written.items()
    }
    msgspec.json.decode(msgspec.json.encode(writer(**values)), type=reader)


def test_the_code_keeps_what_the_last_release_promised() -> None:
    assert (
        released_schemas.released_schemas(released_schemas.RELEASED).keys()
        == released_schemas.current_schemas(CARS).keys()
    )
    assert (
        released_schemas.incompatibilities(
            released_schemas.released_schemas(released_schemas.RELEASED),
            released_schemas.current_schemas(CARS),
        )
        == []
    )


def changed(topic: str, change: Callable[[dict[str, Any]], None]) -> dict[str, str]:
    text = json.loads(released_schemas.current_schemas(CARS)[topic])
    change(next(iter(text["$defs"].values())))
    return {**released_schemas.current_schemas(CARS), topic: json.dumps(text)}


def more(event: dict[str, Any]) -> None:
    event["properties"]["more"] = {"type": "string"}
    event["required"].append("more")


def less(event: dict[str, Any]) -> None:
    event["properties"].popitem()
    event["required"].pop()


@pytest.mark.parametrize(
    ("topic", "change", "breaks"),
    [
        ("customers", more, True),
        ("outcomes", more, True),
        ("outcomes", less, False),
        ("predictions", more, True),
        ("predictions", less, True),
        ("alerts", more, True),
    ],
)
def test_each_topic_has_the_promise_that_its_users_need(
    topic: str, change: Callable[[dict[str, Any]], None], breaks: bool
) -> None:
    assert (
        bool(
            released_schemas.incompatibilities(
                released_schemas.current_schemas(CARS), changed(topic, change)
            )
        )
        == breaks
    )


def test_a_topic_that_goes_breaks_its_users() -> None:
    assert released_schemas.incompatibilities(
        {**released_schemas.current_schemas(CARS), "gone": "{}"},
        released_schemas.current_schemas(CARS),
    ) == ["gone: its schema was removed"]


def test_a_breaking_change_fails_the_check_in_one_line(tmp_path: Path) -> None:
    released_schemas.release(tmp_path, CARS)
    check(tmp_path, CARS)
    file = tmp_path / "predictions.json"
    before = json.loads(file.read_text())
    more(before["$defs"]["Prediction"])
    file.write_text(json.dumps(before))
    with pytest.raises(SchemaRejected, match=r"predictions: old readers: \$\.more"):
        check(tmp_path, CARS)
