"""The route `questions`: what stands in tables, options, listings and readings, held against the program itself.

It reads the finished LaTeX and knows the questions as the author asked them, not how they were composed: shapes and
counts are those of arrays, formulas are evaluated at runs of the program, one option is right and all others are not,
a limit is seen from far away, a slope by differences. A worksheet is held against its key: what is not blank is the
same on both, and what is asked for is blank.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator

from derive.check.latex_document import mathematics, spelling
from derive.check.latex_tokens import ReadingError
from derive.check.question_answers import answer
from derive.check.question_document import Hole, Part, listing, options, question_parts, tables
from derive.check.question_graph import check_graph_prompt
from derive.check.question_terms import Asked, DiffersError, Functions, is_blank, require
from derive.check.report import Finding
from derive.errors import DeriveError
from derive.spec.questions import Choose, Code, Explain, Express, Limit, OnTheGraph, Question, Slice, Sweep

QUESTIONS = "questions"


def check_questions(asked: Asked, tex: str, functions: Functions) -> Iterator[Finding]:
    """A finding for each question, by its kind and what it is about."""
    parts = question_parts(tex)
    if len(parts) != len(asked.questions):
        note = f"{len(parts)} questions in the document", f"{len(asked.questions)} questions"
        yield Finding(QUESTIONS, "template", False, None, *note)
        return
    keys = question_parts(asked.key) if asked.blank else parts
    for question, part, key in zip(asked.questions, parts, keys, strict=True):
        finding = _finding(question, part, key, asked, functions)
        if finding.passed and isinstance(question, OnTheGraph):
            finding = check_graph_prompt(finding, question, (part.prompt, key.prompt), asked, tex)
        yield finding


def name_of(question: Question) -> str:
    """`choice dL/dW_1`: the kind, and the quantities that it names."""
    return " ".join([question.key, *question.quantities[:1]])


def _finding(question: Question, part: Part, key: Part, asked: Asked, functions: Functions) -> Finding:
    name = name_of(question)
    try:
        _check_prompt(question, part, asked)
        _check_figures(part, asked)
        if asked.blank:
            _check_same(part, key)
        _check_listing(question, part, key, asked)
        answer(question, part, asked, functions)
    except DiffersError as error:
        return Finding(QUESTIONS, name, False, None, error.found, error.expected)
    except ReadingError as error:
        return Finding(QUESTIONS, name, False, None, error.tex, "LaTeX that can be read again", str(error))
    except (ValueError, ArithmeticError, SyntaxError, DeriveError) as error:
        return Finding(QUESTIONS, name, False, None, str(error), "an answer that can be read again")
    return Finding(QUESTIONS, name, True)


def _check_prompt(question: Question, part: Part, asked: Asked) -> None:
    """The symbols in the prompt are those of what is asked, and the points are the author's."""
    said = {spelling(tex) for tex in mathematics(part.prompt)}
    known = [asked.symbol(name) for name in question.quantities]
    if isinstance(question, Choose | Express | Limit | Slice | Sweep):
        wanted = [*known, *([asked.symbol(question.varied)] if question.varied else [])]
        require(said == set(map(spelling, wanted)), part.prompt, f"a prompt about {', '.join(wanted)}")
    if isinstance(question, Explain):
        require(part.prompt.strip() == asked.text(question.explain), part.prompt, "the author's question")
    points = [int(number) for number in re.findall(r"\d+", part.points)]
    require(points == ([question.points] if question.points else []), part.points, f"{question.points or 'no'} points")


def _check_figures(part: Part, asked: Asked) -> None:
    """A sheet includes figures of its own: those of the solution would tell."""
    for name in re.findall(r"\\includegraphics\{([^{}]*)\}", part.content):
        require(name.startswith(f"{asked.kind}-"), name, f"a figure of the {asked.kind}")


def _check_same(part: Part, key: Part) -> None:
    """What a worksheet shows in a table or as an option is what the key shows there; no option is marked."""
    if not part.content.count("includegraphics"):
        own, full = tables(part.content), tables(key.content)
        require(len(own) == len(full), f"{len(own)} tables", f"{len(full)} tables as on the key")
        for rows, all_rows in zip(own, full, strict=True):
            require(list(map(len, rows)) == list(map(len, all_rows)), "another table", "the table of the key")
            for cell, complete in zip(itertools.chain(*rows), itertools.chain(*all_rows), strict=True):
                require(is_blank(cell) or spelling(cell) == spelling(complete), cell, f"{complete} as on the key")
    for option in options(part.content):
        require(not option.is_right and not option.note, f"option {option.letter} with a mark", "options alike")
    shown = [spelling(option.content) for option in options(part.content)]
    require(
        shown == [spelling(option.content) for option in options(key.content)],
        f"{len(shown)} options",
        "the options of the key in its order",
    )


def _check_listing(question: Question, part: Part, key: Part, asked: Asked) -> None:
    """A key holds a program of Python; a worksheet holds the same with gaps, and no answer in it."""
    lines, full = listing(part.content), listing(key.content)
    require(bool(lines) == isinstance(question, Code), f"{len(lines)} lines of code", "code where it is asked for")
    if not asked.blank:
        text = "\n".join("".join(_filled(piece) for piece in line) for line in lines)
        ast.parse(text)
        require(not lines or any(isinstance(piece, Hole) for line in lines for piece in line), text, "an answer")
        return
    full = list(_not_continued(full))
    require(len(lines) == len(full), f"{len(lines)} lines", f"{len(full)} lines as on the key")
    for line, complete in zip(lines, full, strict=True):
        told = [piece.answer for piece in line if isinstance(piece, Hole) and piece.answer is not None]
        require(not told, ", ".join(told), "a gap")
        require(_outline(line) == _outline(complete), _outline(line), f"{_outline(complete)} as on the key")


def _not_continued(lines: list[list[str | Hole]]) -> Iterator[list[str | Hole]]:
    """The lines without those on which an answer that opened a bracket goes on: a worksheet has one gap for all."""
    depth = 0
    for line in lines:
        answer = "".join(piece.answer or "" for piece in line if isinstance(piece, Hole))
        if depth == 0:
            yield line
        depth += sum(answer.count(sign) for sign in "([{") - sum(answer.count(sign) for sign in ")]}")


def _filled(piece: str | Hole) -> str:
    require(isinstance(piece, str) or bool(piece.answer), "a gap", "its answer")
    return piece if isinstance(piece, str) else piece.answer or ""


def _outline(line: list[str | Hole]) -> str:
    """A line with its gaps empty, its spaces folded."""
    return " ".join("".join(piece if isinstance(piece, str) else " ___ " for piece in line).split())
