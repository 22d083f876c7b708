"""Losses by name: what a problem's last equation calls, and PyTorch's functions for it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from derive.code.binding import level_of
from derive.code.expressions import Writer, fill
from derive.ops import LOSSES, OneHot, Softmax, Tensor, is_single
from derive.program import Program
from derive.spec import Problem

# The classes of torch.nn for the functions of torch.nn.functional; a loss without one is written as the function.
CLASSES = {
    "mse_loss": "MSELoss",
    "l1_loss": "L1Loss",
    "huber_loss": "HuberLoss",
    "cross_entropy": "CrossEntropyLoss",
    "binary_cross_entropy": "BCELoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
}


@dataclass(frozen=True)
class NamedLoss:
    """A call such as `mse(y, t, reduction="sum", factor=1/2)`: its operands by name, its options as text."""

    name: str
    prediction: str
    target: str
    options: Mapping[str, str]

    @property
    def keywords(self) -> tuple[str, ...]:
        """The options that PyTorch takes, too."""
        kept = [key for key in (*LOSSES[self.name].options, "reduction") if key in self.options and key != "axis"]
        return tuple(f"{key}={self.options[key]}" for key in kept if self.options[key] != '"mean"')

    @property
    def factor(self) -> str:
        """What the loss is multiplied by, such as `1/2 * `; empty for nothing."""
        text = self.options.get("factor", "")
        return f"{text} * " if text else ""

    @property
    def in_columns(self) -> bool:
        """Whether classes stand in rows, one sample in each column."""
        return self.options.get("axis") == "0"


def named_loss(problem: Problem) -> NamedLoss | None:
    """The loss that the differentiated equation is a call of, with quantities as arguments."""
    name = problem.of or (problem.equations[-1].target if problem.equations else "")
    for equation in problem.equations:
        if equation.target == name:
            return _read(equation.tree)
    return None


def _read(tree: ast.expr) -> NamedLoss | None:
    match tree:
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=y), ast.Name(id=t)], keywords=keywords) if (
            name in LOSSES
        ):
            options = {keyword.arg or "": _option(keyword.value) for keyword in keywords}
            return NamedLoss(name, y, t, options)
    return None


def _option(tree: ast.expr) -> str:
    """An option as program text; words in double quotes."""
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        return f'"{tree.value}"'
    return ast.unparse(tree)


@dataclass(frozen=True)
class TorchLoss:
    """A loss as a call of torch.nn.functional: `function(prediction, target, keywords)` times a factor.

    `pattern` is an expression for each entry where there is no function. `prediction` and `target` are the quantities
    that it takes: logits in place of probabilities, class indices in place of one-hot vectors.
    """

    loss: NamedLoss
    function: str
    pattern: str
    prediction: Tensor
    target: Tensor

    def text(self, writer: Writer, prediction: str = "", target: str = "") -> str:
        """The whole expression; the arguments may be given other names."""
        y, t = prediction or self.argument(writer, self.prediction), target or self.second(writer)
        if self.pattern:
            reduction = self.loss.options.get("reduction", '"mean"').strip('"')
            entries = fill(self.pattern, [(y, level_of(y)), (t, level_of(t))])[0]
            return f"{self.loss.factor}{entries}.{reduction}()"
        return f"{self.loss.factor}F.{self.function}({', '.join((y, t, *self.loss.keywords))})"

    def argument(self, writer: Writer, tensor: Tensor) -> str:
        """A quantity, with samples in rows, which is what PyTorch knows."""
        text = writer.text(tensor)
        return f"{text}.T" if self.loss.in_columns and tensor.rank == 2 else text

    def second(self, writer: Writer) -> str:
        """The target in the shape of the prediction, where one number stands for all."""
        text, y, t = self.argument(writer, self.target), self.prediction.shape, self.target.shape
        if LOSSES[self.loss.name].classes or y == t or self.pattern:
            return text
        return f"{text}.reshape({writer.shape(y)})" if is_single(y) else f"{text}.expand({writer.shape(y)})"


def torch_loss(problem: Problem, program: Program) -> TorchLoss | None:
    """The loss as a function of PyTorch; None where it is written out, or PyTorch has none for it."""
    call = named_loss(problem)
    if call is None or call.prediction not in program.names or call.target not in program.names:
        return None
    row = LOSSES[call.name]
    prediction, target = program.tensor(call.prediction), program.tensor(call.target)
    if not row.classes:
        if "{0}" in row.torch:
            return TorchLoss(call, "", row.torch, prediction, target)
        return TorchLoss(call, row.torch, "", prediction, target) if row.torch else None
    logits = _logits(program, call, prediction)
    return TorchLoss(call, "cross_entropy", "", logits, target) if logits is not None else None


def _logits(program: Program, call: NamedLoss, prediction: Tensor) -> Tensor | None:
    """What the softmax was taken of; PyTorch's cross-entropy applies one itself."""
    if LOSSES[call.name].of == "logits":
        return prediction
    step = program[prediction.name] if prediction.name not in program.quantities else None
    inner = step.formula.operands[0] if step and isinstance(step.formula, Softmax) else None
    return inner if isinstance(inner, Tensor) else None


def needed_steps(program: Program, used: set[str]) -> frozenset[str]:
    """The forward steps that are there for more than one-hot vectors, or that something written uses."""
    kept = {step.name for step in program.forward if not isinstance(step.formula, OneHot)}
    return frozenset(kept | used)
