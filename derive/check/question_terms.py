"""What the route `questions` is given, and how it says what differs."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from derive.check.blanks import check_blank
from derive.check.exact_arrays import Array as Exact
from derive.check.latex_values import First
from derive.check.reread import read
from derive.check.values import Expected, disagreement
from derive.evaluate import Real, evaluate_exactly, exact_array, real
from derive.ops import Array
from derive.program import Program
from derive.spec.names import parse_quantity
from derive.spec.questions import Question

LARGEST = 4096  # bits of a number that is told apart from others
ANSWER_LINE = r"\answerline"


class DiffersError(Exception):
    """What stands on the sheet, and what should."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found, expected)
        self.found, self.expected = found, expected


def require(condition: bool, found: str, expected: str) -> None:
    """Refuse what is not as it should be."""
    if not condition:
        raise DiffersError(found, expected)


@dataclass(frozen=True, eq=False)
class Functions:
    """What names of functions mean: on single numbers, and on whole arrays."""

    single: Mapping[str, Any]
    whole: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Run:
    """The program run from some given numbers: arrays by name, and the same by symbol as they lie on paper.

    `first` is the index of the first row and column of the symbols that do not count both from 1.
    """

    values: Mapping[str, Array]
    symbols: Mapping[str, Exact]
    first: First = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Asked:
    """The questions as the author asked them, and what their answers are held against.

    `given` and `exact` are the numbers of the problem and all values as they are promised (None: a problem in
    symbols), `runs` the program run at its own numbers and at random ones. `symbol` and `text` are how a name and the
    author's words look in LaTeX, `words` phrases by key. `key` is the LaTeX of the key, for a worksheet.
    """

    questions: Sequence[Question]
    program: Program
    given: Mapping[str, Array] | None
    exact: Mapping[str, Array] | None
    runs: Callable[[], Sequence[Run]]
    symbol: Callable[[str], str]
    is_row: Callable[[str], bool]
    on_paper: Callable[[Array, bool], Exact]
    text: Callable[[str], str]
    words: Callable[..., str]
    kind: str
    key: str = ""
    fractions: bool = False  # simple numbers are printed exactly

    @property
    def blank(self) -> bool:
        return self.kind == "worksheet"

    @property
    def is_numeric(self) -> bool:
        return self.exact is not None

    def shapes(self, name: str) -> Iterator[tuple[Mapping[str, Exact], tuple[int, ...]]]:
        """The shape of the array itself, with what dimension symbols stand for."""
        if self.exact is not None:
            yield {}, self.exact[name].shape
        else:
            yield from ((run.symbols, run.values[name].shape) for run in self.known_runs)

    @functools.cached_property
    def known_runs(self) -> Sequence[Run]:
        """The runs, at least one."""
        runs = self.runs()
        require(bool(runs), "no numbers at which all quantities are defined", "numbers to compare at")
        return runs

    def expected(self, name: str, run: Run) -> Expected:
        """The value of a quantity in a run, as it lies on paper."""
        return Expected(self.on_paper(run.values[name], self.is_row(name)))

    def differs(self, tex: str, name: str, run: Run, functions: Functions, names: Sequence[str] = ()) -> str:
        """What a formula gives where that is not the value of a quantity; with `names` only these may stand in it."""
        symbols = run.symbols
        if names:
            others = {self.symbol(other) for other in self.program.names} - {self.symbol(own) for own in names}
            symbols = {symbol: value for symbol, value in symbols.items() if symbol not in others}
        found = read(tex, functions.single, functions.whole, symbols, run.first)
        differing = disagreement(found, self.expected(name, run))
        return differing[0] if differing else ""

    def paper(self, name: str) -> Array:
        """The exact values of a quantity, in two dimensions as they lie on paper."""
        assert self.exact is not None
        values = self.exact[name]
        return values if values.ndim == 2 else values.reshape((1, -1) if self.is_row(name) else (-1, 1))

    def at(self, name: str, place: tuple[int, ...], number: Fraction, of: str) -> Array:
        """A quantity where one entry of a given one is another number, all else as in the problem."""
        require(self.given is not None, "a problem in symbols", "numbers")
        given = dict(self.given or {})
        changed = given[name].copy()
        changed[place] = real(number)
        forward = self.program.forward
        leads = any(step.name == of for step in forward)
        program = replace(self.program, steps=tuple(forward)) if leads else self.program
        return evaluate_exactly(program, {**given, name: exact_array(changed)})[of]

    def number(self, name: str) -> tuple[Fraction, bool]:
        """The number that `s'` or `dL/dW_1[1,2]` stands for, and whether it is a given one."""
        quantity = parse_quantity(name)
        require(quantity is not None and self.exact is not None, name, "a quantity that has numbers")
        assert quantity is not None
        is_given = quantity.whole in (self.given or {})
        values = ((self.given if is_given else self.exact) or {})[quantity.whole]
        first = self.program.first_index(quantity.whole)
        place = tuple(index - start for index, start in zip(quantity.entry, first, strict=False))
        return fraction(real(values[place] if place else values.item())), is_given

    def numbers(self, name: str, place: tuple[int, ...]) -> Fraction:
        """One given number."""
        assert self.given is not None
        return fraction(real(self.given[name][place]))


def fraction(number: Real) -> Fraction:
    """A number as a fraction: that of the middle of a ball; one beyond all sizes on paper as none or as a huge one."""
    settled = number.settled()
    if settled.is_exact:
        return Fraction(int(settled.number.p), int(settled.number.q))
    mantissa, exponent = map(int, settled.ball().mid().man_exp())
    size = mantissa.bit_length() + exponent
    if abs(size) > LARGEST:
        return Fraction(0) if size < 0 else Fraction(2) ** LARGEST * (1 if mantissa > 0 else -1)
    return Fraction(mantissa) * Fraction(2) ** exponent


def is_blank(cell: str) -> bool:
    """Whether a cell leaves room for an answer and holds none."""
    return cell == ANSWER_LINE or (cell.startswith("$") and check_blank("", cell.strip("$"), None).passed)


def decimals(text: str) -> list[str]:
    """The numbers in a text."""
    return re.findall(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", text)


def half_a_unit(text: str) -> Fraction:
    """Half a unit of the last digit of a decimal."""
    mantissa, _, exponent = text.partition("e")
    return Fraction(1, 2) * Fraction(10) ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
