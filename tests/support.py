"""Shared by the tests: small problems, and the same problems in PyTorch, read from the author's equations."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from textwrap import dedent
from typing import Any

import numpy as np
import torch

from derive.calculus import Style, differentiate
from derive.evaluate import FloatArithmetic, Values, evaluate_program
from derive.ops import ROWS, Array, Node, Tensor, evaluate
from derive.program import Program, compile_problem
from derive.spec import Problem, read_text

functional = torch.nn.functional


# ------------------------------------------------------------------------------------------------ problems


def problem_of(text: str) -> Problem:
    return read_text(dedent(text))


def program_of(text: str) -> Program:
    """The forward program of a problem text."""
    return compile_problem(problem_of(text))


def equations(forward: str, **shapes: tuple[int | str, ...]) -> str:
    """A problem without numbers: all its quantities are parameters, their shapes as given."""
    lines = "\n".join(f"  {line.strip()}" for line in forward.strip().splitlines())
    declared = ", ".join(f"{name}: [{', '.join(map(str, shape))}]" for name, shape in shapes.items())
    return f"forward: |\n{lines}\nparameters: [{', '.join(shapes)}]\nshapes: {{{declared}}}\n"


def parameters(program: Program) -> list[str]:
    return [quantity.name for quantity in program.givens if quantity.role == "parameter"]


def derived(text: str, wanted: Iterable[str] = (), **options: Any) -> Program:
    """The program of a problem text with the gradients of its parameters, or of what is wanted."""
    program = program_of(text)
    return differentiate(program, wanted or parameters(program), Style(**options))


def forward_lines(text: str) -> list[str]:
    return [str(step) for step in program_of(text)]


def derivation(text: str, wanted: Iterable[str] = (), **options: Any) -> list[str]:
    """The lines of a derivation that come after the forward pass."""
    program = derived(text, wanted, **options)
    return [str(step) for step in program if step not in program.forward]


def numbers(problem: Problem) -> dict[str, Array]:
    """The given numbers as floats, the learning rate among them."""
    values = {given.name: given.value.floats for given in problem.givens if given.value is not None}
    if problem.update and problem.update.learning_rate:
        values[problem.update.symbol] = problem.update.learning_rate.floats
    return values


def evaluated(program: Program, problem: Problem) -> Values:
    return evaluate_program(program, numbers(problem))


def value_of(node: Node, values: Mapping[str, Any], dimensions: Mapping[str, int] | None = None) -> Array:
    """The value of an expression, its quantities by name."""
    known: dict[Node, Array] = {
        tensor: np.asarray(values[tensor.name]) for tensor in node.tensors if tensor.name in values
    }
    return evaluate(node, known, FloatArithmetic(dimensions or {}))


def random_values(tensors: Iterable[Tensor], generator: np.random.Generator, n: int = 2) -> dict[str, Array]:
    """Numbers between 0.2 and 0.9 for quantities whose dimension symbols are all `n`."""
    return {
        tensor.name: generator.uniform(0.2, 0.9, tuple(size if isinstance(size, int) else n for size in tensor.shape))
        for tensor in tensors
    }


# ------------------------------------------------------------------------------------------------ PyTorch


def torch_expression(pattern: str, *operands: Any) -> torch.Tensor:
    """The value of a table entry in PyTorch: the pattern with names in the places of its operands."""
    names = {f"operand_{place}": operand for place, operand in enumerate(operands)}
    return eval(pattern.format(*names), {"torch": torch}, names)  # noqa: S307  # the project's own table


def torch_values(problem: Problem) -> dict[str, torch.Tensor]:
    """All quantities by PyTorch, from the author's equations alone; their gradients after `backward` of the last."""
    known: dict[str, torch.Tensor] = {}
    for given in problem.givens:
        assert given.value is not None
        known[given.name] = torch.tensor(given.value.floats, requires_grad=given.role != "target")
    interpreter = _Equations(known, problem.dimensions)
    for equation in problem.equations:
        known[equation.target] = interpreter.visit(equation.tree)
        if known[equation.target].requires_grad:
            known[equation.target].retain_grad()
    return known


def torch_gradients(problem: Problem) -> dict[str, Array]:
    """The gradient of the last quantity with respect to every other, by autograd."""
    known = torch_values(problem)
    known[problem.equations[-1].target].sum().backward()
    return {name: value.grad.numpy() for name, value in known.items() if value.grad is not None}


