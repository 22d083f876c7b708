"""Slopes that are read from a figure, and limits: held against the program run nearby and far away."""

from __future__ import annotations

import itertools
import re
from fractions import Fraction

from derive.check.exact_arrays import exact
from derive.check.figures import matrix_cells
from derive.check.latex_document import spelling
from derive.check.latex_tokens import scan
from derive.check.question_document import Part, formula, plain, tables
from derive.check.question_terms import Asked, decimals, fraction, half_a_unit, is_blank, require
from derive.check.reread import places_printed, read
from derive.evaluate import real
from derive.spec.questions import Limit, Slice

FAR = Fraction(10) ** 5
LARGE = 1000  # what a quantity without bounds exceeds there
CLOSE = Fraction(1, 10**6)  # of a value far away to its limit
STEP = Fraction(1, 10**12)
FIGURES = 4  # that numbers beside a figure have


def check_slice(question: Slice, part: Part, asked: Asked) -> None:
    """The start, the slope as it is read and as it is, and what it says."""
    require(part.content.count("includegraphics") == 1, part.content, "one figure")
    [rows] = tables(part.content)
    if asked.blank:
        for row in rows:
            require(is_blank(row[1]), row[1], "room for an answer")
        return
    name, _, index = question.by.partition("[")
    first = asked.program.first_index(name.strip())
    numbers = [int(number) for number in decimals(index)] or first
    place = tuple(number - start for number, start in zip(numbers, first, strict=True))
    start, *reading = [plain(row[1]) for row in rows]
    _check_start(start, question, (name.strip(), place), asked)
    if len(reading) == 3:
        _check_reading(reading[0], reading[2], asked, question)
    _check_slope(reading[-1] if len(reading) == 1 else reading[1], question, (name.strip(), place), asked)


def _check_start(text: str, question: Slice, varied: tuple[str, tuple[int, ...]], asked: Asked) -> None:
    """(x, y): the number that the problem has, and the value there."""
    number = asked.numbers(*varied)
    height = fraction(real(asked.at(*varied, number, question.slice).item()))
    for printed, value in zip(decimals(text), (number, height), strict=True):
        require(_is_close(printed, value), printed, f"{float(value):.6g}")


def _is_close(printed: str, value: Fraction) -> bool:
    """Whether a number is the value to as many figures as stand beside a figure."""
    return abs(Fraction(printed) - value) <= abs(value) * Fraction(1, 2 * 10 ** (FIGURES - 1)) + Fraction(1, 10**12)


def _check_reading(text: str, advice: str, asked: Asked, question: Slice) -> None:
    """rise / run = slope as printed, and what its sign says."""
    rise, run, slope = decimals(text)
    found = Fraction(rise) / Fraction(run)
    require(abs(found - Fraction(slope)) <= half_a_unit(slope), text, f"{rise} / {run} = {float(found):.4g}")
    sign = (Fraction(slope) > 0) - (Fraction(slope) < 0)
    key = {1: "slope_says_decrease", 0: "slope_says_stay", -1: "slope_says_increase"}[sign]
    wanted = asked.words(key, symbol=asked.symbol(re.sub(r"\s", "", question.by)))
    require(advice == plain(wanted), advice, wanted)


def _check_slope(text: str, question: Slice, varied: tuple[str, tuple[int, ...]], asked: Asked) -> None:
    """The slope lies between the differences to the left and to the right, which agree where there is no kink."""
    number = asked.numbers(*varied)
    left, middle, right = (
        fraction(real(asked.at(*varied, number + step, question.slice).item())) for step in (-STEP, Fraction(0), STEP)
    )
    slopes = sorted([(middle - left) / STEP, (right - middle) / STEP])
    low, high = (any(_is_close(text, slope) for slope in slopes), slopes[0] <= Fraction(text) <= slopes[1])
    require(low or high, text, f"{float(slopes[0]):.6g}")


def check_limit(question: Limit, rows: list[list[str]], asked: Asked) -> None:
    """Each end, and the limit there."""
    for (tends, value), end in zip(rows, question.to, strict=True):
        symbol, _, goal = formula(tends).partition(r"\to")
        require(spelling(symbol) == spelling(asked.symbol(question.by)), tends, asked.symbol(question.by))
        require(_end(goal.replace("0^{+}", "0") if end == 0 else goal) == end, tends, str(end))
        if asked.blank:
            require(is_blank(value), value, "room for an answer")
        else:
            _check_limit(formula(value), end, question, asked)


def _end(tex: str) -> Fraction | str:
    shown = "".join(token.text for token in scan(tex))
    infinite = {r"\infty": "oo", r"-\infty": "-oo"}
    return infinite[shown] if shown in infinite else Fraction(exact(read(tex)[0, 0]))


def _check_limit(tex: str, end: Fraction | str, question: Limit, asked: Asked) -> None:
    """From far out (near its end), one step and half as far again, the quantity goes where its limit is."""
    place = (0,) * (asked.given[question.by].ndim if asked.given else 0)
    goals = [{"oo": far, "-oo": -far}[end] if isinstance(end, str) else end + 1 / far for far in (FAR, 2 * FAR)]
    first, second = (asked.at(question.by, place, goal, question.limit) for goal in goals)
    cells = list(itertools.chain(*matrix_cells(tex))) if tex.startswith(r"\begin") else [tex]
    require(len(cells) == first.size, tex, f"{first.size} numbers")
    for cell, *values in zip(cells, first.flat, second.flat, strict=True):
        near, nearer = (fraction(real(value)) for value in values)
        found = _end(cell)
        if isinstance(found, str):
            grows = abs(nearer) > abs(near) > LARGE and (near > 0) == (nearer > 0) == (found == "oo")
            require(grows, cell, f"{float(nearer):.6g}")
        else:  # what is off by some part of the step is off by half of it at half the step
            differences = (abs(found - nearer), abs(found - (2 * nearer - near)))
            require(min(differences) <= _slack(cell) + CLOSE, cell, f"{float(nearer):.6g}")


def _slack(cell: str) -> Fraction:
    """Half a unit of the last digit of a decimal; a fraction or a whole number is exact."""
    return Fraction(1, 2) / Fraction(10) ** places_printed(cell)[0, 0] if "." in cell else Fraction(0)
