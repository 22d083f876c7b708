"""The forward pass as text: `name = expression` on each line, held against a whitelist, never evaluated."""

from __future__ import annotations

import ast
import itertools
import keyword
import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from derive.errors import Fault, ProblemError
from derive.ops import LOSSES, ROWS, WHOLE
from derive.spec.faults import Flaw, shorten
from derive.spec.grammar import Grammar, unknown
from derive.spec.names import NAME_RULE, is_name
from derive.spec.problem import Equation
from derive.spec.tree import words_in
from derive.spec.variation import Condition

FUNCTIONS = frozenset(WHOLE) | frozenset(LOSSES) | {name for name, row in ROWS.items() if not row.internal}

# What Python's parser is spared: beyond these, its stack or ours could overflow.
TEXT_LIMIT = 20_000
LINE_LIMIT = 4_000
BRACKET_LIMIT = 50
SIGN_LIMIT = 50
DEPTH_LIMIT = 100

_SIGNS = re.compile(rf"(?:[+-]\s*){{{SIGN_LIMIT + 1},}}")
_FOREIGN = re.compile(r"[^A-Za-z0-9_+\-*/@.,()\[\]:=\"' \t]")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BEGINNING = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\s*=(?!=)")
_FORM = "`name = expression`"
_COMPARISON = "one comparison such as `L > 0.05`, with <, <=, > or >="
_RELATIONS: dict[type[ast.cmpop], Literal["<", "<=", ">", ">="]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_HINTS = {"^": "write ** for a power", "\u00d7": "write *", "\u00b7": "write *", "\u2212": "write -"}


class _Line(NamedTuple):
    """A logical line: continued inside brackets, without comments, with the file's line on which it starts."""

    text: str
    number: int


class Equations(NamedTuple):
    """The equations that can be read, what is wrong with the others, and the names that those may define.

    An equation with faults still counts as the definition of its name; what cannot be read in it is unknown. A name
    that is defined twice has both its equations here.
    """

    equations: tuple[Equation, ...]
    flaws: tuple[Flaw, ...] = ()
    unread: frozenset[str] = frozenset()


def parse_equations(
    text: str, first_line: int, functions: frozenset[str] = FUNCTIONS, name: str = "equations"
) -> tuple[Equation, ...]:
    """The equations of `text`, which starts on line `first_line` of the file `name`; all faults are raised at once."""
    equations, flaws, _ = collect_equations(text, itertools.count(first_line), functions)
    if flaws:
        raise ProblemError(*(Fault(flaw.found, flaw.expected, flaw.hint, f"{name}:{flaw.line}") for flaw in flaws))
    return equations


def collect_equations(text: str, numbers: Iterable[int], functions: frozenset[str] = FUNCTIONS) -> Equations:
    """The equations of a text and what is wrong with them; `numbers` are the file's lines of its rows."""
    if len(text.encode("utf-8", "replace")) > TEXT_LIMIT:
        start = next(iter(numbers))
        flaw = Flaw(f"equations of {len(text) // 1000} kB", f"at most {TEXT_LIMIT // 1000} kB", line=start)
        return Equations((), (flaw,), frozenset(words_in(text)))
    rows = zip(text.split("\n"), numbers, strict=False)
    equations: list[Equation] = []
    flaws: list[Flaw] = []
    unread: set[str] = set()
    first: dict[str, Equation] = {}
    for line in _logical_lines([_Line(row.partition("#")[0].strip(), number) for row, number in rows]):
        equation, found = _parse_line(line, functions)
        flaws += found
        if equation is None:
            unread.update(_names_of_unread(line.text))
            continue
        equations.append(equation)
        if first.setdefault(equation.target, equation) is not equation:
            flaws.append(_reuse_flaw(first[equation.target], equation))
    return Equations(tuple(equations), tuple(flaws), frozenset(unread))


def _logical_lines(rows: list[_Line]) -> Iterator[_Line]:
    """Join the rows between an opening bracket and its closing one; leave out the empty ones.

    Behind a bracket that is never closed, the next row that begins like an equation is one.
    """
    rows = [row for row in rows if row.text]
    while rows:
        depths = itertools.accumulate((_balance(row.text) for row in rows), lambda depth, step: max(0, depth + step))
        end = next((place for place, depth in enumerate(depths, start=1) if depth == 0), None)
        if end is None:
            starts = (place for place, row in enumerate(rows) if place and _BEGINNING.match(row.text))
            end = next(starts, len(rows))
        yield _Line(" ".join(row.text for row in rows[:end]), rows[0].number)
        rows = rows[end:]


def _names_of_unread(text: str) -> list[str]:
    """The names that a line which is no equation seems to define: those left of `=`, or else its first word."""
    left, equals, _ = text.partition("=")
    names = _WORD.findall(left)
    return names if equals else names[:1]


def _balance(text: str) -> int:
    return sum((character in "([") - (character in ")]") for character in text)


def _limit_flaw(line: _Line) -> Flaw | None:
    """The first limit that is exceeded; the line is not given to Python's parser then."""
    if _SIGNS.search(line.text):
        return Flaw("a long row of signs", f"at most {SIGN_LIMIT} signs in a row", line=line.number)
    if max(itertools.accumulate(map(_balance, line.text)), default=0) > BRACKET_LIMIT:
        return Flaw("brackets nested too deeply", f"at most {BRACKET_LIMIT} levels", line=line.number)
    if len(line.text) > LINE_LIMIT:
        found = f"an equation of {len(line.text)} characters"
        return Flaw(found, f"at most {LINE_LIMIT}", "name its parts in equations of their own", line=line.number)
    return None


def parse_condition(
    text: str, number: int, functions: frozenset[str] = FUNCTIONS
) -> tuple[Condition | None, list[Flaw]]:
    """The comparison of two expressions on line `number`, and what is wrong with it."""
    line = _Line(" ".join(text.split()), number)
    sides = line._replace(text=re.sub("[<>]", " ", line.text))
    if flaw := _limit_flaw(line) or _character_flaw(sides) or _word_flaw(line):
        return None, [flaw]
    try:
        statements = ast.parse(line.text).body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        return None, [_syntax_flaw(line, error, _COMPARISON)]
    match statements:
        case [ast.Expr(value=ast.Compare(left=left, ops=[relation], comparators=[right]))] if (
            type(relation) in _RELATIONS
        ):
            if max(_depth(left), _depth(right)) > DEPTH_LIMIT:
                return None, [_depth_flaw(line)]
            grammar = Grammar(line.text, number, functions)
            read = grammar.read(left), grammar.read(right)
            return Condition(read[0], _RELATIONS[type(relation)], read[1], line.text, number), grammar.flaws
    return None, [Flaw(f"`{shorten(line.text)}`", _COMPARISON, line=number)]


def _parse_line(line: _Line, functions: frozenset[str]) -> tuple[Equation | None, list[Flaw]]:
    """One equation, and what is wrong with it."""
    if flaw := _limit_flaw(line) or _character_flaw(line) or _word_flaw(line):
        return None, [flaw]
    try:
        statements = ast.parse(line.text).body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        return None, [_syntax_flaw(line, error)]
    match statements:
        case [ast.Assign(targets=[ast.Name(id=target)], value=tree)]:
            return _check_equation(line, target, tree, functions)
        case _:
            return None, [Flaw(f"`{shorten(line.text)}`", _FORM, line=line.number)]


def _check_equation(line: _Line, target: str, tree: ast.expr, functions: frozenset[str]) -> tuple[Equation, list[Flaw]]:
    if _depth(tree) > DEPTH_LIMIT:
        return Equation(target, unknown(), line.text, line.number), [_depth_flaw(line)]
    grammar = Grammar(line.text, line.number, functions)
    equation = Equation(target, grammar.read(tree), line.text, line.number)
    if not is_name(target) or target in functions:
        found = f"`{target}` as the name of a quantity"
        grammar.flaws.append(Flaw(found, NAME_RULE, line=line.number))
    return equation, grammar.flaws


def _depth_flaw(line: _Line) -> Flaw:
    hint = "name its parts in equations of their own"
    found = f"an expression of more than {DEPTH_LIMIT} operations one inside the other"
    return Flaw(found, f"at most {DEPTH_LIMIT}", hint, line=line.number)


def _depth(tree: ast.expr) -> int:
    """The height of the syntax tree, level by level, so that no recursion is needed to refuse a deep one."""
    level: list[ast.AST] = [tree]
    depth = 0
    while level:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        depth += 1
    return depth


def _character_flaw(line: _Line) -> Flaw | None:
    match = _FOREIGN.search(line.text)
    if match is None:
        return None
    character = match.group()
    found = f"the character `{character}`" if character.isprintable() else f"the character U+{ord(character):04X}"
    expected = "letters without accents, digits, _ and + - * / ** @ . , ( ) [ ] :"
    return Flaw(found, expected, _HINTS.get(character, ""), line=line.number)


def _word_flaw(line: _Line) -> Flaw | None:
    words = (word for word in _WORD.findall(line.text) if keyword.iskeyword(word) and word not in {"True", "False"})
    if word := next(words, None):
        hint = "choose another name, such as `lam`" if word == "lambda" else ""
        return Flaw(f"the reserved word `{word}`", "a name that is no word of Python", hint, line=line.number)
    return None


def _syntax_flaw(line: _Line, error: Exception, form: str = _FORM) -> Flaw:
    if _balance(line.text) > 0:
        return Flaw("a bracket that is never closed", form, line=line.number)
    if isinstance(error, SyntaxError) and error.msg:
        return Flaw(f"`{shorten(line.text)}` cannot be read: {error.msg}", form, line=line.number)
    return Flaw(f"`{shorten(line.text)}` is too deeply nested", form, line=line.number)


def _reuse_flaw(first: Equation, again: Equation) -> Flaw:
    found = f"`{again.target}` is defined twice, on line {first.line} and on line {again.line}"
    return Flaw(found, "each name once", "give the second quantity a name of its own", line=again.line)
