"""Answers in filled notebooks, which are read as data: nothing in them is ever run.

A cell for an answer says in its metadata which quantity it is for: `{"derive": {"quantity": "dL/dW_1", "variable":
"dL_dW_1", "problem": digest, "variant": id}}`. What is assigned to the variable is read off the syntax tree, as far as
it is numbers.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from derive.errors import Fault
from derive.exam.roster import visible
from derive.grading.submissions import Found, Submission, SubmissionError, decoded, read_student, student_path
from derive.grading.values import DEEPEST, Flaw, FlawedNumber, Raw
from derive.spec.faults import shorten

LONGEST_CELL = 20_000  # characters
FOLDERS = ("submitted", "autograded")  # of nbgrader: submitted/<student>/<assignment>/<notebook>
_ARRAYS = frozenset({"np.array", "np.asarray", "numpy.array", "numpy.asarray", "array"})
_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)
_A_VALUE = "a number, a list of numbers, or a list of rows; nothing in a notebook is run"


def read_notebook(content: bytes, where: str, path: Path) -> Iterator[Found]:
    """The one sheet that a notebook is."""
    data = _data(content, where)
    student = read_student(_student(data, path), where)
    if isinstance(student, Fault):
        yield student
        return
    answers: dict[str, Raw] = {}
    variants: dict[str, None] = {}
    for cell, about in _answer_cells(data):
        name = f"{about['problem']}: {about['quantity']}" if about.get("problem") else str(about["quantity"])
        variants[str(about.get("variant") or "")] = None
        try:
            answers[name] = _answer(_source(cell), about.get("variable"))
        except FlawedNumber as error:
            flaw = error.flaw
            yield Fault(flaw.found, flaw.expected, flaw.hint, where, student_path(student, str(about["quantity"])))
    if not variants:
        expected, hint = (
            "a notebook that `derive notebook` wrote, filled in",
            "its cells carry the names of the answers",
        )
        yield Fault("no cell for an answer", expected, hint, where, student_path(student))
    elif len(variants) > 1:
        found = f"cells of the variants {', '.join(visible(shorten(variant)) or '(none)' for variant in variants)}"
        yield Fault(found, "a notebook of one variant", "", where, student_path(student))
    else:
        [variant] = variants
        yield Submission(student, variant, answers, where, is_notebook=True)


def _data(content: bytes, where: str) -> Mapping[str, Any]:
    try:
        data = json.loads(decoded(content, where))
    except (json.JSONDecodeError, RecursionError) as error:
        told = getattr(error, "msg", "brackets in brackets, too many of them")
        place = f"{where}:{error.lineno}" if isinstance(error, json.JSONDecodeError) else where
        raise SubmissionError(Fault(f"this is not JSON: {told}", "a notebook", where=place)) from None
    if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
        raise SubmissionError(Fault("JSON, but no notebook", "a notebook of format 4", where=where))
    return data


def _student(data: Mapping[str, Any], path: Path) -> object:
    """Whose notebook it is: as it says itself, as nbgrader's folders say, or as its file is called."""
    own = _about(data).get("student")
    if own:
        return own
    folders = path.absolute().parts
    return folders[-3] if len(folders) > 3 and folders[-4] in FOLDERS else path.stem


def _about(part: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = part.get("metadata")
    about = metadata.get("derive") if isinstance(metadata, dict) else None
    return about if isinstance(about, dict) else {}


def _answer_cells(data: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The cells for answers, with what they say of themselves."""
    for cell in data["cells"]:
        if isinstance(cell, dict) and cell.get("cell_type") == "code" and _about(cell).get("quantity"):
            yield cell, _about(cell)


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _answer(source: str, variable: object) -> Raw:
    """What the last assignment to the variable of an answer says; nothing where there is none."""
    if len(source) > LONGEST_CELL:
        raise FlawedNumber(Flaw(f"a cell of {len(source):,} characters", f"at most {LONGEST_CELL:,}"))
    try:
        tree = ast.parse(_MAGIC.sub("", source))
    except SyntaxError as error:
        raise FlawedNumber(Flaw(f"no Python: {error.msg} (line {error.lineno})", _A_VALUE)) from None
    except (ValueError, RecursionError, MemoryError):
        raise FlawedNumber(Flaw("a cell that is no Python", _A_VALUE)) from None
    found = {name: value for statement in tree.body for name, value in _assigned(statement)}
    if isinstance(variable, str) and variable in found:
        return _value(found[variable])
    if not found:
        return None
    if isinstance(variable, str):
        names = visible(shorten(", ".join(found)))
        raise FlawedNumber(Flaw(f"a value for {names}", f"a value for `{visible(shorten(variable))}`"))
    return _value(list(found.values())[-1])


def _assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(statement, ast.Assign):
        yield from ((target.id, statement.value) for target in statement.targets if isinstance(target, ast.Name))
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
        yield statement.target.id, statement.value


def _value(node: ast.expr, depth: int = 0) -> Raw:
    """Numbers, signs, fractions, lists, tuples, and arrays of NumPy; all else is refused."""
    if depth > DEEPEST:
        raise FlawedNumber(Flaw("brackets in brackets, too many of them", _A_VALUE))
    match node:
        case ast.List(elts=entries) | ast.Tuple(elts=entries):
            return [_value(entry, depth + 1) for entry in entries]
        case ast.Call(func=function, args=[value]) if _dotted(function) in _ARRAYS:
            return _value(value, depth + 1)
        case ast.Constant(value=None):
            return None
        case ast.Constant(value=bool() | complex() | bytes()):
            raise FlawedNumber(_refused(node))
        case ast.Constant(value=int() | float() | str() as number):
            return number
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            number = _number(operand, depth + 1)
            return -number if isinstance(sign, ast.USub) else number
        case ast.BinOp(left=top, op=ast.Div(), right=bottom):
            divisor = _number(bottom, depth + 1)
            if divisor == 0:
                raise FlawedNumber(Flaw("a division by zero", _A_VALUE))
            return _quotient(_number(top, depth + 1), divisor)
    raise FlawedNumber(_refused(node))


def _quotient(top: float, bottom: float) -> float:
    try:
        return top / bottom
    except OverflowError:
        raise FlawedNumber(Flaw("a number beyond all bounds", _A_VALUE)) from None


def _number(node: ast.expr, depth: int) -> float:
    value = _value(node, depth)
    if not isinstance(value, (int, float)):
        raise FlawedNumber(_refused(node))
    return value


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _refused(node: ast.expr) -> Flaw:
    try:
        text = visible(shorten(ast.unparse(node)))
    except RecursionError:
        text = "a very long formula"
    return Flaw(f"`{text}`", _A_VALUE)
