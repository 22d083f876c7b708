"""The program of steps in NumPy: one step of gradient descent line by line, and the loop that repeats it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from derive.code.expressions import Writer, without_sign
from derive.code.folding import statement
from derive.code.model import Gap, Line, Part, Source, plain
from derive.code.names import program_names
from derive.code.numpy_language import NUMPY
from derive.code.pieces import (
    EPOCHS,
    bound_symbols,
    definitions,
    free_sizes,
    given_parts,
    imports,
    indented,
    is_numeric,
    needs_safe_logs,
    rate_line,
    require_training,
    sizes_line,
    step_lines,
    steps_part,
    title_of,
)
from derive.code.toy import around_sizes, seed_line, training_data
from derive.evaluate import Values
from derive.ops import Plus
from derive.program import Program, Role, Step
from derive.spec import Problem

INSIDE = 8  # columns in front of the body of the two loops
GIVEN = ("parameter", "constant", "input", "target")


def numpy_step(problem: Problem, program: Program, values: Values | None = None) -> Source:
    """Every step of the program as a line of NumPy, with its shape: forward, backward, update, and what it brought."""
    writer = Writer(NUMPY, program_names(program), needs_safe_logs(program, values))
    early = problem.conventions.update_uses == "new"  # then an update stands between the gradients
    update = program.by_role(Role.UPDATE)
    backward = program.by_role(Role.BACKWARD, Role.LOCAL, *([Role.UPDATE] if early else []))
    untold = _like_parameters(problem, program)
    heading = "backward pass, each parameter updated as soon as it can be" if early and update else "backward pass"
    groups = [
        steps_part("forward pass", program.forward, writer),
        steps_part(heading, backward, writer, untold),
        steps_part("Jacobians", program.by_role(Role.SAMPLE, Role.WAY, Role.JACOBIAN), writer),
        steps_part("update: one step of gradient descent", () if early else update, writer, untold),
        steps_part("forward pass with the new parameters", program.by_role(Role.AFTER), writer),
    ]
    parts = [*_given(problem, program, writer), *(group for group in groups if group), _show(program, writer)]
    return _assembled(problem, writer, parts)


def _given(problem: Problem, program: Program, writer: Writer) -> list[Part]:
    """The given numbers; random ones of the right shape for a problem without numbers."""
    if is_numeric(problem):
        rate = rate_line(problem, writer.names)
        parts = [*given_parts(problem, program, writer, GIVEN), *([rate] if rate else [])]
    else:
        roles = ("input", "target")
        data = training_data(problem, program, writer) if any(g.role in roles for g in problem.givens) else []
        names = ", ".join(writer.names[given.name] for given in problem.givens if given.role in roles)
        first = [plain(f"{names} = training_data[0]")] if data else []
        parts = [*random_parts(problem, program, writer), *data, *first]
    symbols = bound_symbols(problem, program, writer)
    return [*parts, *([symbols] if symbols else [])]


def random_parts(problem: Problem, program: Program, writer: Writer) -> list[Part]:
    """Sizes for the dimension symbols, and small random parameters."""
    sizes = sizes_line(free_sizes(problem, program), writer)
    before, behind = around_sizes(writer)
    lines: list[Line] = []
    for given in problem.givens:
        if given.role in ("parameter", "constant"):
            shape = program.tensor(given.name).shape
            pieces = (
                f"{writer.names[given.name]} = 0.1 * {before}",
                Gap(writer.sizes(shape), f"size:{given.name}"),
                behind,
            )
            lines.append(Line(pieces if shape else (f"{writer.names[given.name]} = 0.1",)))
    parameters = (*plain("# small random parameters"), *lines) if lines else ()
    found = [(*seed_line(writer), *sizes), parameters, rate_line(problem, writer.names)]
    return [part for part in found if part]


def _show(program: Program, writer: Writer) -> Part:
    """Print the loss before and after the step."""
    if program.loss is None:
        return ()
    shown = [name for name in (program.loss.name, f"{program.loss.name}'") if name in program.names]
    return plain(f"print({', '.join(writer.names[name] for name in shown)})")


def _assembled(problem: Problem, writer: Writer, parts: list[Part]) -> Source:
    parts = [*definitions(writer), *(part for part in parts if part)]
    return Source(writer.language.name, title_of(problem), (imports(parts, ["import numpy as np"]), *parts))


# ------------------------------------------------------------------------------------------------ the loop


def numpy_loop(problem: Problem, program: Program, values: Values | None = None) -> Source:
    """Gradient descent over mini-batches: the steps inside two loops, parameters updated in place."""
    loss = require_training(problem, program)
    early = problem.conventions.update_uses == "new"  # then a gradient may need the old and the new weights
    names, updates = program_names(program), program.by_role(Role.UPDATE)
    old = {step.name: names[step.name.removesuffix("'")] for step in updates}
    if not early:
        names |= old
    writer = Writer(NUMPY, names, needs_safe_logs(program, values))
    untold = _like_parameters(problem, program)
    if early:
        steps = program.by_role(Role.BACKWARD, Role.LOCAL, Role.UPDATE)
        replaced = plain(*(f"{old[step.name]} = {names[step.name]}" for step in updates))
        groups = {"forward pass": _steps(program.forward, writer), "backward pass": _steps(steps, writer, untold)}
        groups["the new parameters take the place of the old"] = replaced
    else:
        backward = program.by_role(Role.BACKWARD, Role.LOCAL)
        groups = {"forward pass": _steps(program.forward, writer), "backward pass": _steps(backward, writer, untold)}
        groups["update"] = tuple(line for step in updates for line in _in_place(step, writer, untold))
    body = [(*plain(f"# {heading}"), *lines) for heading, lines in groups.items()]
    inputs = [given for given in problem.givens if given.role in ("input", "target")]
    if is_numeric(problem):
        packed = ", ".join(writer.names[given.name] for given in inputs)
        given = given_parts(problem, program, writer, GIVEN)
        rate = rate_line(problem, writer.names)
        data = [plain(f"training_data = [{packed if len(inputs) == 1 else f'({packed})'}]")] if inputs else []
        before = [*given, rate, *data]
    else:
        before = [*random_parts(problem, program, writer), *training_data(problem, program, writer)]
    return _assembled(problem, writer, [*before, _loop(problem, program, writer, body, loss)])


def _like_parameters(problem: Problem, program: Program) -> frozenset[str]:
    """The quantities with the shape of a parameter, where the sizes of the parameters are gaps: gradients, updates."""
    if is_numeric(problem):
        return frozenset()
    names = {given.name for given in problem.givens if given.role == "parameter"}
    gradients = (s.name for s in program.by_role(Role.BACKWARD) if s.gradient and s.gradient[1] in names)
    return frozenset([*gradients, *(step.name for step in program.by_role(Role.UPDATE))])


def _steps(steps: Iterable[Step], writer: Writer, untold: Collection[str] = ()) -> Part:
    return tuple(line for step in steps for line in step_lines(step, writer, untold, INSIDE))


def _in_place(step: Step, writer: Writer, untold: Collection[str]) -> Part:
    """`W1 -= eta * dL_dW1`"""
    change = step.formula.operands[1] if isinstance(step.formula, Plus) else None
    positive = without_sign(change) if change is not None else None
    if positive is None:
        return step_lines(step, writer, untold, INSIDE)
    return statement(f"{writer.names[step.name]} -= ", writer.text(positive), step.name, indent=INSIDE)


def _loop(problem: Problem, program: Program, writer: Writer, body: list[Part], loss: Step) -> Part:
    """`for epoch in ...: for X, T in training_data: ...`"""
    inputs = [writer.names[given.name] for given in problem.givens if given.role in ("input", "target")]
    symbols = bound_symbols(problem, program, writer, batches=True)
    inner = [line for part in (symbols, *body) if part for line in (*part, Line())][:-1]
    shown = f"{writer.names[loss.name]}{'' if not loss.target.rank else '.item()'}"
    each = plain(f"    for {', '.join(inputs)} in training_data:") if inputs else ()
    return (
        *plain(f"for epoch in range({EPOCHS}):"),
        *each,
        *indented(tuple(inner), 2 if each else 1),
        *plain(f'    print(f"epoch {{epoch + 1}}: loss {{{shown}:.4f}}")'),
    )
