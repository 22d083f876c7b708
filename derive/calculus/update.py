"""One step of gradient descent: W' = W - eta dL/dW, and the forward pass again with the new parameters."""

from __future__ import annotations

from derive.calculus.differentiate import gradient_name
from derive.ops import Node, Plus, Tensor, Times, as_node
from derive.program import Program, Role, Step


def updated_name(name: str) -> str:
    """`W_1'`"""
    return f"{name}'"


def descend(program: Program, learning_rate: str, frozen: frozenset[str] = frozenset()) -> Program:
    """The program with the updated parameters and the forward pass after the step appended.

    Parameters are updated in the order of their gradients; frozen ones and those without a gradient stay.
    """
    loss = program.loss
    if loss is None:
        raise ValueError("there is no loss to descend")
    rate = program.tensor(learning_rate)
    parameters = {quantity.name: quantity.tensor for quantity in program.givens if quantity.role == "parameter"}
    updates = []
    for step in program.steps:
        if step.role is not Role.BACKWARD or step.gradient is None:
            continue
        if step.gradient[1] in parameters and step.gradient[1] not in frozen:
            updates.append(_update(parameters[step.gradient[1]], rate, loss.name))
    return program.extended(*updates, *_after(program, {step.name for step in updates}))


def _update(parameter: Tensor, rate: Tensor, loss: str) -> Step:
    gradient = Tensor(gradient_name(loss, parameter.name), parameter.shape)
    formula: Node = Plus(parameter, Times(as_node(-1), rate, gradient))
    return Step(Tensor(updated_name(parameter.name), parameter.shape), formula, Role.UPDATE, "descend")


def _after(program: Program, updated: set[str]) -> list[Step]:
    """The forward steps that change, with primed names."""
    renamed: dict[Tensor, Tensor] = {
        tensor: Tensor(updated_name(tensor.name), tensor.shape)
        for tensor in (quantity.tensor for quantity in program.givens)
        if updated_name(tensor.name) in updated
    }
    steps = []
    for step in program.forward:
        if not renamed.keys().isdisjoint(step.uses):
            renamed[step.target] = Tensor(updated_name(step.name), step.target.shape)
            formula = step.formula.xreplace(renamed)
            steps.append(Step(renamed[step.target], formula, Role.AFTER, step.rule, step.subject))
    return steps
