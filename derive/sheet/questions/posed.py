"""What a composer of questions gets and gives: the solved problem in, a prompt with its answer out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.evaluate import Values
from derive.program import Program
from derive.sheet.blocks import Block, Prompt
from derive.sheet.model import Line
from derive.sheet.substitute import Numbers
from derive.spec import Problem


@dataclass(frozen=True)
class Context:
    """The problem, its program, its numbers (None for a symbolic problem), and whether answers are left blank."""

    problem: Problem
    program: Program
    values: Values | None
    numbers: Numbers | None
    blank: bool

    @property
    def dimensions(self) -> Mapping[str, int]:
        return self.program.dimensions


@dataclass(frozen=True)
class Posed:
    """A question as it stands on paper: the prompt, then lines of mathematics and blocks that answer it."""

    prompt: Prompt
    blocks: tuple[Block, ...] = ()
    lines: tuple[Line, ...] = ()
