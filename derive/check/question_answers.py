"""The answer to each kind of question, as it is printed, held against the program."""

from __future__ import annotations

import functools
import re
from fractions import Fraction

import numpy as np

from derive.check.blanks import check_blank
from derive.check.exact_arrays import exact
from derive.check.figures import check_digits
from derive.check.latex_document import Derivation, equation, mathematics, result_and_shape, spelling, take_apart
from derive.check.latex_tokens import ReadingError
from derive.check.question_document import Part, Printed, environments, formula, options, plain, tables
from derive.check.question_slopes import check_limit, check_slice
from derive.check.question_terms import (
    Asked,
    Functions,
    half_a_unit,
    is_blank,
    require,
)
from derive.check.reread import read
from derive.check.shapes import read_shape
from derive.spec.filled import Place, pieces
from derive.spec.questions import (
    PARAMETERS,
    Choose,
    Code,
    Complete,
    Count,
    Explain,
    Express,
    Limit,
    OnTheGraph,
    Order,
    Plot,
    Question,
    Shapes,
    Slice,
    Sweep,
)

LETTERS = "ABCDEFGH"
PLACE = "\x01"  # stands for a number in the author's words while they are escaped; no file can hold it
NUMBER = r"((?:\{-\})?\d+(?:\.\d+|/\d+)?)"
ITERATION = ("predict", "loss", "zero_grad", "backward", "step")  # what PyTorch wants, in this order


@functools.singledispatch
def answer(question: Question, part: Part, asked: Asked, functions: Functions) -> None:
    """Refuse an answer that is not right, or one that a worksheet gives away."""


def _rows(part: Part, asked: Asked, number: int, *, heading: bool = True) -> list[list[str]]:
    """The rows of the only table of a question, without its heading."""
    found = tables(part.content)
    require(len(found) == 1, f"{len(found)} tables", "one table")
    rows = found[0][heading:]
    require(len(rows) == number, f"{len(rows)} rows", f"{number} rows")
    return rows


def _check_symbol(cell: str, name: str, asked: Asked) -> None:
    require(spelling(formula(cell)) == spelling(asked.symbol(name)), cell, asked.symbol(name))


def _check_blank(cell: str) -> None:
    require(is_blank(cell), cell, "room for an answer")


# ------------------------------------------------------------------------------------------------ tables


@answer.register
def _(question: Shapes, part: Part, asked: Asked, functions: Functions) -> None:
    for (symbol, shape), name in zip(_rows(part, asked, len(question.shapes)), question.shapes, strict=True):
        _check_symbol(symbol, name, asked)
        _check_blank(shape) if asked.blank else _check_shape(shape, name, asked)


def _check_shape(cell: str, name: str, asked: Asked) -> None:
    r"""2 \times 3 is the shape of the array as it lies on paper; a single number has none."""
    tex = formula(cell)
    for symbols, shape in asked.shapes(name):
        wanted = shape if len(shape) != 1 else (1, *shape) if asked.is_row(name) else (*shape, 1)
        found = read_shape(tex, symbols) if tex.strip() else ()
        right = found == wanted and (bool(found) or not re.search(r"[\d$]", cell))
        require(right, cell, r" \times ".join(map(str, wanted)) or "a single number")


@answer.register
def _(question: Count, part: Part, asked: Asked, functions: Functions) -> None:
    names = question.count
    if names == (PARAMETERS,):
        names = tuple(quantity.name for quantity in asked.program.givens if quantity.role == "parameter")
    *rows, total = _rows(part, asked, len(names) + 1)
    for (symbol, shape, number), name in zip(rows, names, strict=True):
        _check_symbol(symbol, name, asked)
        if asked.blank:
            _check_blank(shape)
            _check_blank(number)
        else:
            _check_shape(shape, name, asked)
            _check_count(number, (name,), asked)
    _check_blank(total[-1]) if asked.blank else _check_count(total[-1], names, asked)


def _check_count(cell: str, names: tuple[str, ...], asked: Asked) -> None:
    """A count is the number of entries of some arrays."""
    for all_shapes in zip(*(asked.shapes(name) for name in names), strict=True):
        wanted = sum(int(np.prod(shape, dtype=int)) for _, shape in all_shapes)
        found = exact(read(formula(cell) or cell, symbols=all_shapes[0][0])[0, 0])
        require(found == wanted, cell, str(wanted))


