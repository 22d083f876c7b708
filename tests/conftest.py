"""What all tests have in common: numerical libraries compute on one thread, and formats of TeX are kept for the run.

With one thread sums have one order on every machine, and tests that run side by side do not wait for each other's
threads. The formats are in a folder of the run, so that no test reads what another program left, or leaves any.
"""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy and PyTorch are imported; processes of tests inherit it

_OURS = "DERIVE_TESTS_CACHE"  # set by the process that tests run in, or that starts those
_made = tempfile.mkdtemp(prefix="derive-tests-") if _OURS not in os.environ else None
os.environ.setdefault(_OURS, str(_made))
os.environ["DERIVE_CACHE"] = os.environ[_OURS]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the formats away at the end."""
    if _made:
        shutil.rmtree(_made, ignore_errors=True)
