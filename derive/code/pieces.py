"""What all programs are put together from: imports, functions they define, given numbers, steps, headings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from derive.code.binding import Written, level_of
from derive.code.constants import constant
from derive.code.expressions import Language, Writer, fill
from derive.code.folding import array_lines, assignment, list_lines
from derive.code.model import Line, Part, comment_text, plain
from derive.errors import Fault, ProblemError
from derive.evaluate import FloatArithmetic, Values
from derive.ops import ROWS, Array, Constant, Fn, Node, OneHot, Row, Tensor, evaluate, walk
from derive.program import Program, Role, Step
from derive.spec import Given, Literal, Problem, Size

ARRAY = {"numpy": "np.array(", "pytorch": "torch.tensor("}
EPOCHS = 10
SAMPLES, HIDDEN, INPUTS, OUTPUTS = 32, 16, 8, 3  # sizes for dimension symbols that no numbers bind


def refuse(problem: Problem, found: str, expected: str, hint: str = "") -> ProblemError:
    """The fault of a problem that cannot be written as such a program."""
    return ProblemError(Fault(found, expected, hint, where=str(problem.source or problem.name)))


def title_of(problem: Problem) -> str:
    """The title of the problem as a comment, which no title can break out of."""
    return comment_text(problem.title)


def imports(parts: Iterable[Part], first: Sequence[str]) -> Part:
    """The import statements that a program needs: its own library, and what occurs in its text."""
    text = "\n".join(
        piece if isinstance(piece, str) else piece.answer for p in parts for line in p for piece in line.pieces
    )
    lines = list(first)
    if re.search(r"\bF\.", text):
        lines.insert(lines.index("import torch") + 1, "import torch.nn.functional as F")
    if re.search(r"\bmath\.", text):
        lines = ["import math", "", *lines]
    return plain(*lines)


def definitions(writer: Writer) -> list[Part]:
    """The functions that the program defines for itself, in the order in which it first uses them."""
    return [
        plain(*writer.language.helpers[name]) if name in writer.language.helpers else _row(ROWS[name], default, writer)
        for name, default in writer.helpers.items()
    ]


def _row(row: Row, default: bool, writer: Writer) -> Part:
    """`def sigmoid(u): return 1 / (1 + np.exp(-u))` from a row of the table."""
    arguments = ["u", "v"][: row.arity]
    parameters = [] if default else [name for name, _ in row.parameters]
    pattern = writer.language.pattern(row, default)
    values = [constant(writer, Constant(number))[0] for _, number in row.parameters]
    shown = [*arguments, *(values if default else parameters)]
    signature = [*arguments, *(f"{name}={value}" for name, value in zip(parameters, values, strict=False))]
    body = fill(pattern, [_bound(text) for text in shown])[0]
    return plain(f"def {row.name.removesuffix('_of')}({', '.join(signature)}):", f"    return {body}")


def _bound(text: str) -> Written:
    """A piece of text with how tightly it binds."""
    return text, level_of(text)


# ------------------------------------------------------------------------------------------------ steps


def steps_part(heading: str, steps: Iterable[Step], writer: Writer, untold: Collection[str] = ()) -> Part:
    """Steps one by one, each a gap, with the shape behind it unless that is asked for elsewhere."""
    lines = [line for step in steps for line in step_lines(step, writer, untold)]
    return (*plain(f"# {heading}"), *lines) if lines else ()


def step_lines(step: Step, writer: Writer, untold: Collection[str] = (), indent: int = 0) -> Part:
    """`z = np.tanh(a)  # (2,)`"""
    comment = "" if step.name in untold else writer.shape(step.target.shape)
    return assignment(
        writer.names[step.name], formula_text(step.formula, step.target, writer), step.name, comment, indent
    )


def formula_text(formula: Node, target: Tensor, writer: Writer) -> str:
    """The formula; a single number in another shape than its quantity has is reshaped."""
    is_torch = writer.language.name == "pytorch"
    if formula.shape == target.shape:
        return f"torch.as_tensor({writer.text(formula)})" if is_torch and not formula.tensors else writer.text(formula)
    module = "torch" if is_torch else "np"
    return f"{module}.reshape({writer.text(formula)}, {writer.shape(target.shape)})"


def indented(part: Part, levels: int = 1) -> Part:
    """All lines further to the right."""
    return tuple(line.indented(levels) for line in part)


def needs_safe_logs(program: Program, values: Values | None) -> bool:
    """Whether t log p as on paper would meet 0 log 0 with these numbers."""
    if values is None:
        return False
    arithmetic = FloatArithmetic(program.dimensions)
    for step in program.steps:
        for node in walk(step.formula):
            if isinstance(node, Fn) and node.row.spelled:
                known: dict[Node, Array] = {tensor: values[tensor.name] for tensor in node.tensors}
                with np.errstate(all="ignore"):
                    written = evaluate(node.row.spelled(*node.arguments), known, arithmetic)
                if not np.isfinite(written).all():
                    return True
    return False


# ------------------------------------------------------------------------------------------------ given quantities


def is_numeric(problem: Problem) -> bool:
    """Whether there are numbers for all quantities; a symbolic problem has at most those of constants."""
    return all(given.value is not None for given in problem.givens)


def class_indices(program: Program) -> frozenset[str]:
    """The quantities that hold class indices."""
    nodes = (node for step in program.steps for node in walk(step.formula))
    return frozenset(node.operands[0].tensors[0].name for node in nodes if isinstance(node, OneHot))


def number_lines(given: Given, name: str, language: Language, whole: bool, comment: str = "") -> Part:
    """`W1 = np.array([[0.1, 0.3], ...])`, the numbers as the author wrote them; NumPy keeps plain numbers plain."""
    assert given.value is not None
    texts = number_texts(given.value, whole)
    if not given.value.shape:
        entry = str(texts.item())
        return (
            Line((f"{name} = {entry}" if language.name == "numpy" else f"{name} = torch.tensor({entry})",), comment),
        )
    start = f"{name} = {ARRAY[language.name]}"
    if len(given.value.shape) == 1:
        return list_lines(start, texts.tolist(), ")", comment)
    return array_lines(start, texts.tolist(), ")", comment)


def number_texts(literal: Literal, whole: bool) -> Array:
    """The entries as text; where all are whole numbers a point makes them floats, unless they are class indices."""
    if whole:
        return np.array(np.frompyfunc(lambda exact: str(int(exact)), 1, 1)(literal.exact), dtype=object)
    texts = np.array(literal.text, dtype=object)
    if all(text.lstrip("+-").isdigit() for text in texts.flat):
        return np.array(np.frompyfunc(lambda text: f"{text}.0", 1, 1)(texts), dtype=object)
    return texts


def rate_line(problem: Problem, names: Mapping[str, str]) -> Part:
    """`eta = 0.1`; a problem without numbers gets one that is usual, smaller for steps after each single sample."""
    if problem.update is None:
        return ()
    rate = problem.update.learning_rate
    in_batches = any(given.role == "input" and len(given.shape) == 2 for given in problem.givens)
    text = str(rate.text.item()) if rate is not None else "0.1" if in_batches else "0.01"
    return (Line((f"{names[problem.update.symbol]} = {text}",), "learning rate"),)


def given_parts(
    problem: Problem, program: Program, writer: Writer, roles: Sequence[str], shapes: bool = True
) -> list[Part]:
    """The given numbers of these roles, one part for each, with their shapes or without."""
    whole = class_indices(program)
    parts = []
    for role in roles:
        lines: list[Line] = []
        for given in problem.givens:
            if given.role == role:
                shape = writer.shape(program.tensor(given.name).shape) if shapes else ""
                lines += number_lines(given, writer.names[given.name], writer.language, given.name in whole, shape)
        if lines:
            heading = f"# {role}s" if len([g for g in problem.givens if g.role == role]) > 1 else f"# {role}"
            parts.append((*plain(heading), *lines))
    return parts


def bound_symbols(problem: Problem, program: Program, writer: Writer, batches: bool = False) -> Part:
    """`N = X.shape[0]` for each symbol that the steps written so far use and that numbers bind.

    Where there are `batches`, one may be smaller than the others: each tells how many samples it has.
    """
    bound = set(program.dimensions) | (batch_symbols(problem) if batches else set())
    found: dict[str, str] = {}
    for given in sorted(problem.givens, key=lambda given: given.role != "input"):
        for axis, dimension in enumerate(given.shape):
            if isinstance(dimension, str) and dimension in writer.symbols and dimension in bound:
                found.setdefault(dimension, f"{writer.names[dimension]} = {writer.names[given.name]}.shape[{axis}]")
    others = (s for s in sorted(writer.symbols & set(program.dimensions)) if s not in found)
    return plain(*found.values(), *(f"{writer.names[s]} = {program.dimensions[s]}" for s in others))


def batch_symbols(problem: Problem) -> set[str]:
    """The symbols for the number of samples: the first axis of the inputs, or the second where samples are columns."""
    axis = 1 if problem.mlp is not None and problem.conventions.samples == "columns" else 0
    shapes = (given.shape for given in problem.givens if given.role == "input" and len(given.shape) == 2)
    return {size for size in (shape[axis] for shape in shapes) if isinstance(size, str)}


def free_sizes(problem: Problem, program: Program) -> dict[str, int]:
    """Sizes to run a problem with whose symbols no numbers bind: samples, inputs, outputs, hidden widths."""
    sizes: dict[str, int] = {}
    sizes |= dict.fromkeys(sorted(batch_symbols(problem)), SAMPLES)
    for role, size in (("input", INPUTS), ("target", OUTPUTS)):
        for given in problem.givens:
            if given.role == role:
                for dimension in given.shape:
                    _note(sizes, dimension, size)
    for given in problem.givens:
        for dimension in given.shape:
            _note(sizes, dimension, HIDDEN)
    return {symbol: size for symbol, size in sizes.items() if symbol not in program.dimensions}


def _note(sizes: dict[str, int], dimension: Size, size: int) -> None:
    if isinstance(dimension, str):
        sizes.setdefault(dimension, size)


def sizes_line(sizes: dict[str, int], writer: Writer) -> Part:
    """`N, H = 32, 16`"""
    if not sizes:
        return ()
    left = ", ".join(writer.names[symbol] for symbol in sizes)
    return (Line((f"{left} = {', '.join(map(str, sizes.values()))}",), "sizes to try it with"),)


def require_training(problem: Problem, program: Program) -> Step:
    """The loss of a program with an update; anything else cannot be trained."""
    if program.loss is None:
        raise refuse(problem, "nothing is differentiated", "a last equation with one number as its result")
    if not program.by_role(Role.UPDATE):
        hint = "`update: {sgd: {learning_rate: 0.1}}`"
        raise refuse(problem, "a problem without an update", "an update, for a loop that trains", hint)
    return program.loss


def require_old_weights(problem: Problem) -> None:
    """Gradients through weights already updated are not those of the loss, which is what a library computes."""
    if problem.conventions.update_uses == "new":
        hint = "the styles `step` and `loop` of NumPy write the steps as they are derived"
        raise refuse(problem, "gradients through the new weights (`update_uses: new`)", "`update_uses: old`", hint)
