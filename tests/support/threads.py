"""Imported before any numerical library: each has one thread here, in the programs of tests too.

Two workers of pytest share the cores. Threads of BLAS and OpenMP that wait for each other, or spin,
take most of the time then. Tests that are about threads set limits of their own.
"""

import os
from typing import Final

ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")

os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
