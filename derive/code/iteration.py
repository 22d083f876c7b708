"""The five steps of a training iteration in PyTorch, in the right order, with the code of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class IterationStep:
    """One step: `key` names its words, `code` is its line."""

    key: str
    code: str
    comment: str


def training_iteration(
    x: str = "x", prediction: str = "y_pred", loss: str = "loss_function(y_pred, y)"
) -> tuple[IterationStep, ...]:
    """Predict, measure, forget, differentiate, step."""
    return (
        IterationStep("predict", f"{prediction} = model({x})", "generate a prediction"),
        IterationStep("loss", f"loss = {loss}", "compute the loss"),
        IterationStep("zero_grad", "optimizer.zero_grad()", "set the gradients to zero"),
        IterationStep("backward", "loss.backward()", "compute the gradients"),
        IterationStep("step", "optimizer.step()", "step against the gradients"),
    )
