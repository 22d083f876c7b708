"""Problem -> Program: the forward pass as named steps."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

import sympy

from derive.errors import Fault, ProblemError
from derive.ops import (
    Dot,
    Fn,
    LogSoftmax,
    Node,
    OneHot,
    Plus,
    Samples,
    Shape,
    Softmax,
    Tensor,
    Times,
    as_shape,
    is_single,
    walk,
)
from derive.program.fitting import behind, faults_in
from derive.program.orientation import find_rows
from derive.program.program import Program, Quantity, Role, Step
from derive.program.translate import Translator, dimension
from derive.spec import Draft, Given, OneMore, Problem, Size


def compile_problem(problem: Problem) -> Program:
    """The forward pass of a problem as a program of steps; raises `ProblemError` where shapes do not fit."""
    givens = _givens(problem)
    pairs, faults = _translate(problem, {quantity.name: quantity.tensor for quantity in givens})
    if faults:
        raise ProblemError(*(fault for _, fault in faults))
    if unknown := {equation.target for equation in problem.equations} - {tensor.name for tensor, _ in pairs}:
        raise ValueError(f"the equations of {', '.join(sorted(unknown))} hold names that mean nothing")
    of = problem.of or (pairs[-1][0].name if pairs else "")
    steps = [_step(tensor, formula, tensor.name == of) for tensor, formula in pairs]
    return Program(tuple(givens), tuple(steps), dict(problem.dimensions), find_rows(steps))


def shape_faults(draft: Draft) -> list[tuple[int, Fault]]:
    """What does not fit together in the equations of a file that may be wrong elsewhere, each fault with its line."""
    problem = draft.problem
    faults = _translate(problem, {q.name: q.tensor for q in _givens(problem) if q.name not in draft.unknown})[1]
    known = set(faults)
    for other in problem.vary.structures:
        found = _translate(other.problem, {q.name: q.tensor for q in _givens(other.problem)})[1]
        more = [(line, fault) for line, fault in found if (line, fault) not in known]
        faults += [(line, replace(fault, path=f"{fault.path}, for {other.label}")) for line, fault in more]
    return faults


def _givens(problem: Problem) -> list[Quantity]:
    givens = [Quantity(Tensor(given.name, bound_shape(given, problem)), given.role) for given in problem.givens]
    return givens + ([Quantity(Tensor(problem.update.symbol), "constant")] if problem.update else [])


def bound_shape(given: Given, problem: Problem) -> Shape:
    """The shape with every dimension symbol that numbers bind replaced by its number."""
    return as_shape(_dimension(size, problem.dimensions) for size in given.shape)


def _dimension(size: Size, numbers: Mapping[str, int]) -> sympy.Expr:
    """A dimension with the number of its symbol, where there is one."""
    if isinstance(size, OneMore):
        return _dimension(size.symbol, numbers) + 1
    number = numbers.get(size) if isinstance(size, str) else size
    return dimension(str(size)) if number is None else sympy.Integer(number)


def _translate(problem: Problem, known: dict[str, Tensor]) -> tuple[list[tuple[Tensor, Node]], list[tuple[int, Fault]]]:
    """The steps of all equations, and what does not fit in them; what needs an unknown quantity is unknown itself."""
    taken = frozenset(known) | {equation.target for equation in problem.equations}
    translator = Translator(known, taken, problem.conventions.relu_at_zero, _samples(problem))
    faults: list[tuple[int, Fault]] = []
    for equation in problem.equations:
        if further := behind(translator, equation, problem.symbols):
            translator = further
            continue
        found = faults_in(translator, equation.tree, problem.symbols)
        faults += [(equation.line, _located(fault, problem, equation.line, equation.text)) for fault in found]
    for condition in problem.require.conditions:  # its two sides go together as in a difference
        found = faults_in(translator, ast.BinOp(condition.left, ast.Sub(), condition.right), problem.symbols)
        faults += [(condition.line, _located(fault, problem, condition.line, condition.text)) for fault in found]
    return translator.steps, faults


def _samples(problem: Problem) -> Samples | None:
    """How the number of samples of a batch in the short form is written, and on which axis they lie."""
    if problem.mlp is None or problem.mlp.samples == "one":
        return None
    given = next(given for given in problem.givens if given.role == "input")
    axis = int(problem.mlp.samples == "columns")
    size = given.shape[axis]
    return Samples(_dimension(size, {}), axis)


def _located(fault: Fault, problem: Problem, line: int, text: str) -> Fault:
    where = f"{problem.source or problem.name}:{line}"
    return replace(fault, where=fault.where or where, path=fault.path or f"in `{text}`")


def _step(tensor: Tensor, formula: Node, is_differentiated: bool) -> Step:
    if is_differentiated and is_single(tensor.shape):
        return Step(tensor, formula, Role.LOSS, "loss")
    rule, subject = _rule(formula)
    return Step(tensor, formula, Role.FORWARD, rule, subject)


def _rule(formula: Node) -> tuple[str, str]:
    """What kind of step this is, and the function it applies."""
    match formula:
        case Fn():
            return "function", formula.row.name
        case Softmax():
            return "softmax", "softmax"
        case LogSoftmax():
            return "log_softmax", "log_softmax"
        case OneHot():
            return "one_hot", ""
        case Times() if any(isinstance(operand, Fn) for operand in formula.operands):
            [function, *_] = [operand for operand in formula.operands if isinstance(operand, Fn)]
            return "scaled_function", function.row.name
    if any(isinstance(node, Dot) for node in walk(formula)):
        return ("affine" if isinstance(formula, Plus) else "linear"), ""
    return "equation", ""
