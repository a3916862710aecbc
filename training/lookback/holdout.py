"""Selects the held-out rows: the same rows in every training. Pure."""

from hashlib import blake2b
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.schema import Schema
from training.lookback.rows import ID, SOURCE

_HASH_BYTES: Final = 8


def holdout_mask(rows: pd.DataFrame, ratio: float, seed: int, schema: Schema) -> NDArray[np.bool_]:
    """Selects about `ratio` of the rows by a hash of source and id.

    A challenger is therefore scored on rows that the champion was not fitted on either, although
    both trainings may have had them. Rows without an id are hashed by their values.

    Args:
        rows: as in `training.lookback.rows`, or features and target alone.
        ratio: share of the rows, 0 to 1.
        seed: key of the hash.
        schema: of the rows.

    Returns:
        True for held-out rows, shape (n,).
    """
    columns = [SOURCE, ID] if ID in rows else [*schema.features, schema.target.name]
    texts = zip(*(rows[column].astype(str) for column in columns), strict=True)
    key = seed.to_bytes(_HASH_BYTES, "big")
    limit = int(ratio * 2 ** (8 * _HASH_BYTES))
    return np.array([_hash("\0".join(text), key) < limit for text in texts], dtype=bool)


def _hash(text: str, key: bytes) -> int:
    encoded = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(encoded, digest_size=_HASH_BYTES, key=key).digest(), "big")
