"""Ids -> 64-bit hashes: what windows are joined on, and what decides who is in a sample. Pure."""

from collections.abc import Sequence

import numpy as np
from pandas.util import hash_array

from monitoring.windows.batch import Hashes


def hashes(ids: Sequence[str]) -> Hashes:
    """The hash of each id, shape (n,): SipHash with a fixed key, so the same in every process.

    Two of ten million ids share a hash once in 400,000 windows; they would count as one.
    """
    found: Hashes = hash_array(np.array(ids, dtype=object), categorize=False)
    return found
