"""What all tests have in common: numerical libraries compute on one thread.

So their sums have one order on every machine, and tests that run side by side do not wait for each other's threads.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy and PyTorch are imported; processes of tests inherit it
