"""A uniform sample of a window's rows, bounded in size. Pure.

The sample is the rows whose ids have the smallest hashes. So each id has the same chance, whatever
the order of arrival; the customer, the prediction and the outcome of one id are in it together or
not at all; and a second reading of the same records gives the same sample.
"""

import heapq
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

from contract.events import CustomerRecord, Prediction

_MIX: Final = 0x9E3779B1
"""Knuth's multiplicative hash: ids that differ in a digit alone are spread over the range."""


def rank(event_id: str) -> int:
    """The place of an id in the order that decides who is in a sample, 32 bits."""
    return crc32(event_id.encode("utf-8", "surrogatepass")) * _MIX & 0xFFFFFFFF


@dataclass(slots=True)
class Row:
    """What is known of one customer record."""

    customer: CustomerRecord | None = None
    prediction: Prediction | None = None
    purchased: int | None = None


@dataclass(slots=True)
class Sample:
    """At most `size` rows, by id."""

    size: int
    rows: dict[str, Row] = field(default_factory=dict)
    _largest: list[tuple[int, str]] = field(default_factory=list)

    def row(self, event_id: str) -> tuple[Row | None, str | None]:
        """The row of an id, new if need be, and the id that left for it.

        No row for an id that is not of the sample.
        """
        row = self.rows.get(event_id)
        if row is not None:
            return row, None
        order = -rank(event_id)
        if len(self.rows) < self.size:
            heapq.heappush(self._largest, (order, event_id))
            gone = None
        elif order <= self._largest[0][0]:
            return None, None
        else:
            _, gone = heapq.heapreplace(self._largest, (order, event_id))
            del self.rows[gone]
        row = self.rows[event_id] = Row()
        return row, gone
