"""The problems of the tests by name, one home for each text.

`PROBLEMS` holds every kind of problem: each must be solved, pass its checks and compile. `GRAPHS` are more shapes of
graphs, for the gradients; `FORMULAS` are more sheets, for the checks that read formulas again.
"""

from __future__ import annotations

from textwrap import dedent

from tests.problems.activations import ACTIVATIONS
from tests.problems.exercises import EXERCISES, PEN_AND_PAPER
from tests.problems.expressions import EXPRESSIONS
from tests.problems.formulas import FORMULAS
from tests.problems.graphs import GRAPHS
from tests.problems.layouts import LAYOUTS
from tests.problems.losses import LOSSES

FAMILIES = (EXERCISES, LAYOUTS, ACTIVATIONS, LOSSES, EXPRESSIONS)
PROBLEMS = {name: dedent(text) for family in FAMILIES for name, text in family.items()}

__all__ = ["FORMULAS", "GRAPHS", "PEN_AND_PAPER", "PROBLEMS"]
