"""Which steps stand together on paper, and under which title."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from derive.program import Program, Role, Step
from derive.sheet.model import Chapter

ACTIVATIONS = ("function", "scaled_function", "softmax", "log_softmax")


def chapters(program: Program, role: str) -> tuple[Chapter, ...]:
    """The steps of one pass, grouped: each forward step alone, gradients by the step they pass through."""
    layers = layer_names(program)
    if role == "forward":
        forward = program.by_role(Role.FORWARD) if has_target(program) else program.forward
        return tuple(_forward(step, program, layers) for step in forward)
    if role == "loss":
        return tuple(Chapter("loss", "loss", (step,)) for step in program.by_role(Role.LOSS) if has_target(program))
    if role == "backward":
        return _merged(_backward(program, layers))
    if role == "update":
        steps = program.by_role(Role.UPDATE)
        by_layer = groupby(steps, lambda step: layers.get(_user(program, step.name.rstrip("'")), ""))
        return tuple(Chapter("update", "descend", tuple(run), layer) for layer, run in by_layer)
    return tuple(Chapter("jacobian", "jacobian", (step,)) for step in program.by_role(Role.JACOBIAN))


def has_target(program: Program) -> bool:
    """Whether the scalar that is differentiated is a loss: something is compared with a target."""
    return any(quantity.role == "target" for quantity in program.givens)


def layer_names(program: Program) -> dict[str, str]:
    """For each affine step with parameters its layer: `hidden`, `hidden 1`, ..., `output`."""
    parameters = {quantity.name for quantity in program.givens if quantity.role == "parameter"}
    affine = [
        step.name
        for step in program.forward
        if step.rule in ("affine", "linear") and any(tensor.name in parameters for tensor in step.uses)
    ]
    affine = [name for name in affine if _is_activated(program, name)] + [
        name for name in affine[-1:] if program.loss and not _is_activated(program, name)
    ]
    names = {name: f"hidden {number}" for number, name in enumerate(affine[:-1], 1)}
    if len(affine) == 2:
        names[affine[0]] = "hidden"
    return names | dict.fromkeys(affine[-1:], "output")


def _is_activated(program: Program, name: str) -> bool:
    """Whether an activation is applied to the quantity."""
    return any(step.rule in ACTIVATIONS and step.uses[:1] == (program.tensor(name),) for step in program.forward)


def _forward(step: Step, program: Program, layers: dict[str, str]) -> Chapter:
    if step.rule in ACTIVATIONS:
        title = "probabilities" if step.rule == "softmax" else "activation"
    elif step.name in layers:
        title = "pre_activation" if _is_activated(program, step.name) else "output"
    else:
        title = "quantity"
    return Chapter(title, step.rule, (step,), layers.get(step.name, ""))


def _backward(program: Program, layers: dict[str, str]) -> Iterable[Chapter]:
    """Gradients of parameters of one layer together; a local derivative with the gradient that it is for."""
    parameters = {quantity.name for quantity in program.givens if quantity.role == "parameter"}
    waiting: list[Step] = []
    for step in program.steps:
        if step.role is Role.LOCAL:
            waiting.append(step)
        elif step.role is Role.BACKWARD and step.gradient:
            through = step.through[0] if len(step.through) == 1 else ""
            if step.gradient[1] in parameters:
                title = "parameters"
            elif step.rule == "loss":
                title = "gradient_output" if has_target(program) else "gradient"
            else:
                title = {"slope": "through", "fused": "fused"}.get(step.rule, "gradient")
            yield Chapter(title, step.rule, (*waiting, step), layers.get(through, ""))
            waiting = []


def _user(program: Program, parameter: str) -> str:
    """The forward step that uses a parameter."""
    return next((s.name for s in program.forward if any(t.name == parameter for t in s.uses)), "")


def _merged(found: Iterable[Chapter]) -> tuple[Chapter, ...]:
    """Chapters of the same layer and title joined: dL/dW_2 and dL/db_2 are one entry."""
    result: list[Chapter] = []
    for chapter in found:
        last = result[-1] if result else None
        if last and chapter.title == last.title == "parameters" and chapter.layer == last.layer:
            result[-1] = Chapter(last.title, last.rule, last.steps + chapter.steps, last.layer)
        else:
            result.append(chapter)
    return tuple(result)