class _Equations(ast.NodeVisitor):
    """The equation language in PyTorch."""

    operations: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
        ast.Add: lambda left, right: left + right,
        ast.Sub: lambda left, right: left - right,
        ast.Mult: lambda left, right: left * right,
        ast.Div: lambda left, right: left / right,
        ast.Pow: lambda left, right: left**right,
        ast.MatMult: lambda left, right: left @ right,
    }

    def __init__(self, known: dict[str, torch.Tensor], dimensions: Mapping[str, int]) -> None:
        self.known, self.dimensions = known, dimensions

    def visit_Name(self, node: ast.Name) -> Any:
        return self.known[node.id] if node.id in self.known else self.dimensions[node.id]

    def visit_Constant(self, node: ast.Constant) -> Any:
        return node.value

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        return -self.visit(node.operand) if isinstance(node.op, ast.USub) else self.visit(node.operand)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        return self.operations[type(node.op)](self.visit(node.left), self.visit(node.right))

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        return self.visit(node.value).T

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return self.visit(node.value)[tuple(map(self.item, items))]

    def item(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Slice):
            return slice(*(None if bound is None else ast.literal_eval(bound) for bound in (node.lower, node.upper)))
        return ast.literal_eval(node)

    def visit_Call(self, node: ast.Call) -> Any:
        assert isinstance(node.func, ast.Name)
        arguments = [self.visit(argument) for argument in node.args]
        options = {keyword.arg: self.visit(keyword.value) for keyword in node.keywords}
        return torch_call(node.func.id, arguments, options)


def torch_call(name: str, arguments: list[Any], options: dict[str, Any]) -> Any:
    """A function of the equation language."""
    if name in TORCH_LOSSES:
        return torch_loss(name, *arguments, **options)
    if name == "identity":
        return arguments[0]
    if name in ROWS:
        row = ROWS[name]
        own = [options.get(parameter, float(default)) for parameter, default in row.parameters]
        lifted = [torch.as_tensor(argument, dtype=torch.float64) for argument in arguments]
        return torch_expression(row.torch, *lifted, *own)
    return TORCH_FUNCTIONS[name](arguments[0], **options)


def _augment(u: torch.Tensor, axis: int = 1, last: bool = False) -> torch.Tensor:
    axis = axis if u.ndim == 2 else 0
    ones = torch.ones_like(u.narrow(axis, 0, 1))
    return torch.cat([u, ones] if last else [ones, u], dim=axis)


TORCH_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "sum": torch.sum,
    "mean": torch.mean,
    "augment": _augment,
    "softmax": lambda u, axis=-1: torch.softmax(u, axis),
    "log_softmax": lambda u, axis=-1: torch.log_softmax(u, axis),
}


def torch_loss(
    name: str, y: torch.Tensor, t: torch.Tensor, reduction: str = "mean", factor: float = 1, **options: Any
) -> torch.Tensor:
    """A loss by the function of torch.nn.functional; columns are transposed, since PyTorch knows rows only."""
    axis = options.pop("axis", -1)
    if y.ndim == 2 and axis == 0:
        y, t = y.T, t.T if t.ndim == 2 else t
    if t.ndim == 0 and not name.startswith("cross"):
        t = t.expand_as(y)
    return factor * TORCH_LOSSES[name](y, t, reduction=reduction, **options)


def _cross_entropy(logits: torch.Tensor, t: torch.Tensor, reduction: str) -> torch.Tensor:
    indices = t.ndim < logits.ndim
    return functional.cross_entropy(logits, t.long() if indices else t, reduction=reduction)


def _negative_log_likelihood(p: torch.Tensor, t: torch.Tensor, reduction: str) -> torch.Tensor:
    indices = t if t.ndim < p.ndim else t.argmax(dim=-1)
    return functional.nll_loss(torch.log(p), indices.long(), reduction=reduction)


def _hinge(y: torch.Tensor, t: torch.Tensor, reduction: str) -> torch.Tensor:
    """PyTorch has none for t = ±1 but `hinge_embedding_loss`, whose margin loss of t = -1 is max(0, 1 - u)."""
    return functional.hinge_embedding_loss(t * y, -torch.ones_like(y), reduction=reduction)


TORCH_LOSSES: Mapping[str, Callable[..., torch.Tensor]] = {
    "mse": functional.mse_loss,
    "mae": functional.l1_loss,
    "huber": functional.huber_loss,
    "bce": functional.binary_cross_entropy,
    "bce_logits": functional.binary_cross_entropy_with_logits,
    "cross_entropy": _negative_log_likelihood,
    "cross_entropy_logits": _cross_entropy,
    "hinge": _hinge,
}
