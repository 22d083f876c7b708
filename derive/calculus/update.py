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

    Parameters are updated in the order of their gradients, those already updated stay where they are; frozen ones and
    those without a gradient stay as they are.
    """
    updates = []
    for step in program.by_role(Role.BACKWARD):
        assert step.gradient is not None
        update = update_step(program, step.gradient[1], learning_rate, frozen)
        if update is not None and update.name not in program.names:
            updates.append(update)
    updated = program.extended(*updates)
    return updated.extended(*_after(updated, {step.name for step in updated.by_role(Role.UPDATE)}))


def update_step(program: Program, name: str, learning_rate: str, frozen: frozenset[str]) -> Step | None:
    """W' = W - eta dL/dW; None for what is no parameter, or frozen."""
    loss = program.loss
    quantity = program.quantities.get(name)
    if loss is None or quantity is None or quantity.role != "parameter" or name in frozen:
        return None
    parameter = quantity.tensor
    gradient = Tensor(gradient_name(loss.name, name), parameter.shape)
    formula: Node = Plus(parameter, Times(as_node(-1), program.tensor(learning_rate), gradient))
    return Step(Tensor(updated_name(name), parameter.shape), formula, Role.UPDATE, "descend")


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
