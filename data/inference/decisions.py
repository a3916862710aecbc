"""The profile of a column -> its block in the schema, or why it has none. Pure.

A decision that the cells alone do not settle is a doubt: the schema says it in a comment.
"""

import re
import sys
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from math import floor, isinf, log10
from typing import Any, Final

from contract.schema.columns import MAX_CLASSES, MAX_INTEGER, RESERVED_NAMES, WIRE_NAMES
from data.inference.profile import ISO, ColumnProfile

MAX_LISTED: Final = 100
"""Categories that are listed. The others are counted as one."""

FEW: Final = 20
"""Up to so many texts are all the categories there are, and so many whole numbers may be codes."""

MIN_ROWS: Final = 10
"""Rows of a category that is listed, unless the listed ones are all there are."""

SEVERAL: Final = 20
"""Rows from which a column of distinct values can be said to name them."""

MOSTLY: Final = 0.5
"""Share of distinct texts from which a column is free text."""

CODES: Final = re.compile(
    r"(code|type|class|cat|category|kind|status|zone|region|zip|group|level)s?$", re.IGNORECASE
)
IDS: Final = re.compile(
    r"(^|[_ .-])(id|uuid|key|no|nr|number|index|row|rownum)$|^unnamed|(?-i:[a-z](ID|Id))$",
    re.IGNORECASE,
)
ID_CELL: Final = re.compile(r"[A-Za-z]{1,10}[-_]?\d+")
NEGATIVE: Final = frozenset(
    ("no", "n", "false", "f", "none", "negative", "nein", "non", "0", "-1", "nee", "nej")
)
"""Names of the class that is not the positive one, in small letters."""

ROUND_STEPS: Final = (1.0, 2.0, 5.0, 10.0)

LARGEST_ROUND: Final = 1e308
"""The next round number is no float."""

Block = dict[str, Any]


@dataclass
class ColumnDecision:
    """What becomes of a column.

    Attributes:
        header: Name in the file.
        block: Keys of its block in the schema; None if it is left out.
        seen: What was observed.
        doubts: What could not be decided.
    """

    header: str
    seen: list[str]
    block: Block | None = None
    doubts: list[str] = field(default_factory=list)


def is_typed(profile: ColumnProfile, decimal: str) -> bool:
    """Whether the values are all numbers, dates or booleans, so that other cells are missing."""
    numbers = profile.comma if decimal == "," else profile.point
    return bool(profile.present and (numbers or profile.formats or profile.boolean))


def decide_column(
    profile: ColumnProfile, names: Collection[str], decimal: str, markers: Collection[str]
) -> ColumnDecision:
    """Decides on a feature.

    Args:
        profile: Of the column.
        names: Names that other columns have.
        decimal: Before the fraction of a number.
        markers: Cells that are missing values in this file.
    """
    numbers = profile.comma if decimal == "," else profile.point
    if not is_typed(profile, decimal):
        profile.without_possible_markers(keep=markers)
    decision = ColumnDecision(profile.header, _seen(profile, numbers))
    reason = _left_out(profile, numbers)
    if reason:
        decision.seen.append(f"left out: {reason}")
        return decision
    block: Block = {"name": model_name(profile.header, names)}
    if block["name"] != profile.header:
        block["field"] = profile.header
    block |= _kind(profile, numbers, decision.doubts)
    if profile.missing:
        block["nullable"] = True
    decision.block = block
    return decision


