r"""The numbers of a line held against the formula beside them: each must be that of what it stands for.

Formula and numbers are evaluated by the same reader into trees of operations, one for each entry of the result: sums of
products of entries. Where the trees have the same form, each printed number stands for one entry (or for a part that is
printed as its value), whatever it is multiplied by. Where print has another form (a product that was worked out), its
decimals must be among those of the formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

import mpmath  # type: ignore[import-untyped, unused-ignore]

from derive.check.exact_arrays import DIGITS, NEGLIGIBLE, Array, exact
from derive.check.exact_numbers import LogarithmOfZero
from derive.check.latex_tokens import ReadingError
from derive.check.latex_values import First, Functions, MatrixFunctions
from derive.check.traced import Part, Tracing, part_of

COUNTS = ("number", "constant", "entry", "quotient")  # what is left out of a product where it is 1


@dataclass(frozen=True)
class Wrong:
    """A printed number that is not the one it stands for."""

    found: str
    expected: str


@dataclass(frozen=True)
class Beside:
    """What the formula beside the numbers is read with: the symbols, those of given quantities, the least places."""

    functions: Functions
    matrix_functions: MatrixFunctions
    symbols: Mapping[str, Array]
    given: frozenset[str]
    first: First
    places: int

    def wrong(self, formula: str, numbers: str) -> Wrong | None:
        """The first printed number of a line that is not what it stands for in the formula."""
        try:
            with mpmath.workdps(DIGITS):
                pairs = self._pairs(formula, numbers)
                return next((wrong for pair in pairs if (wrong := _Comparison(self.places).of(*pair))), None)
        except (ReadingError, ArithmeticError, TypeError, ValueError, AttributeError):
            return None  # the routes that evaluate formula and numbers say what is wrong with them

    def _pairs(self, formula: str, numbers: str) -> list[tuple[Part, Part]]:
        of_symbols = Tracing(formula, self.functions, self.matrix_functions, self.symbols, self.first)
        of_symbols.given = self.given
        wanted = of_symbols.whole()
        found = Tracing(numbers, self.functions, self.matrix_functions, None).whole()
        if wanted.shape != found.shape:
            return []
        return [(part_of(one), part_of(other)) for one, other in zip(wanted.flat, found.flat, strict=True)]


class _AnotherForm(Exception):
    """The two trees are not alike."""


@dataclass(frozen=True)
class _Comparison:
    places: int

    def of(self, wanted: Part, found: Part) -> Wrong | None:
        """The first number that differs from what it stands for."""
        try:
            return self.alike(wanted, found)
        except _AnotherForm:
            return self.among(wanted, found)

    def alike(self, wanted: Part, found: Part) -> Wrong | None:
        """Both have the same form, or what is found is a printed number."""
        printed = found.parts[0] if found.head == "negative" else found
        if _is_number(printed):
            return self.number(wanted, found, printed, given=wanted.given)
        ours, theirs = wanted.terms(), found.terms()
        if len(ours) > 1 or len(theirs) > 1:
            pairs = _terms_in_turn(ours, theirs)
            return next((wrong for pair in pairs if (wrong := self.term(*pair))), None)
        return self.term(wanted, found)

    def term(self, wanted: Part, found: Part) -> Wrong | None:
        """Two terms of a sum: the factors without their signs, and the sign of the whole."""
        sign, ours = _factors(wanted)
        other_sign, theirs = _factors(found)
        if len(theirs) == 1 and _is_number(theirs[0]):
            return self.number(wanted, found, theirs[0], given=len(ours) == 1 and ours[0].given)
        pairs = _factors_in_turn(wanted, found, ours, theirs)
        if wrong := next((wrong for pair in pairs if (wrong := self.factor(*pair))), None):
            return wrong
        if any(one.parts and not other.parts for one, other in pairs):
            return None  # the sign of a part that is printed as its value is in the number
        for one, other in pairs:  # a small negative number may print as 0, which has no sign
            if not one.parts and not other.parts and one.value < 0 and not other.value:
                other_sign = -other_sign
        return Wrong(_told(found), _told(wanted)) if sign != other_sign else None

    def factor(self, wanted: Part, found: Part) -> Wrong | None:
        """Two factors, up to a sign that belongs to the term."""
        if _is_number(found):
            return self.number(wanted, found, found, given=wanted.given, up_to_sign=True)
        if not found.parts or not wanted.parts:
            raise _AnotherForm
        if "sum" in (wanted.head, found.head):
            return self.alike(wanted, found)
        if wanted.head != found.head or len(wanted.parts) != len(found.parts):
            raise _AnotherForm
        pairs = zip(wanted.parts, found.parts, strict=True)
        return next((wrong for one, other in pairs if (wrong := self.of(one, other))), None)

    def number(
        self, wanted: Part, found: Part, printed: Part, *, given: bool, up_to_sign: bool = False
    ) -> Wrong | None:
        """A printed number, of which `printed` has the digits, and what it stands for."""
        if self.prints(wanted, found, printed, given=given, up_to_sign=up_to_sign):
            return None
        core = wanted.parts[0] if wanted.head == "negative" else wanted
        if core.parts:  # not a part that is printed as its value
            raise _AnotherForm
        return Wrong(_told(found), _told(wanted))

    def prints(self, wanted: Part, found: Part, printed: Part, *, given: bool, up_to_sign: bool) -> bool:
        """Whether a number is what print shows for another one: a given one as it is, any other rounded."""
        if isinstance(wanted.value, LogarithmOfZero):
            return False
        one, other = exact(wanted.value), exact(found.value)
        difference = abs(abs(one) - abs(other)) if up_to_sign else abs(one - other)
        places = len(printed.text.partition(".")[2])
        half = Fraction(1, 2 * 10**places) if places >= self.places and not given else Fraction(0)
        return difference <= half + NEGLIGIBLE

    def among(self, wanted: Part, found: Part) -> Wrong | None:
        """Each printed decimal is one of those that the formula is made of; constants may have been worked out."""
        parts = list(wanted.all_parts())
        for leaf in found.leaves():
            if "." in leaf.text and not any(
                self.prints(part, leaf, leaf, given=part.given, up_to_sign=True) for part in parts
            ):
                return Wrong(leaf.text, "a number of the formula")
        return None


Pairs = list[tuple[Part, Part]]


def _terms_in_turn(wanted: Sequence[Part], found: Sequence[Part]) -> Pairs:
    """The terms of two sums side by side: as they stand, without inner parentheses, or without bare zeros."""
    flat = [[term for part in terms for term in part.terms()] for terms in (wanted, found)]
    bare = [[term for term in terms if term.parts or term.value != 0] for terms in flat]
    for one, other in ((wanted, found), flat, bare):
        if len(one) == len(other):
            return list(zip(one, other, strict=True))
    raise _AnotherForm


def _factors_in_turn(wanted: Part, found: Part, ours: Sequence[Part], theirs: Sequence[Part]) -> Pairs:
    """The factors of two products side by side: all, those of the same product, or all that are not 1."""
    if len(ours) == len(theirs):
        return list(zip(ours, theirs, strict=True))
    with suppress(_AnotherForm):
        return _side_by_side(wanted, found)
    kept = [[part for part in parts if part.head not in COUNTS or abs(part.value) != 1] for parts in (ours, theirs)]
    if len(kept[0]) == len(kept[1]):
        return list(zip(*kept, strict=True))
    raise _AnotherForm


def _side_by_side(wanted: Part, found: Part) -> Pairs:
    """Products of the same shape, in which a number may stand for a whole product."""
    wanted, found = (part.parts[0] if part.head == "negative" else part for part in (wanted, found))
    if wanted.head == found.head == "product":
        return [pair for sides in zip(wanted.parts, found.parts, strict=True) for pair in _side_by_side(*sides)]
    if _is_number(found) or (wanted.head != "product" and found.head != "product"):
        return [(wanted, found)]
    raise _AnotherForm


def _factors(term: Part) -> tuple[int, list[Part]]:
    """The sign of a term, that of its numbers included, and its factors."""
    sign, pending, kept = 1, [term], []
    while pending:
        part = pending.pop(0)
        if part.head == "negative":
            sign, pending = -sign, [part.parts[0], *pending]
        elif part.head == "product":
            pending = [*part.parts, *pending]
        else:
            kept.append(part)
    for part in kept:
        if (not part.parts or _is_number(part)) and part.value < 0:
            sign = -sign
    return sign, kept


def _is_number(part: Part) -> bool:
    """Whether a part is a number as it is printed: in decimals or as a fraction."""
    sides = [side.parts[0] if side.head == "negative" else side for side in part.parts]
    ratio = part.head == "quotient" and all(side.head == "number" and "." not in side.text for side in sides)
    return part.head in ("number", "constant") or ratio


def _told(part: Part) -> str:
    if part.text:
        return part.text
    number = part.value
    return "log 0" if isinstance(number, LogarithmOfZero) else f"{float(number):.12g}"
