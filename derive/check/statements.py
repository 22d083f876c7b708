r"""What the words of a sheet say in symbols: definitions, slopes, the update rule, general entries of Jacobians.

An equation between dollar signs, in the heading of a step or in a note, is read again and evaluated, both sides of it,
where its symbols have numbers of their own: `\tanh'(u) = 1 - \tanh^{2}(u)` at points u of both signs. All else between
dollar signs must be the symbol of a quantity: mathematics that nothing reads is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from derive.check.exact_arrays import Array as Exact
from derive.check.exact_arrays import scalar
from derive.check.latex_document import Document, Heading, Piece, mathematics, spelling
from derive.check.latex_reader import parse
from derive.check.latex_tokens import ReadingError, split_equalities
from derive.check.latex_values import Evaluation, First
from derive.check.report import Finding
from derive.check.values import Expected, disagreement

DEFINITIONS = "definitions"
SOME = (Fraction(7, 5), Fraction(-11, 10), Fraction(13, 10))  # numbers of quantities that stand for any


@dataclass(frozen=True, eq=False)
class Place:
    """Numbers for the symbols of an equation, and what each of its sides must give there.

    `first` is the index of the first row and column of the symbols that do not count both from 1.
    """

    symbols: Mapping[str, Exact]
    expected: Expected
    first: First = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Stated:
    """An equation that may stand on the sheet: `name` is what it is about, `left` how its left side looks.

    `places` makes the numbers when the equation is there. `letters` are the indices of a general entry, each with its
    values. `as_formula`: the left side has a value too, and may stand alone.
    """

    name: str
    left: str
    places: Callable[[], Sequence[Place]]
    letters: Mapping[str, range] = field(default_factory=dict)
    as_formula: bool = False


@dataclass(frozen=True)
class Wording:
    """What the words of one step may say in symbols: those of some quantities, and equations.

    `descent` holds the symbols of rate and loss where the update rule may stand there.
    """

    name: str
    symbols: frozenset[str] = frozenset()
    stated: tuple[Stated, ...] = ()
    descent: tuple[str, str] | None = None


def check_statements(
    document: Document,
    wordings: Sequence[Wording],
    symbols: Iterable[str],
    functions: Mapping[str, Any],
    matrix_functions: Mapping[str, Any],
    between: Sequence[Stated] = (),
) -> Iterator[Finding]:
    """A finding for each equation in the words of the document, and one for all that nothing can read.

    `symbols` are those that may stand between the steps, too, and so may the equations `between`, each of which must.
    """
    steps = sum(isinstance(block, Heading) for block in document.blocks)
    if steps != len(wordings):
        yield Finding(DEFINITIONS, "template", False, None, f"{steps} steps in the document", f"{len(wordings)} steps")
        return
    loose = Wording("template", frozenset(symbols), tuple(between))
    said = list(mathematics(document.loose))
    for wording, tex in [*_said(document, wordings), *((loose, tex) for tex in said)]:
        yield from _check(tex, wording, functions, matrix_functions)
    lefts = {spelling(tex.partition("=")[0]) for tex in said}
    for stated in between:
        if spelling(stated.left) not in lefts:
            yield Finding(DEFINITIONS, stated.name, False, None, "nothing", f"{stated.left} = ...")


def _said(document: Document, wordings: Sequence[Wording]) -> Iterator[tuple[Wording, str]]:
    """All that stands between dollar signs in headings and notes, with the step that it belongs to."""
    remaining = iter(wordings)
    wording = Wording("template")
    for block in document.blocks:
        if isinstance(block, Heading):
            wording = next(remaining)
            yield from ((wording, tex) for tex in mathematics(f"{block.title} {block.rule}"))
        elif isinstance(block, Piece) and block.kind == "note":
            yield from ((wording, tex) for tex in mathematics(block.content))


def _check(
    tex: str, wording: Wording, functions: Mapping[str, Any], matrix_functions: Mapping[str, Any]
) -> Iterator[Finding]:
    try:
        left, *rights = split_equalities(tex)
    except ReadingError as error:
        yield Finding(DEFINITIONS, wording.name, False, None, tex, "mathematics that can be read again", str(error))
        return
    if not rights and _is_symbol(tex, wording.symbols):
        return
    stated = _stated(left, wording) if rights else next((s for s in wording.stated if s.as_formula), None)
    if stated is None:
        known = [f"{stated.left} = ..." for stated in wording.stated] + sorted(wording.symbols)
        yield Finding(DEFINITIONS, wording.name, False, None, tex, " or ".join(known) or "no mathematics")
        return
    sides = [left, *rights] if stated.as_formula else rights
    yield next(
        (finding for side in sides if (finding := _check_side(side, stated, functions, matrix_functions))),
        Finding(DEFINITIONS, stated.name, True),
    )


def _is_symbol(tex: str, symbols: Iterable[str]) -> bool:
    """Whether a quantity stands there, or an entry of one."""
    if spelling(tex) in map(spelling, symbols):
        return True
    try:
        return parse(tex, (), symbols).head in ("symbol", "indexed")
    except ReadingError:
        return False


def _stated(left: str, wording: Wording) -> Stated | None:
    """The equation with this left side that may stand here."""
    found = [stated for stated in wording.stated if spelling(stated.left) == spelling(left)]
    if found:
        return found[0]
    if wording.descent and left.rstrip().endswith("'"):
        return descent(wording.name, left.rstrip()[:-1], *wording.descent)
    return None


def descent(name: str, quantity: str, rate: str, loss: str) -> Stated:
    r"""\theta' = \theta - \eta \partial L/\partial \theta, at some numbers."""
    before, size, gradient = SOME
    slopes = (rf"\partial {loss}/\partial {quantity}", rf"\frac{{\partial {loss}}}{{\partial {quantity}}}")
    symbols = {quantity: scalar(before), rate: scalar(size), **dict.fromkeys(slopes, scalar(gradient))}
    return Stated(name, f"{quantity}'", lambda: [Place(symbols, Expected(scalar(before - size * gradient)))])


def _check_side(
    tex: str, stated: Stated, functions: Mapping[str, Any], matrix_functions: Mapping[str, Any]
) -> Finding | None:
    """What is wrong with one side of an equation."""
    places = stated.places()
    if not places:
        return Finding(DEFINITIONS, stated.name, False, None, tex, "numbers at which it is defined")
    for place in places:
        try:
            evaluation = Evaluation(tex, functions, matrix_functions, place.symbols, place.first)
            values = evaluation.by_index(stated.letters) if stated.letters else evaluation.whole()
        except ReadingError as error:
            return Finding(DEFINITIONS, stated.name, False, None, tex, "a formula that can be read again", str(error))
        if differing := disagreement(values, place.expected):
            return Finding(DEFINITIONS, stated.name, False, None, f"{tex} = {differing[0]}", differing[1])
    return None
