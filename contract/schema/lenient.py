"""A record that means what we ask for, but writes it otherwise -> an event.

JSON has one kind of number: JSON Schema's `integer` holds for 1.0, which pandas writes. And a
category that looks like a number or a truth is told apart in JSON, but not in the CSV file that the
model was trained from.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Raw, Struct, inspect

S = TypeVar("S", bound=Struct)

_TRUTHS: Final = {True: ("true", "True", "TRUE"), False: ("false", "False", "FALSE")}


def lenient(kind: type[S]) -> Callable[[bytes], S | None]:
    """Reads what a strict decoder refused: None if it does not fit the contract in any reading.

    Only the fields of the event are looked at, and whatever else a record holds is passed over, so
    that a large one costs no more than its bytes.
    """
    decode = msgspec.json.Decoder(kind).decode
    known = {
        field.encode_name: reread
        for field in inspect.type_info(kind).fields  # type: ignore[attr-defined]
        if (reread := _reread(field.type)) is not None
    }
    names = [field.encode_name for field in inspect.type_info(kind).fields]  # type: ignore[attr-defined]
    loose = msgspec.defstruct(
        "Loose",
        [(f"f{place}", Raw, Raw()) for place in range(len(names))],
        rename={f"f{place}": name for place, name in enumerate(names)},
    )
    split = msgspec.json.Decoder(loose).decode

    def read(value: bytes) -> S | None:
        try:
            parts = zip(names, msgspec.structs.astuple(split(value)), strict=True)
            told = {name: bytes(part) for name, part in parts if bytes(part)}
            for name, reread in known.items():
                if name in told:
                    told[name] = reread(told[name])
            fields = (b'"%s":%s' % (name.encode(), part) for name, part in told.items())
            return decode(b"{%s}" % b",".join(fields))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    return read


def _reread(kind: inspect.Type) -> Callable[[bytes], bytes] | None:
    """What makes of a field's JSON what its type asks for; None where nothing is to be made."""
    told = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    kinds = [each.type if isinstance(each, inspect.Metadata) else each for each in told]
    values = {each for one in kinds if isinstance(one, inspect.LiteralType) for each in one.values}
    texts = {each for each in values if isinstance(each, str)}
    if texts:
        return lambda part: _as_text(part, texts)
    if values or any(isinstance(one, inspect.IntType) for one in kinds):
        return _as_whole
    return None


def _scalar(part: bytes) -> Any:
    """The value of a number or a truth; None of all else, which may be large."""
    return None if part[:1] in b'{["n' else msgspec.json.decode(part)


def _as_whole(part: bytes) -> bytes:
    value = _scalar(part)
    is_whole = isinstance(value, float) and value.is_integer()
    return b"%d" % int(value) if is_whole else part


def _as_text(part: bytes, texts: set[str]) -> bytes:
    value = _scalar(part)
    if value is None:
        return part
    as_written = part.decode(), _as_whole(part).decode()
    found = _TRUTHS[value] if isinstance(value, bool) else as_written
    return next((msgspec.json.encode(each) for each in found if each in texts), part)
