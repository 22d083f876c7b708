"""From a problem to the whole program: forward pass, gradients, Jacobians and entries that are asked for, update."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from derive.calculus import Style, descend, differentiate, jacobian_step, sample_jacobians, update_step
from derive.errors import Fault, ProblemError
from derive.ops import Tensor, entry, show
from derive.program import Program, Role, Step, compile_problem
from derive.spec import Problem
from derive.spec.names import parse_quantity
from derive.spec.problem import Ask


def derive_program(problem: Problem) -> Program:
    """The forward pass, the gradients, the Jacobians asked for, and the update, as one program."""
    program = compile_problem(problem)
    conventions = problem.conventions
    asked = list(wanted(problem))
    if program.loss:
        prefix = f"d{program.loss.name}/d"
        parameters = [quantity.name for quantity in program.givens if quantity.role == "parameter"]
        shown = frozenset(name.removeprefix(prefix) for name in asked if name.startswith(prefix))
        frozen = frozenset(conventions.frozen)
        rate = problem.update.symbol if problem.update else ""
        uses_new = bool(rate) and conventions.update_uses == "new"
        forward = program
        style = Style(
            fused=conventions.fused,
            shown=shown,
            numerator=conventions.derivatives == "numerator",
            updates=(lambda tensor: update_step(forward, tensor.name, rate, frozen)) if uses_new else None,
        )
        program = differentiate(program, [*parameters, *shown], style)
        if rate:
            program = descend(program, rate, frozen)
    for of, by in list(wanted_jacobians(problem, program)):
        step = jacobian_step(program, of, by, conventions.derivatives)
        if step is None:
            program = sample_jacobians(program, of, by, conventions.samples == "columns", conventions.derivatives)
        elif step.name not in program.names:
            program = program.extended(step)
    return program.extended(*entry_steps(problem, program))


def wanted(problem: Problem) -> Iterator[str]:
    """The quantities that the problem asks for or asks about, entries under the name of the whole."""
    named = [ask.quantity for ask in problem.ask]
    for name in (*named, *(name for question in problem.questions for name in question.quantities)):
        quantity = parse_quantity(name)
        yield quantity.whole if quantity else name


def wanted_jacobians(problem: Problem, program: Program) -> Iterable[tuple[str, str]]:
    """The pairs (of, by) whose Jacobian the problem asks for: `dy/dx` where y is not the loss."""
    for name in dict.fromkeys(wanted(problem)):
        quantity = parse_quantity(name)
        if quantity and quantity.by and (program.loss is None or quantity.name != program.loss.name):
            yield quantity.name, quantity.by


def entry_steps(problem: Problem, program: Program) -> Iterator[Step]:
    """A step for each single entry that is asked for: `dL/dW_1[1,2]`, counted from 1."""
    asked = [(ask, quantity) for ask in problem.ask if (quantity := parse_quantity(ask.quantity)) and quantity.entry]
    outside = [(ask, quantity) for ask, quantity in asked if not _is_within(program[quantity.whole], quantity.entry)]
    if outside:
        raise ProblemError(*(_no_entry(ask, program[quantity.whole], problem) for ask, quantity in outside))
    for ask, quantity in asked:
        step = program[quantity.whole]
        formula = entry(step.formula, tuple(place - 1 for place in quantity.entry))
        yield Step(Tensor(ask.quantity), formula, Role.ENTRY, "entry", step.subject)


def _is_within(step: Step, place: tuple[int, ...]) -> bool:
    """Whether an entry lies within the shape; that of a symbolic width always does."""
    shape = step.target.shape
    return len(place) == len(shape) and all(
        index >= 1 and (not isinstance(length, int) or index <= length)
        for index, length in zip(place, shape, strict=True)
    )


def _no_entry(ask: Ask, step: Step, problem: Problem) -> Fault:
    source = str(problem.source or problem.name)
    return Fault(
        where=f"{source}:{ask.line}" if ask.line else source,
        path=f"ask.{ask.quantity}",
        found=f"`{ask.quantity}` of a quantity whose shape is {show(step.target.shape)}",
        expected="one index for each axis, counted from 1",
    )
