"""Conventions that decide the numbers of a sheet and that it must say: new weights, frozen ones, slopes at kinks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy

from derive.check.differences import kinked_steps
from derive.evaluate import ExactArithmetic, Values, exact_array
from derive.ops import Array, Constant, Fn, Node, Tensor, as_node, evaluate, walk
from derive.program import Program, Role, Step
from derive.spec import Problem

TIED = (Tensor("u"), Tensor("v"))


@dataclass(frozen=True)
class ChosenSlope:
    """The derivative that is taken where a function has none: at 0, or of two arguments at a tie, by the first."""

    function: Fn
    value: Constant


@dataclass(frozen=True)
class Choices:
    """Which updated parameters gradients pass through, which ones stay as they are, and the slopes at kinks."""

    updated: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()
    slopes: tuple[ChosenSlope, ...] = ()


def find_choices(problem: Problem, program: Program, values: Values | None) -> Choices:
    """The conventions that this program and these numbers rest on."""
    new = (t.name for step in program.by_role(Role.BACKWARD) for t in step.uses if t.name.endswith("'"))
    frozen = (name for name in problem.conventions.frozen if problem.update and program.loss)
    functions = dict.fromkeys(_functions(program, values))
    return Choices(tuple(dict.fromkeys(new)), tuple(frozen), tuple(_chosen(function) for function in functions))


def _functions(program: Program, values: Values | None) -> Iterator[Fn]:
    """The functions whose slope at a kink is the author's choice, or needed for these numbers."""
    standing = frozenset(kinked_steps(program, values)) if values is not None else frozenset()
    for step in _differentiated(program):
        for node in walk(step.formula):
            if not isinstance(node, Fn) or node.row.kink is None or node.row.internal:
                continue
            function = Fn(node.row.name, *TIED[: node.row.arity], *node.parameters)
            if step.name in standing or _is_stated(function):
                yield function


def _is_stated(function: Fn) -> bool:
    """Whether the author has chosen another slope at 0 than the usual one."""
    defaults = dict(function.row.parameters)
    chosen = {name: p for p, (name, _) in zip(function.parameters, function.row.parameters, strict=True)}
    return "at_zero" in chosen and chosen["at_zero"] != Constant(defaults["at_zero"])


def _differentiated(program: Program) -> list[Step]:
    """The forward steps that a derivative passes through."""
    derivatives = program.by_role(Role.LOCAL, Role.BACKWARD)
    names = {name for step in derivatives for name in (*step.through, step.gradient[0] if step.gradient else "")}
    if program.by_role(Role.JACOBIAN):
        names |= {step.name for step in program.forward}
    return [step for step in program.forward if step.name in names]


def _chosen(function: Fn) -> ChosenSlope:
    """The slope at 0, or by the first of two equal numbers, as the derivation takes it."""
    whole = function.row.slopes[0](*function.operands, function)
    zero: dict[Node, Array] = {tensor: exact_array(0) for tensor in TIED}
    exact = exact_array(evaluate(as_node(whole), zero, ExactArithmetic({}))).flat[0].settled().number
    number = sympy.Rational(int(exact.p), int(exact.q))
    written = (p for p in function.parameters if isinstance(p, Constant) and p.number == number)
    return ChosenSlope(function, next(written, Constant(number)))