def decide_target(profile: ColumnProfile, names: Collection[str]) -> ColumnDecision:
    """Decides on the target. Its block is None if it cannot be one; then `doubts` says why."""
    profile.without_possible_markers()
    decision = ColumnDecision(profile.header, _seen(profile, numbers=False))
    values = sorted(profile.counts)
    numbers = (profile.point or profile.comma) and not profile.padded
    if numbers and (len(values) > MAX_CLASSES or (profile.fractions and not profile.whole)):
        return _numeric_target(profile, names, decision)
    if not 2 <= len(values) <= MAX_CLASSES:
        decision.doubts.append(
            f"it has {len(values):,} values and a target has 2 to {MAX_CLASSES} classes: name "
            "another column, or put its values into classes"
        )
        return decision
    whole = profile.point and profile.whole and not profile.padded
    classes = sorted(int(float(text)) for text in values) if whole else values
    block: Block = {"name": model_name(profile.header, names), "classes": classes}
    if block["name"] != profile.header:
        block["field"] = profile.header
    if len(classes) == 2:
        classes.sort(key=lambda each: str(each).lower() not in NEGATIVE)
        decision.doubts.append(f"the positive class is the second, {classes[1]}: swap them if not")
    rare = [text for text, count in profile.counts.items() if count < FEW // 2]
    if rare:
        decision.doubts.append(
            f"training needs ten rows of each class, and there are fewer of {_listed(rare)}"
        )
    decision.block = block
    return _with_missing(profile, decision)


def _numeric_target(
    profile: ColumnProfile, names: Collection[str], decision: ColumnDecision
) -> ColumnDecision:
    decision.seen = _seen(profile, numbers=True)
    decision.block = {"name": model_name(profile.header, names)}
    if decision.block["name"] != profile.header:
        decision.block["field"] = profile.header
    decision.doubts.append(
        "it is predicted as a number: write classes if it has some, and a range if outcomes have "
        "bounds"
    )
    return _with_missing(profile, decision)


def _with_missing(profile: ColumnProfile, decision: ColumnDecision) -> ColumnDecision:
    if profile.missing:
        decision.doubts.append(
            f"{profile.missing.total():,} rows have no target: training refuses the file; remove "
            "them"
        )
    return decision


def is_row_id(profile: ColumnProfile) -> bool:
    """Whether a column numbers or names the rows."""
    if not profile.distinct == profile.rows >= SEVERAL:
        return False
    consecutive = profile.point and profile.whole and profile.high - profile.low == profile.rows - 1
    return (
        bool(IDS.search(profile.header))
        or (consecutive and profile.low in (0, 1))
        or all(map(ID_CELL.fullmatch, profile.counts))
    )


def model_name(header: str, taken: Collection[str]) -> str:
    """A name for models, metrics and reports that is made of a header, and that is free."""
    plain = unicodedata.normalize("NFKD", header.replace("ß", "ss"))
    name = re.sub(r"[^A-Za-z0-9]+", "_", plain.encode("ascii", "ignore").decode()).strip("_")
    name = name if name[:1].isalpha() else f"column_{name}".rstrip("_")
    name = name[:50].rstrip("_")
    candidates = (name, *(f"{name}_{number}" for number in range(2, 1_000)))
    return next(each for each in candidates if each not in taken and each not in RESERVED_NAMES)


def _seen(profile: ColumnProfile, numbers: bool) -> list[str]:
    missing = ", ".join(f"{count:,} {text or 'empty'}" for text, count in profile.missing.items())
    parts = [f"{profile.distinct:,} values" if profile.distinct != 1 else "1 value"]
    if missing:
        parts.append(f"missing: {missing}")
    if numbers and profile.present:
        parts.append(f"{profile.low:.10g} to {profile.high:.10g}")
    elif profile.counts:
        common = ", ".join(f"{_short(text)} {n:,}" for text, n in profile.counts.most_common(5))
        parts.append(f"most frequent: {common}")
    return ["; ".join(parts)]


def _left_out(profile: ColumnProfile, numbers: bool) -> str:
    """Why a column is no feature; empty if it is one."""
    reasons = {
        "it is empty": not profile.present,
        "it is constant": profile.distinct == 1,
        "it has numbers beyond 1.8e308": numbers and isinf(max(-profile.low, profile.high)),
        'its header cannot be a field; rename it, at most 100 characters without " and \\': (
            not 0 < len(profile.header) <= 100 or any(mark in profile.header for mark in '"\\')
        ),
        "each record has a field of this name; rename it if it is a feature": (
            profile.header in WIRE_NAMES
        ),
        "it names the rows": is_row_id(profile),
        "its texts are longer than 100 characters": not any(map(_is_category, profile.counts)),
        "nearly every row has another text, so it is free text or an id": (
            not (numbers or profile.formats or profile.boolean)
            and SEVERAL <= profile.present < profile.distinct / MOSTLY
        ),
    }
    return next((reason for reason, applies in reasons.items() if applies), "")


def _kind(profile: ColumnProfile, numbers: bool, doubts: list[str]) -> Block:
    if profile.boolean:
        if {*profile.counts} <= {"0", "1"}:
            doubts.append("0 and 1 are taken for false and true; they may be codes or counts")
        return {"type": "boolean"}
    if numbers and not profile.padded:
        return _number(profile, doubts)
    if profile.formats:
        return _date(profile, doubts)
    if profile.grouped:
        doubts.append(
            "some values look like numbers in groups of three digits: write them without groups, "
            "and give a range instead of categories"
        )
    return _category(profile, doubts)


def _number(profile: ColumnProfile, doubts: list[str]) -> Block:
    codes = (
        sorted({int(float(text.replace(",", "."))) for text in profile.counts})
        if profile.whole
        else []
    )
    if codes and max(-profile.low, profile.high) > MAX_INTEGER:
        doubts.append("it has whole numbers beyond 2^53, which are codes")
        return _category(profile, doubts)
    if 2 <= len(codes) <= FEW and CODES.search(profile.header):
        doubts.append("its whole numbers are taken for codes; if their order matters, give a range")
        return {"categories": codes}
    if codes and len(codes) > FEW and CODES.search(profile.header):
        doubts.append(
            "its name is that of a code: if its whole numbers have no order, give categories and "
            "other instead of a range"
        )
    elif 2 <= len(codes) <= FEW:
        doubts.append(
            f"its {len(codes)} whole numbers are taken for numbers; if they are codes, replace "
            f"range and integer by categories = [{_listed(codes)}]"
        )
    block: Block = {"range": _wide_range(profile.low, profile.high)}
    if profile.whole:
        block["integer"] = True
    return block


def _date(profile: ColumnProfile, doubts: list[str]) -> Block:
    layout = profile.formats[0]
    rivals = [each for each in profile.formats[1:] if layout != ISO]
    if rivals:
        doubts.append(f"the format could also be {' or '.join(rivals)}")
    block: Block = {"type": "datetime" if profile.has_time else "date"}
    if layout != ISO:
        block["format"] = layout
    block["derive"] = ["hour", "weekday"] if profile.has_time else ["age", "weekday"]
    if not profile.has_time:
        block["age_at"] = profile.latest[layout].date()
        doubts.append(
            "the age is that at the latest date; if another column has the date of the record, "
            "name it in age_at"
        )
    return block


def _category(profile: ColumnProfile, doubts: list[str]) -> Block:
    closed = profile.distinct <= FEW and min(profile.counts.values()) >= 2
    by_count = [(text, n) for text, n in profile.counts.most_common() if _is_category(text)]
    if closed and len(by_count) == profile.distinct:
        return {"categories": sorted(profile.counts)}
    # a rarer value is listed because it happens to be in these rows, and others are not: then more
    # of the rows to come are other than of these
    common = [text for text, n in by_count[:MAX_LISTED] if n >= MIN_ROWS] or [by_count[0][0]]
    listed = sum(profile.counts[text] for text in common)
    block: Block = {"categories": sorted(common)}
    other = next(each for each in ("other", "any other", "not listed") if each not in common)
    share = listed / profile.counts.total()
    are_listed = (
        f"all {len(common)} values are listed"
        if len(common) == profile.distinct
        else f"the {len(common)} most frequent of {profile.distinct:,} values are listed, which "
        f"have {share:.0%} of the rows"
    )
    doubts.append(f"{are_listed}; remove other if a value that is not listed is an error")
    return {**block, "other": other}


def _is_category(text: str) -> bool:
    return len(text) <= 100 and text.isprintable()


def _wide_range(low: float, high: float) -> list[float]:
    """A range of round numbers with room for values to come: twice what was seen, and 0."""
    extent = high - low
    wide = [0.0 if low >= 0 else -_round_up(extent - low), _round_up(high + extent)]
    if high <= 0:
        wide[1] = 0.0
    return [int(each) if each.is_integer() and abs(each) < MAX_INTEGER else each for each in wide]


def _round_up(number: float) -> float:
    if number > LARGEST_ROUND:
        return sys.float_info.max
    number = max(number, sys.float_info.min)
    power = 10.0 ** floor(log10(number))
    return float(next(f"{step * power:.6g}" for step in ROUND_STEPS if step * power >= number))


def _listed(values: Collection[Any]) -> str:
    texts = [_short(str(value)) for value in values]
    more = f" and {len(texts) - FEW} more" if len(texts) > FEW else ""
    return ", ".join(texts[:FEW]) + more


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 30 else f"{line[:30]}..."
