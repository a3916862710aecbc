"""Champion and shadow predictions of the same records of a window, joined on the id. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contract.events import Prediction, ShadowComparison
from contract.schema.classes import Classes
from contract.schema.task import Task
from monitoring.windows.batch import (
    NO_OUTCOME,
    Codes,
    EventBatch,
    Hashes,
    Integers,
    PackedCodes,
    TopicPartition,
)

NO_PREDICTION: Final = 2**16 - 1
"""Stands for the code of a shadow prediction that has not arrived."""


class VersionCodes:
    """Packs a predicted class and the version that predicted it into two bytes.

    Of a numeric target, the version alone.

    Attributes:
        versions: The model versions, by version code; an empty name stands for several.
        max_versions: Model versions that are distinguished. The others share a code without a name.
    """

    def __init__(self, task: Task, versions: Iterable[str] = ()) -> None:
        self._code_of = task.code_of if isinstance(task, Classes) else {}
        # one bit for two classes, seven for a hundred
        self._class_bits: Final = max(0, len(self._code_of) - 1).bit_length()
        self.max_versions: Final = 2 ** (16 - self._class_bits) - 1
        self.versions: Final = list(versions)
        self._codes = {name: code for code, name in enumerate(self.versions) if name}

    def encode(self, events: Sequence[Prediction], indices: Integers) -> PackedCodes:
        """The codes of `events[indices]`, shape (n,)."""
        code, code_of, class_bits = self._code, self._code_of, self._class_bits
        if not code_of:
            return np.array(
                [code(events[each].model_version) for each in indices.tolist()], np.uint16
            )
        return np.array(
            [
                code_of[event.prediction] | code(event.model_version) << class_bits
                for event in map(events.__getitem__, indices.tolist())
            ],
            np.uint16,
        )

    def translation_from(self, other: "VersionCodes") -> PackedCodes:
        """Table of shape (65536,): another object's codes -> these. Its versions are added here."""
        codes = [self._code(version) for version in other.versions] or [0]
        every = np.arange(2**16, dtype=np.intp)
        version = np.array(codes, np.intp)[np.minimum(every >> self._class_bits, len(codes) - 1)]
        table: PackedCodes = (
            self.class_codes(every.astype(np.uint16)) | version << self._class_bits
        ).astype(np.uint16)
        return table

    def _code(self, version: str) -> int:
        code = self._codes.get(version)
        if code is None:
            code = min(len(self.versions), self.max_versions - 1)
            if code == len(self.versions):
                self.versions.append(version)
            else:
                self.versions[code] = ""
            self._codes[version] = code
        return code

    def class_codes(self, codes: PackedCodes) -> Codes:
        """The class codes in packed codes, shapes (n,) to (n,)."""
        return (codes & np.uint16(2**self._class_bits - 1)).astype(np.uint8)

    def version_codes(self, codes: PackedCodes) -> PackedCodes:
        """The version codes in packed codes: indices into `versions`."""
        return codes >> np.uint16(self._class_bits)


