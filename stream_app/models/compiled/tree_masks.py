"""Trees of at most 64 leaves as bit masks: QuickScorer (Lucchese et al., SIGIR 2015). Pure.

A bit stands for a leaf of a tree. Each input of a record excludes some leaves of each tree; a
record reaches the first leaf that no input excludes. So it costs a row of masks for each input,
however deep the trees are.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contract.schema import Schema
from contract.schema.features import FeatureArrays
from contract.schema.task import Floats
from stream_app.models.compiled.agreement import mixed_records
from stream_app.models.compiled.links import to_outputs

MAX_LEAVES: Final = 64
"""Bits of a mask."""

CHUNK_ROWS: Final = 256
"""Records scored at once. Their masks of 100 trees, 200 kB, stay in a core's cache."""


@dataclass(frozen=True)
class TreeMasks:
    """The masks and leaves of t trees.

    Attributes:
        inputs: Index of each input that a tree compares, shape (n,).
        numerical: Whether it has numbers; else codes of categories.
        edges: The edges of one input after the other, sorted.
        edge_ends: Where those of each input end.
        masks: Shape (rows, t), the rows of one input after the other. Of numbers, one for each
            interval up to an edge, one for larger numbers and one for a missing number. Of
            categories, one for a missing one and one for each code.
        mask_ends: Where the rows of each input end.
        leaves: What each leaf adds, shape (v, t * MAX_LEAVES).
        groups: Number of outputs that have trees of their own, each the same number of them. If it
            is 1, each tree adds to v outputs.
        divisor: Divides the sums.
        offset: Is added to them, shape (outputs,).
        link: Makes outputs of them, see `links`.
    """

    inputs: NDArray[np.int64]
    numerical: NDArray[np.bool_]
    edges: Floats
    edge_ends: NDArray[np.int64]
    masks: NDArray[np.uint64]
    mask_ends: NDArray[np.int64]
    leaves: Floats
    groups: NDArray[np.int64]
    divisor: Floats
    offset: Floats
    link: NDArray[np.int64]

    def checks(self, schema: Schema) -> FeatureArrays:
        """Records with each edge and the number beyond it."""
        edges = [np.empty(0)] * len(schema.inputs)
        for index, own in zip(self.inputs, self._edges(), strict=True):
            edges[index] = own
        return mixed_records(schema, edges)

    def outputs(self, features: FeatureArrays) -> Floats:
        """Outputs of n records, as `contract.schema.task` defines them."""
        return to_outputs(self.scores(features), int(self.link))

    def scores(self, features: FeatureArrays) -> Floats:
        """What `link` makes outputs of, shape (n, outputs)."""
        rows = [read(features[index]) for index, read in self._readers]
        scores = np.empty((len(features[0]), len(self.offset)))
        for start in range(0, len(scores), CHUNK_ROWS):
            chunk = slice(start, start + CHUNK_ROWS)
            scores[chunk] = self._sums([each[chunk] for each in rows])
        return scores / self.divisor + self.offset

    def _sums(self, rows: list[NDArray[np.int64]]) -> Floats:
        """Sums of leaves, shape (n, outputs), given n records' rows of each input's masks."""
        count, trees = len(rows[0]), self.masks.shape[1]
        # `out` with `clip` spares a copy; the rows are always inside
        allowed = np.empty((count, trees), dtype=np.uint64)
        self.masks.take(rows[0], axis=0, out=allowed, mode="clip")
        others = np.empty_like(allowed)
        for each in rows[1:]:
            self.masks.take(each, axis=0, out=others, mode="clip")
            np.bitwise_and(allowed, others, out=allowed)
        np.subtract(allowed, np.uint64(1), out=others)  # ones below the first allowed leaf
        np.bitwise_and(np.invert(allowed, out=allowed), others, out=allowed)
        leaf = np.bitwise_count(allowed) + self._first_leaves
        values = [of_output.take(leaf) for of_output in self.leaves]
        groups = int(self.groups)
        if groups > 1:
            return np.asarray(values[0].reshape(count, groups, -1).sum(axis=2))
        return np.stack([each.sum(axis=1) for each in values], axis=1)

    @cached_property
    def _first_leaves(self) -> NDArray[np.int64]:
        return np.arange(self.masks.shape[1]) * MAX_LEAVES

    @cached_property
    def _readers(self) -> list[tuple[int, Callable[[NDArray[Any]], NDArray[np.int64]]]]:
        """For each input, what makes rows of its masks of its values."""
        starts = [0, *self.mask_ends[:-1].tolist()]
        return [
            (int(index), _number_reader(own, start) if numerical else _code_reader(start))
            for index, numerical, own, start in zip(
                self.inputs, self.numerical, self._edges(), starts, strict=True
            )
        ]

    def _edges(self) -> Iterator[Floats]:
        starts = [0, *self.edge_ends[:-1]]
        for start, end in zip(starts, self.edge_ends, strict=True):
            yield self.edges[start:end]


def _number_reader(edges: Floats, start: int) -> Callable[[NDArray[Any]], NDArray[np.int64]]:
    ends = np.append(edges, np.inf)  # NaN is sorted after it
    return lambda numbers: np.searchsorted(ends, numbers) + start


def _code_reader(start: int) -> Callable[[NDArray[Any]], NDArray[np.int64]]:
    return lambda codes: codes + (start + 1)
