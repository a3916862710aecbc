"""Limits BLAS and OpenMP to one thread, in tests and their programs. Import it before both.

Two pytest workers share the cores. Threads that spin or wait for each other take most of the time
then. Tests of threads set their own limits.
"""

import os
from typing import Final

ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")

os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