@dataclass(slots=True)
class PairedPredictions:
    """The champion's predictions of a closed window, each with the shadow's if there is one.

    Attributes:
        ids: Hashed ids, ascending, shape (n,).
        champion: Codes of the champion's predictions, packed by `versions`.
        shadow: Codes of the shadow's predictions, or `NO_PREDICTION`.
        first_offsets: By partition, the smallest offset of a late shadow prediction.
    """

    versions: VersionCodes
    ids: Hashes
    champion: PackedCodes
    shadow: PackedCodes
    first_offsets: dict[TopicPartition, int] = field(default_factory=dict)

    @classmethod
    def join(
        cls,
        versions: VersionCodes,
        champion: tuple[Hashes, PackedCodes],
        shadow: tuple[Hashes, PackedCodes],
    ) -> "PairedPredictions":
        """Joins ids and codes of the two; ids are distinct and ascending in both."""
        (ids, champion_codes), (shadow_ids, shadow_codes) = champion, shadow
        joined = np.full(len(ids), NO_PREDICTION, np.uint16)
        _, here, there = np.intersect1d(ids, shadow_ids, assume_unique=True, return_indices=True)
        joined[here] = shadow_codes[there]
        return cls(versions, ids, champion_codes, joined)

    def take_over(self, earlier: "PairedPredictions") -> None:
        """Takes the shadow predictions that came late for the same window."""
        _, here, there = np.intersect1d(
            self.ids, earlier.ids, assume_unique=True, return_indices=True
        )
        late = (self.shadow[here] == NO_PREDICTION) & (earlier.shadow[there] != NO_PREDICTION)
        translation = self.versions.translation_from(earlier.versions)
        self.shadow[here[late]] = translation[earlier.shadow[there[late]]]
        self.first_offsets = dict(earlier.first_offsets)

    def contains(self, ids: Hashes) -> NDArray[np.bool_]:
        """Which of these ids, shape (n,), the champion predicted."""
        return np.isin(ids, self.ids)

    def add_shadow_predictions(self, batch: EventBatch[Prediction]) -> int:
        """Adds late shadow predictions. Returns how many of them were new."""
        if not len(self.ids):
            return 0
        positions = np.minimum(np.searchsorted(self.ids, batch.ids), len(self.ids) - 1)
        matched = self.ids[positions] == batch.ids
        targets, first = np.unique(positions[matched], return_index=True)
        new = self.shadow[targets] == NO_PREDICTION
        if not new.any():
            return 0
        indices = np.flatnonzero(matched)[first[new]]
        self.shadow[targets[new]] = self.versions.encode(batch.events, indices)
        offset = int(batch.offsets[indices].min())
        self.first_offsets[batch.partition] = min(
            offset, self.first_offsets.get(batch.partition, offset)
        )
        return int(new.sum())

    @property
    def rows(self) -> int:
        """Number of records that the shadow predicted too."""
        return int(np.count_nonzero(self.shadow != NO_PREDICTION))

    def comparisons(
        self, model: str, bounds: tuple[int, int], actual: Codes
    ) -> Iterator[ShadowComparison]:
        """Compares each pair of versions that predicted the same records.

        Args:
            model: Name of the registered model.
            bounds: Start and end of the window, ms.
            actual: Class codes of the outcomes or `NO_OUTCOME`, shape (n,).
        """
        both = self.shadow != NO_PREDICTION
        champion, shadow, actual = self.champion[both], self.shadow[both], actual[both]
        class_codes, version_codes = self.versions.class_codes, self.versions.version_codes
        pairs = version_codes(champion).astype(np.uint32) << 16 | version_codes(shadow)
        for pair in np.unique(pairs).tolist():
            names = self.versions.versions[pair >> 16], self.versions.versions[pair & 65535]
            if not all(names) or names[0] == names[1]:
                continue
            of_pair = pairs == pair
            outcome = actual[of_pair]
            first, second = class_codes(champion[of_pair]), class_codes(shadow[of_pair])
            labelled = outcome != NO_OUTCOME
            labels = outcome[labelled]
            cells = np.bincount(
                4 * (labels == 1) + 2 * (first[labelled] == labels) + (second[labelled] == labels),
                minlength=8,
            ).tolist()
            yield ShadowComparison(
                window_start=bounds[0],
                window_end=bounds[1],
                model=model,
                champion_version=names[0],
                shadow_version=names[1],
                rows=int(of_pair.sum()),
                disagreements=int(np.count_nonzero(first != second)),
                both_correct=cells[3] + cells[7],
                champion_only_correct=cells[2] + cells[6],
                shadow_only_correct=cells[1] + cells[5],
                neither_correct=cells[0] + cells[4],
                champion_only_correct_positive=cells[6],
                shadow_only_correct_positive=cells[5],
            )