@answer.register
def _(question: Complete, part: Part, asked: Asked, functions: Functions) -> None:
    for row, name in zip(_rows(part, asked, len(question.table)), question.table, strict=True):
        _check_symbol(row[0], name, asked)
        _check_formula(formula(row[1]), name, asked, functions)
        if not asked.is_numeric:
            continue
        if asked.blank and name not in question.given:
            _check_blank(row[2])
            checked = check_blank(name, row[2].strip("$"), asked.paper(name).shape)
        else:
            checked = check_digits(name, formula(row[2]), asked.paper(name), fractions=asked.fractions)
        require(checked.passed, checked.found, checked.expected)


def _check_formula(tex: str, name: str, asked: Asked, functions: Functions, using: tuple[str, ...] = ()) -> None:
    for run in asked.known_runs:
        differs = asked.differs(tex, name, run, functions, using)
        require(not differs, f"{tex} = {differs}", f"the value of {asked.symbol(name)}")


# ------------------------------------------------------------------------------------------------ formulas


@answer.register
def _(question: Express, part: Part, asked: Asked, functions: Functions) -> None:
    line = _line(part)
    require(spelling(line.symbol) == spelling(asked.symbol(question.express)), line.symbol, "the symbol asked for")
    if asked.blank:
        told = [part for part in line.parts if not _is_its_meaning(part, question.express, asked)]
        require(not told and check_blank("", line.result, None).passed, str(line), "room for an answer")
    else:
        _check_formula(line.parts[-1], question.express, asked, functions, question.using)


def _is_its_meaning(tex: str, name: str, asked: Asked) -> bool:
    """Whether a gradient with a symbol of its own is only told to be one: delta_2 = dL/dU_2."""
    of, _, by = name.removeprefix("d").partition("/d")
    return spelling(tex) == spelling(rf"\frac{{\partial {asked.symbol(of)}}}{{\partial {asked.symbol(by)}}}")


def _line(part: Part) -> Derivation:
    """The line of the answer; on a key its result is the formula."""
    document = take_apart(part.content)
    pieces = [piece for piece in document.pieces("fitted") if r"\result{" in piece]
    require(len(document.derivations) + len(pieces) == 1, part.content, "one line")
    if document.derivations:
        return document.derivations[0]
    start = pieces[0].index(r"\result{")
    return Derivation(equation(f"{pieces[0][:start]}0").symbol, (result_and_shape(pieces[0][start:])[0],), None)


@answer.register
def _(question: Choose, part: Part, asked: Asked, functions: Functions) -> None:
    found = options(part.content)
    letters = "".join(option.letter for option in found)
    require(1 < len(found) <= question.options and letters == LETTERS[: len(found)], letters, LETTERS[: len(found)])
    require(len({spelling(option.content) for option in found}) == len(found), "two options alike", "different ones")
    if asked.blank:
        return
    right = [option for option in found if option.is_right]
    require(len(right) == 1, f"{len(right)} right options", "one right option")
    for option in found:
        require(option.is_right != bool(option.note), option.note, "a mistake beside each wrong option only")
        _check_note(option, asked)
        is_value = question.show == "value" and asked.is_numeric
        agrees = _has_digits(option, question, asked) if is_value else _has_values(option, question, asked, functions)
        expected = asked.symbol(question.choice)
        require(agrees == option.is_right, option.content, expected if option.is_right else f"not {expected}")


def _check_note(option: Printed, asked: Asked) -> None:
    """The mathematics beside a wrong option is the symbol of a quantity, or a number."""
    known = {spelling(asked.symbol(name)) for name in asked.program.names}
    for tex in mathematics(option.note):
        if spelling(tex) not in known:
            read(tex)


def _has_digits(option: Printed, question: Choose, asked: Asked) -> bool:
    """Whether an option shows the digits of the value."""
    values = asked.paper(question.choice)
    return check_digits(question.choice, formula(option.content), values, fractions=asked.fractions).passed


