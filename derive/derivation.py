"""From a problem to the whole program: forward pass, gradients, Jacobians and entries that are asked for, update."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from derive.calculus import (
    Style,
    descend,
    differentiate,
    entry_jacobians,
    jacobian_name,
    jacobian_step,
    sample_jacobians,
    update_step,
)
from derive.errors import Fault, ProblemError
from derive.ops import Tensor, entry, show
from derive.program import Program, Role, Step, compile_problem, data_axes, find_first, sample_axes
from derive.spec import Problem
from derive.spec.names import Quantity, parse_quantity

MOST_NUMBERS = 1_000_000  # in a Jacobian


def derive_program(problem: Problem) -> Program:
    """The forward pass, the gradients, the Jacobians asked for, and the update, as one program."""
    program = compile_problem(problem)
    conventions = problem.conventions
    asked = list(wanted(problem))
    program = replace(program, partials=_partials(problem, program))
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
        program = _with_jacobian(problem, program, of, by)
    _require_changes(problem, program)
    if conventions.bias_index == 0:
        program = replace(program, first=find_first(program))
    return program.extended(*entry_steps(problem, program))


def _partials(problem: Problem, program: Program) -> dict[tuple[str, str], str]:
    """The partial derivatives of one step that are told apart from the total ones that the problem asks for."""
    pairs = {pair: program.held_fixed(*pair) for pair in wanted_jacobians(problem, program)}
    return {(of, by): f"{by}|{','.join(held)}" for (of, by), held in pairs.items() if held}


def _with_jacobian(problem: Problem, program: Program, of: str, by: str) -> Program:
    """The program with d(of)/d(by): one formula, one for each sample of a batch, or else entry by entry."""
    layout = problem.conventions.derivatives
    step = jacobian_step(program, of, by, layout)
    if step is not None:
        return program if step.name in program.names else program.extended(step)
    in_symbols = any(given.value is None for given in problem.givens)
    if not in_symbols:
        _require_room(problem, program, of, by)
    extended = sample_jacobians(program, of, by, sample_axes(program, data_axes(problem)), layout)
    if extended is not None:
        return extended
    first = find_first(program) if problem.conventions.bias_index == 0 else {}
    counted = first.get(of, (1,) * program.tensor(of).rank)
    found = entry_jacobians(program, of, by, layout, counted=counted, in_symbols=in_symbols)
    if found is None:
        shapes = show(program.tensor(of).shape), show(program.tensor(by).shape)
        raise ProblemError(
            _fault_of_ask(
                problem,
                jacobian_name(of, by),
                f"shapes {shapes[0]} and {shapes[1]}",
                "a formula that fits on paper: one of vectors, or sample by sample",
                "with numbers each entry is printed",
            )
        )
    return found


def _require_room(problem: Problem, program: Program, of: str, by: str) -> None:
    """A Jacobian has a number for each pair of entries, which may be too many."""
    sizes = (size for name in (of, by) for size in program.tensor(name).shape)
    count = math.prod(size for size in sizes if isinstance(size, int))
    if count > MOST_NUMBERS:
        expected = f"at most {MOST_NUMBERS}"
        raise ProblemError(
            _fault_of_ask(problem, jacobian_name(of, by), f"{count} numbers", expected, "ask for one of a smaller part")
        )


def _fault_of_ask(problem: Problem, name: str, found: str, expected: str, hint: str) -> Fault:
    """A fault where a Jacobian is named first."""
    lines = [(f"ask.{ask.quantity}", ask.line) for ask in problem.ask if _whole(ask.quantity) == name]
    lines += [(f"ask.{q.key}", q.line) for q in problem.questions if name in map(_whole, q.quantities)]
    path, line = next(iter(lines), (name, 0))
    source = str(problem.source or problem.name)
    where = f"{source}:{line}" if line else source
    return Fault(where=where, path=path, found=f"a Jacobian with {found}", expected=expected, hint=hint)


def _whole(name: str) -> str:
    quantity = parse_quantity(name)
    return quantity.whole if quantity else name


def wanted(problem: Problem) -> Iterator[str]:
    """The quantities that the problem asks for, asks about or bounds, entries under the name of the whole."""
    named = [*(ask.quantity for ask in problem.ask), *(bounds.quantity for bounds in problem.require.ranges)]
    for name in (*named, *(name for question in problem.questions for name in question.quantities)):
        yield _whole(name)


def wanted_jacobians(problem: Problem, program: Program) -> Iterable[tuple[str, str]]:
    """The pairs (of, by) whose Jacobian the problem asks for: `dy/dx` where y is not the loss."""
    for name in dict.fromkeys(wanted(problem)):
        quantity = parse_quantity(name)
        if quantity and quantity.by and (program.loss is None or quantity.name != program.loss.name):
            yield quantity.name, quantity.by


def _require_changes(problem: Problem, program: Program) -> None:
    """What is named with a prime must change in the step: the loss reaches it, and it rests on what is learnt."""
    named = [(f"ask.{ask.quantity}", ask.quantity, ask.line) for ask in problem.ask]
    named += [(f"ask.{item.key}", name, item.line) for item in problem.questions for name in item.quantities]
    named += [(f"require.range.{bounds.quantity}", bounds.quantity, bounds.line) for bounds in problem.require.ranges]
    source = str(problem.source or problem.name)
    faults = [
        Fault(
            where=f"{source}:{line}" if line else source,
            path=path,
            found=f"`{quantity.whole}`, but the step does not change `{quantity.name}`",
            expected="a parameter that the step updates, or a quantity that depends on one",
        )
        for path, name, line in named
        if (quantity := parse_quantity(name)) and quantity.updated and quantity.whole not in program.names
    ]
    if faults:
        raise ProblemError(*faults)


def entry_steps(problem: Problem, program: Program) -> Iterator[Step]:
    """A step for each single entry that is asked for: `dL/dW_1[1,2]`, counted as the program counts entries."""
    named = [(f"ask.{ask.quantity}", ask.quantity, ask.line) for ask in problem.ask]
    named += [(f"ask.{item.key}", name, item.line) for item in problem.questions for name in item.computed]
    asked = [(*place, quantity) for place in named if (quantity := parse_quantity(place[1])) and quantity.entry]
    apart = [place for place in asked if place[-1].whole not in program.names]
    if apart:
        raise ProblemError(*(_no_matrix(problem, *place) for place in apart))
    outside = [place for place in asked if not _is_within(program, place[-1])]
    if outside:
        raise ProblemError(*(_no_entry(*place, program, problem) for place in outside))
    for name in dict.fromkeys(name for _, name, *_ in asked):
        whole, index = program.place_of(name)
        step = program[whole]
        yield Step(Tensor(name), entry(step.formula, index), Role.ENTRY, "entry", step.subject)


def _is_within(program: Program, quantity: Quantity) -> bool:
    """Whether an entry lies within the shape; that of a symbolic width always does."""
    shape, first = program.tensor(quantity.whole).shape, program.first_index(quantity.whole)
    return len(quantity.entry) == len(shape) and all(
        index >= start and (not isinstance(length, int) or index < start + length)
        for index, length, start in zip(quantity.entry, shape, first, strict=True)
    )


def _no_matrix(problem: Problem, path: str, name: str, line: int, quantity: Quantity) -> Fault:
    source = str(problem.source or problem.name)
    return Fault(
        where=f"{source}:{line}" if line else source,
        path=path,
        found=f"`{name}` of a Jacobian that is not one matrix",
        expected=f"`{quantity.whole}`, which is printed in parts",
    )


def _no_entry(path: str, name: str, line: int, quantity: Quantity, program: Program, problem: Problem) -> Fault:
    source, whole = str(problem.source or problem.name), quantity.whole
    return Fault(
        where=f"{source}:{line}" if line else source,
        path=path,
        found=f"`{name}` of a quantity whose shape is {show(program.tensor(whole).shape)}",
        expected=f"one index for each axis, counted from {_counted_from(program.first_index(whole))}",
    )


def _counted_from(first: tuple[int, ...]) -> str:
    """`1`, or `0 for the row and from 1 for the column` where these differ."""
    if len(set(first)) < 2:
        return str(next(iter(first), 1))
    return " and from ".join(f"{start} for the {axis}" for axis, start in zip(("row", "column"), first, strict=True))
