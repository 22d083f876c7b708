"""What a document promises to print, line by line, and what is needed to read it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from derive.check.blanks import Hidden
from derive.check.chains import Network
from derive.check.exact_arrays import Array as Exact
from derive.check.figures import Figures, Given
from derive.check.latex_values import First
from derive.check.question_terms import Asked
from derive.check.reread import ELEMENTARY
from derive.check.statements import Stated, Wording
from derive.check.substituted import Beside
from derive.check.values import Expected
from derive.ops import Array


@dataclass(frozen=True)
class Promised:
    """What a sheet says it prints: the quantity, its symbol, its exact value (None: symbolic or blank).

    `substituted`: the line shows numbers; `complete`: all entries are printed; `formula`: the line shows a formula in
    symbols, with what it must give at each point (None: it is not defined there). `shape` is that on paper, where it is
    known in numbers; `chain` the symbols of the loss and of the quantity by which it is differentiated. If `chained`,
    named factors must stand there; `direct` is what the share must give that enters the loss without them. A `blank`
    line of a worksheet leaves room for the result, others state a formula; `value` is what the numbers of either give,
    `constants` are those of its formula. Where the quantity is an entry of another one, `whole` holds that by its
    symbol at each point. `total`: the line states a Jacobian that is asked for.
    """

    name: str
    symbol: str
    exact: Array | None
    substituted: bool
    complete: bool = True
    formula: Sequence[Expected | None] = ()
    shape: tuple[int, int] | None = None
    chain: tuple[str, str] | None = None
    chained: bool = False
    direct: Sequence[Expected | None] = ()
    blank: bool = False
    value: Expected | None = None
    constants: frozenset[Fraction] = frozenset()
    whole: Sequence[Mapping[str, Exact]] = ()
    total: bool = False


@dataclass(frozen=True)
class Reading:
    """All that is needed to read a document again: what it promises, and what the names in it stand for.

    `jacobians` are the lines of local Jacobians; each of `points` holds numbers for all quantities by their symbols.
    `defining` are the functions that definitions are written with, `wordings` what the words of each step may say,
    `symbols` what may stand between the steps, `conventions` the equations that must stand there, `hidden` what a
    worksheet must not print. A `listed` sheet, the key, has results only. `totals` are the pairs of symbols whose total
    derivative stands on the sheet. `asked` holds the questions, where there are any. `first` is the index of the first
    row and column of the symbols that do not count both from 1. In `denominator` layout chains of factors end with
    that of the loss. `own` holds the numbers of the problem by symbol, where formulas are read with them; `places` its
    decimals.
    """

    lines: Sequence[Promised]
    jacobians: Sequence[Promised] = ()
    functions: Mapping[str, Any] = field(default_factory=dict)
    matrix_functions: Mapping[str, Any] = field(default_factory=dict)
    points: Sequence[Mapping[str, Exact]] = ()
    defining: Mapping[str, Any] = field(default_factory=dict)
    wordings: Sequence[Wording] = ()
    symbols: frozenset[str] = frozenset()
    conventions: Sequence[Stated] = ()
    givens: Sequence[Given] = ()
    figures: Figures = field(default_factory=Figures)
    hidden: Hidden | None = None
    listed: bool = False
    asked: Asked | None = None
    first: First = field(default_factory=dict)
    denominator: bool = False
    totals: frozenset[tuple[str, str]] = frozenset()
    own: Mapping[str, Exact] = field(default_factory=dict)
    places: int = 0

    @property
    def all_functions(self) -> Mapping[str, Any]:
        """Those of the sheet and the elementary ones, whose own definitions go first."""
        return {**self.functions, **ELEMENTARY}

    @cached_property
    def beside(self) -> Beside:
        """What formulas are read with, the numbers of which stand beside them."""
        given = frozenset(given.symbol for given in self.givens)
        functions = self.all_functions, self.matrix_functions
        return Beside(*functions, self.own, given, self.first, self.places)

    @cached_property
    def network(self) -> Network:
        """Which quantity is computed from which."""
        return Network(self.figures.uses, self.totals)
