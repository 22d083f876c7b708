"""Helpers for reading problem texts that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from derive.errors import Fault, ProblemError
from derive.spec import read_text

Refuse = Callable[[str], tuple[Fault, ...]]


@pytest.fixture
def refuse() -> Refuse:
    """Reads a text that must be refused, and returns its faults."""

    def faults_of(text: str) -> tuple[Fault, ...]:
        with pytest.raises(ProblemError) as caught:
            read_text(dedent(text), "file.yaml")
        return caught.value.faults

    return faults_of
