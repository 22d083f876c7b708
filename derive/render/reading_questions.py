"""What the questions of a sheet are held against: the author's words, symbols, and runs of the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from derive.check.question_terms import Asked, Run
from derive.evaluate import DomainError, evaluate_exactly, exact_array
from derive.ops import Array
from derive.program import Program, shrunk
from derive.render.notation import Notation
from derive.render.points import MOST_ENTRIES, Point, first_on_paper, on_paper, points, quantities
from derive.render.templates import Words
from derive.render.words import escape, phrase
from derive.sheet import Sheet
from derive.spec import Problem

WIDEST = 12  # widths of a large problem that are left as they are


def asked_questions(
    problem: Problem, sheet: Sheet, program: Program, exact: Mapping[str, Array] | None, words: Words, key: str
) -> Asked:
    """All that the route `questions` needs for one sheet; `key` is the LaTeX of the key."""
    notation = Notation(sheet.notation, sheet.rows, sheet.first, sheet.ranks)
    given = _given(problem) if exact is not None else None
    return Asked(
        questions=problem.questions,
        program=program,
        given=given,
        exact=exact,
        runs=lambda: _runs(program, given, notation, exact),
        symbol=notation.symbol,
        is_row=notation.is_row,
        on_paper=on_paper,
        text=escape,
        words=lambda key, **fields: phrase(words["questions"][key], **fields),
        kind=sheet.kind,
        key=key,
        fractions=sheet.fractions,
    )


def _given(problem: Problem) -> dict[str, Array]:
    """The numbers of all given quantities, as the author wrote them."""
    literals = {given.name: given.value for given in problem.givens}
    if problem.update:
        literals[problem.update.symbol] = problem.update.learning_rate
    return {name: exact_array(literal.exact) for name, literal in literals.items() if literal is not None}


def _runs(
    program: Program, given: Mapping[str, Array] | None, notation: Notation, exact: Mapping[str, Array] | None
) -> list[Run]:
    """The program at the numbers of the problem and at random ones, wherever it is defined.

    Of a large problem narrower layers are enough.
    """
    is_large = exact is not None and sum(values.size for values in exact.values()) > MOST_ENTRIES
    small = shrunk(program, WIDEST) if is_large else program
    starts = [Point(given, program.dimensions)] if given is not None and not is_large else []
    found = []
    for point in [*starts, *points(small, None)]:
        bound = replace(small, dimensions=dict(point.dimensions))
        try:
            values = evaluate_exactly(bound, {quantity.name: point.values[quantity.name] for quantity in small.givens})
        except DomainError:
            continue
        symbols = Point(values, point.dimensions).symbols(quantities(small), notation)
        found.append(Run(values, symbols, first_on_paper(program, notation)))
    return found