def _has_values(option: Printed, question: Choose, asked: Asked, functions: Functions) -> bool:
    """Whether the formula of an option has the value of the quantity in every run; a wrong one may have none."""
    try:
        return not any(
            asked.differs(formula(option.content), question.choice, run, functions) for run in asked.known_runs
        )
    except (ReadingError, ValueError, ArithmeticError):
        if option.is_right:
            raise
        return False


# ------------------------------------------------------------------------------------------------ programs


@answer.register
def _(question: Code, part: Part, asked: Asked, functions: Functions) -> None:
    """The listing is read elsewhere; a table of shapes says of each gradient what the array of its parameter has."""
    arrays = {name.replace("_", ""): name for name in asked.program.quantities}
    for tensor, shape in (row for table in tables(part.content) for row in table[1:]):
        if is_blank(shape):
            continue
        found = tuple(side.strip() for side in plain(shape).strip("()").split(",") if side.strip())
        require(plain(shape).startswith("("), shape, "a shape")
        name = arrays.get(plain(tensor).removesuffix(".grad.shape"), "")
        if name and asked.exact is not None and "grad" in tensor:
            wanted = asked.exact[name].shape
            require(found == tuple(map(str, wanted)), shape, str(wanted))


# ------------------------------------------------------------------------------------------------ words


@answer.register
def _(question: Explain, part: Part, asked: Asked, functions: Functions) -> None:
    lines = len(re.findall(r"\\writingline(?![A-Za-z])", part.content))
    answers = take_apart(part.content).pieces("answer")
    if asked.blank:
        require(lines == question.lines and not answers, f"{lines} lines", f"{question.lines} empty lines")
    else:
        require(len(answers) == bool(question.answer) and not lines, " ".join(answers), "the author's answer")
        for printed in answers:
            _check_words(printed, question, asked)


def _check_words(printed: str, question: Explain, asked: Asked) -> None:
    """The author's words, and at each of their places the right digits of the number that is named there."""
    said = pieces(question.answer)
    words = asked.text("".join(piece if isinstance(piece, str) else PLACE for piece in said)).split(PLACE)
    found = re.fullmatch(NUMBER.join(map(re.escape, words)), printed)
    require(found is not None, printed, "the author's answer")
    names = [piece.name for piece in said if isinstance(piece, Place)]
    for digits, name in zip(found.groups() if found else (), names, strict=True):
        text, (value, is_given) = digits.replace("{-}", "-"), asked.number(name)
        away = abs(Fraction(text) - value)
        require(away <= (0 if is_given or "/" in text else half_a_unit(text)), f"{name}: {text}", f"{float(value):g}")


@answer.register
def _(question: Order, part: Part, asked: Asked, functions: Functions) -> None:
    keys = tuple(f"iteration_{key}" for key in ITERATION)
    items = [asked.words(key) for key in keys] if question.is_iteration else list(map(asked.text, question.order))
    rows = _rows(part, asked, len(items), heading=False)
    shown = [item for _, item in rows]
    require(sorted(shown) == sorted(items), ", ".join(shown), ", ".join(items))
    require(shown != items, ", ".join(shown), "another order than the right one")
    for place, item in rows:
        _check_blank(place) if asked.blank else require(items[int(place) - 1] == item, f"{place} {item}", "its place")


# ------------------------------------------------------------------------------------------------ figures


@answer.register
def _(question: OnTheGraph, part: Part, asked: Asked, functions: Functions) -> None:
    require(part.content.strip() == "" or not tables(part.content), part.content, "nothing but the prompt")


@answer.register(Plot)
@answer.register(Sweep)
def _(question: Plot | Sweep, part: Part, asked: Asked, functions: Functions) -> None:
    wanted = len(question.plot) if isinstance(question, Plot) else 1
    found = environments(part.content, "plots")
    require(len(found) == wanted and all("includegraphics" in one for one in found), str(len(found)), str(wanted))


@answer.register
def _(question: Slice, part: Part, asked: Asked, functions: Functions) -> None:
    check_slice(question, part, asked)


@answer.register
def _(question: Limit, part: Part, asked: Asked, functions: Functions) -> None:
    check_limit(question, _rows(part, asked, len(question.to)), asked)
