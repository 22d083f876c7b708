"""Which steps stand together on paper, and under which title."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from derive.ops import Fn, Plus, Tensor, Times, is_single, walk
from derive.program import Program, Role, Step
from derive.sheet.jacobian_chapters import jacobian_chapters
from derive.sheet.model import Chapter

ACTIVATIONS = ("function", "scaled_function", "softmax", "log_softmax")
NAMING = {  # titles that do not name the quantity, and the one that does in its place
    "activation": "quantity",
    "activation_alone": "quantity",
    "probabilities": "quantity",
    "output": "quantity",
    "through": "gradient",
    "through_alone": "gradient",
    "parameters": "gradient",
    "gradient_output": "gradient",
}


def chapters(program: Program, role: str) -> tuple[Chapter, ...]:
    """The steps of one pass, grouped: each forward step alone, gradients by the step they pass through."""
    layers = layer_names(program)
    if role == "forward":
        forward = program.by_role(Role.FORWARD) if has_target(program) else program.forward
        return _distinct(_forward(step, program, layers) for step in forward)
    if role == "loss":
        steps = program.by_role(Role.LOSS) if has_target(program) else ()
        return tuple(Chapter("loss", _loss_rule(step), (step,)) for step in steps)
    if role == "backward":
        return _distinct(_with_updates(_merged(_backward(program, layers)), program, layers))
    if role == "update":
        early = updated_on_the_way(program)
        return tuple(_updates([step for step in program.by_role(Role.UPDATE) if step not in early], program, layers))
    if role == "jacobian":
        return jacobian_chapters(program)
    kind = Role(role)
    return tuple(Chapter(role, role, (step,)) for step in program.by_role(kind))


def updated_on_the_way(program: Program) -> tuple[Step, ...]:
    """The updates that stand in front of a gradient which passes through the new weights."""
    new = {step.target for step in program.by_role(Role.UPDATE)}
    gradients = [(place, step) for place, step in enumerate(program) if step.role is Role.BACKWARD]
    last = max((place for place, step in gradients if new.intersection(step.uses)), default=0)
    return tuple(step for step in program.steps[:last] if step.role is Role.UPDATE)


def has_target(program: Program) -> bool:
    """Whether the scalar that is differentiated is a loss: something is compared with a target."""
    return any(quantity.role == "target" for quantity in program.givens)


def layer_names(program: Program) -> dict[str, str]:
    """For each affine step with parameters its layer: `hidden`, `hidden 1`, ..., `output`.

    Steps that stand side by side or share a parameter, as in a recurrent network, are no layers.
    """
    parameters = {quantity.name for quantity in program.givens if quantity.role == "parameter"}
    used = {step.name: parameters.intersection(t.name for t in step.uses) for step in program.forward}
    affine = [step.name for step in program.forward if step.rule in ("affine", "linear") and used[step.name]]
    shared = Counter(parameter for name in affine for parameter in used[name])
    leading = (program.leading_to(after) for after in affine[1:])
    if max(shared.values(), default=1) > 1 or not all(
        program[before] in steps for before, steps in zip(affine, leading, strict=False)
    ):
        return {}
    affine = [name for name in affine if _is_activated(program, name)] + [
        name for name in affine[-1:] if program.loss and not _is_activated(program, name)
    ]
    names = {name: f"hidden {number}" for number, name in enumerate(affine[:-1], 1)}
    if len(affine) == 2:
        names[affine[0]] = "hidden"
    return names | dict.fromkeys(affine[-1:], "output")


def _is_activated(program: Program, name: str) -> bool:
    """Whether an activation is applied to the quantity."""
    return any(_is_activation(step) and step.uses[:1] == (program.tensor(name),) for step in program.forward)


def _is_activation(step: Step) -> bool:
    """Whether a step applies a function that a layer may have: tanh, but not a logarithm."""
    functions = [node.row for node in walk(step.formula) if isinstance(node, Fn)]
    return step.rule in ACTIVATIONS and all(row.activation for row in functions[:1])


def _meets_target(name: str, program: Program) -> bool:
    """Whether the loss compares the quantity, or a function of it, with a target."""
    targets = {quantity.name for quantity in program.givens if quantity.role == "target"}
    targets |= {step.name for step in program.forward if targets.intersection(t.name for t in step.uses)}
    users = [step for step in program.forward if program.tensor(name) in step.uses]
    return any(
        step.role is Role.LOSS
        or targets.intersection(t.name for t in step.uses)
        or (step.rule in ACTIVATIONS and _meets_target(step.name, program))
        for step in users
    )


def _forward(step: Step, program: Program, layers: dict[str, str]) -> Chapter:
    layer = layers.get(step.name, "")
    if _is_activation(step):
        layer = layers.get(step.uses[0].name, "") if step.uses else ""
        is_probability = step.rule == "softmax" and _meets_target(step.name, program)
        title = "probabilities" if is_probability else "activation" if layer else "activation_alone"
    elif step.name in layers and (_is_activated(program, step.name) or _meets_target(step.name, program)):
        title = "pre_activation" if _is_activated(program, step.name) else "output"
    elif _is_term_of_the_loss(step.target, program):
        title = "loss_term"
    else:
        title = "one_hot" if step.rule == "one_hot" else "quantity"
    return Chapter(title, _function_rule(step), (step,), layer)


def _function_rule(step: Step) -> str:
    """A function of one number is not applied entry by entry; one that everybody knows, as exp, is not explained."""
    if step.rule != "function" or not is_single(step.target.shape):
        return step.rule
    return "function_of_number" if isinstance(step.formula, Fn) and step.formula.row.definition else "equation"


def _loss_rule(step: Step) -> str:
    """Whether a function is told that only this loss, or its gradient, has: that of Huber."""
    functions = [node.row for node in walk(step.formula) if isinstance(node, Fn)]
    has_own = any(row.internal and row.definition and "{0}" not in row.tex for row in functions[:1])
    return "loss_of_function" if has_own and step.rule == "loss" else step.rule


def _is_term_of_the_loss(tensor: Tensor, program: Program) -> bool:
    """Whether the loss is a sum in which a number stands by itself or with a factor: E = E_1 + lam E_2."""
    if program.loss is None or not isinstance(program.loss.formula, Plus) or not is_single(tensor.shape):
        return False
    terms = program.loss.formula.operands
    return any(tensor == term or (isinstance(term, Times) and tensor in term.operands) for term in terms)


def _backward(program: Program, layers: dict[str, str]) -> Iterable[Chapter]:
    """Gradients of parameters of one layer together; a local derivative with the gradient that it is for."""
    waiting: list[Step] = []
    for step in program.steps:
        if step.role is Role.LOCAL:
            waiting.append(step)
        elif step.role is Role.BACKWARD and step.gradient:
            title, layer = _gradient_title(step, step.gradient[1], program, layers)
            own = [local for local in waiting if local.gradient and local.gradient[1] == step.gradient[1]]
            waiting = [local for local in waiting if local not in own]
            yield Chapter(title, _loss_rule(step), (*own, step), layer)


def _with_updates(chapters: Iterable[Chapter], program: Program, layers: dict[str, str]) -> Iterable[Chapter]:
    """The updates of a layer behind its gradients, where later gradients pass through the new weights."""
    waiting, places = list(updated_on_the_way(program)), {step.name: place for place, step in enumerate(program)}
    for chapter in chapters:
        if not _is_of_parameter(chapter.steps[-1], program):
            before = [step for step in waiting if places[step.name] < places[chapter.steps[-1].name]]
            waiting = [step for step in waiting if step not in before]
            yield from _updates(before, program, layers)
        yield chapter
    yield from _updates(waiting, program, layers)


def _updates(steps: Iterable[Step], program: Program, layers: dict[str, str]) -> Iterable[Chapter]:
    """The updates of each layer together."""
    by_layer = groupby(steps, lambda step: layers.get(_user(program, step.name.rstrip("'")), ""))
    return (Chapter("update", "descend", tuple(run), layer) for layer, run in by_layer)


def _gradient_title(step: Step, quantity: str, program: Program, layers: dict[str, str]) -> tuple[str, str]:
    """The title of a gradient, with the layer that it names."""
    if _is_of_parameter(step, program):
        passed = {layers.get(through, "") for through in step.through}
        return "parameters", passed.pop() if len(passed) == 1 else ""
    if step.rule == "loss" and has_target(program) and not _is_term_of_the_loss(program.tensor(quantity), program):
        return "gradient_output", ""
    if step.rule == "slope" and _is_activated(program, quantity):
        return ("through", layers[quantity]) if quantity in layers else ("through_alone", "")
    return "fused" if step.rule == "fused" else "gradient", ""


def _is_of_parameter(step: Step, program: Program) -> bool:
    given = program.quantities.get(step.gradient[1]) if step.gradient else None
    return given is not None and given.role == "parameter"


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
    return tuple(_named(chapter) if _is_lone(chapter) else chapter for chapter in result)


def _is_lone(chapter: Chapter) -> bool:
    """Whether a single parameter, of no layer, has a chapter to itself."""
    return chapter.title == "parameters" and not chapter.layer and len(chapter.steps) == 1


def _distinct(found: Iterable[Chapter]) -> tuple[Chapter, ...]:
    """No two chapters with the same title: those that would have it name their quantity."""
    chapters = tuple(found)
    times = Counter((chapter.title, chapter.layer) for chapter in chapters)
    return tuple(_named(c) if times[c.title, c.layer] > 1 else c for c in chapters)


def _named(chapter: Chapter) -> Chapter:
    """A chapter under a title that names its quantity."""
    return replace(chapter, title=NAMING.get(chapter.title, chapter.title))
