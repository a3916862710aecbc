"""Which rows no model is fitted on: the same rows in every training. Pure."""

from hashlib import blake2b
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.features import FEATURES, TARGET
from training.recent.rows import ID, SOURCE

_BYTES: Final = 8


def held_out(rows: pd.DataFrame, share: float, seed: int) -> NDArray[np.bool_]:
    """Which rows are, shape (n,): that part of them, by a hash of source and id.

    So a challenger is judged on rows that the champion was not fitted on either, though both may
    have been given them. Rows without an id go by what they say.
    """
    names = [SOURCE, ID] if ID in rows else [*FEATURES, TARGET]
    texts = zip(*(rows[name].astype(str) for name in names), strict=True)
    key = seed.to_bytes(_BYTES, "big")
    limit = int(share * 2 ** (8 * _BYTES))
    return np.array([_hash("\0".join(text), key) < limit for text in texts], dtype=bool)


def _hash(text: str, key: bytes) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_BYTES, key=key).digest()
    return int.from_bytes(digest, "big")
