"""Route 4: reverse-mode automatic differentiation by PyTorch, from the problem's equations, where it is installed."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Mapping
from typing import Any

from derive.check.differences import at_kinks, compare, kinked_steps, through_new_weights
from derive.check.interpret import Interpreter
from derive.check.report import Finding
from derive.evaluate import Values
from derive.ops import Loss, Row
from derive.program import Program, Role
from derive.spec import Problem

ROUTE = "autograd"
TOLERANCE = 1e-9


def is_available() -> bool:
    """Whether PyTorch is installed."""
    return importlib.util.find_spec("torch") is not None


def check_by_autograd(problem: Problem, program: Program, values: Values) -> tuple[Finding, ...]:
    """A finding for each gradient of a quantity that the author named; none where nothing is differentiated."""
    if program.loss is None:
        return ()
    import torch

    known: dict[str, Any] = dict(problem.dimensions)
    for given in problem.givens:
        known[given.name] = torch.tensor(values[given.name], dtype=torch.float64, requires_grad=True)
    interpreter = Interpreter(TorchLibrary(), known)
    for equation in problem.equations:
        value = torch.as_tensor(interpreter.value(equation.tree), dtype=torch.float64)
        known[equation.target] = value
        if value.requires_grad:  # otherwise it is a constant
            value.retain_grad()
    if (loss := known[program.loss.name]).requires_grad:  # one that is a constant has no derivatives to compare
        loss.sum().backward()
    findings = []
    affected, kinked = through_new_weights(program), kinked_steps(program, values)
    for step in program.by_role(Role.BACKWARD):
        assert step.gradient is not None
        if step.name in affected:
            continue
        gradient = getattr(known.get(step.gradient[1]), "grad", None)
        if gradient is not None:
            finding = compare(ROUTE, step.name, values[step.name], gradient.numpy(), TOLERANCE)
            findings.append(at_kinks(finding, kinked))
    return tuple(findings)


class TorchLibrary:
    """The functions of the equation language on PyTorch tensors."""

    def elementwise(self, row: Row, arguments: list[Any], parameters: Mapping[str, float]) -> Any:
        import torch

        tensors = [torch.as_tensor(argument, dtype=torch.float64) for argument in arguments]  # a number is one, too
        return apply_template(row.torch, [*tensors, *parameters.values()])

    def whole(self, name: str, argument: Any, options: Mapping[str, Any]) -> Any:
        import torch

        axis = int(options.get("axis", 1 if name == "augment" else -1))
        match name:
            case "sum":
                return argument.sum()
            case "mean":
                return argument.mean()
            case "softmax":
                return torch.softmax(argument, axis)
            case "log_softmax":
                return torch.log_softmax(argument, axis)
        axis = axis if argument.ndim == 2 else 0
        ones = torch.ones_like(argument.narrow(axis, 0, 1))
        return torch.cat([argument, ones] if options.get("last") else [ones, argument], axis)

    def loss(self, loss: Loss, prediction: Any, target: Any, options: Mapping[str, Any]) -> Any:
        import torch

        reduction = options.get("reduction", "mean")
        if loss.classes:
            return options.get("factor", 1.0) * _cross_entropy(loss, prediction, target.detach(), options, reduction)
        target = target.detach().reshape(prediction.shape) if target.numel() == prediction.numel() else target.detach()
        own = {key: options[key] for key in loss.options if key in options}
        if "{0}" in loss.torch:
            value = getattr(apply_template(loss.torch, [prediction, target]), reduction)()
        elif loss.torch:
            value = getattr(torch.nn.functional, loss.torch)(prediction, target, reduction=reduction, **own)
        else:
            raise ValueError(f"the loss {loss.name} has no PyTorch form")
        return options.get("factor", 1.0) * value


def _cross_entropy(loss: Loss, prediction: Any, target: Any, options: Mapping[str, Any], reduction: str) -> Any:
    """Classes brought to the last axis; from logits by torch's own function, from probabilities by its logarithm."""
    import torch

    if int(options.get("axis", -1)) == 0 and prediction.ndim == 2:
        prediction = prediction.T
        target = target.T if target.ndim == 2 else target
    rows = prediction.reshape(-1, prediction.shape[-1])
    target = target.reshape(rows.shape) if target.numel() == rows.numel() else target.reshape(-1).long()
    if loss.name == "cross_entropy_logits":
        return torch.nn.functional.cross_entropy(rows, target, reduction=reduction)
    if target.ndim == 1:
        return torch.nn.functional.nll_loss(rows.log(), target, reduction=reduction)
    return getattr(-torch.xlogy(target, rows).sum(-1), reduction)()


def apply_template(template: str, operands: list[Any]) -> Any:
    """The value of a row's PyTorch expression, such as `torch.nn.functional.elu({0}, alpha=float({1}))`.

    The template is read as a syntax tree of names of torch, calls and arithmetic; nothing is executed as code.
    """
    names = {f"operand_{index}": value for index, value in enumerate(operands)}
    text = template.format(*names)
    return _Template(names).value(ast.parse(text, mode="eval").body)


class _Template:
    def __init__(self, names: Mapping[str, Any]) -> None:
        import torch

        self.names: dict[str, Any] = {**names, "torch": torch, "float": float}

    def value(self, tree: ast.expr) -> Any:
        match tree:
            case ast.Name(id=name):
                return self.names[name]
            case ast.Constant(value=value):
                return value
            case ast.Attribute(value=value, attr=name):
                return getattr(self.value(value), name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand)
            case ast.BinOp(op=operation, left=left, right=right):
                from derive.check.interpret import OPERATORS

                return OPERATORS[type(operation)](self.value(left), self.value(right))
            case ast.Compare(left=left, ops=[operation], comparators=[right]):
                difference = self.value(left) - self.value(right)
                return difference > 0 if isinstance(operation, ast.Gt) else difference < 0
            case ast.Call(func=function, args=arguments, keywords=keywords):
                options = {keyword.arg or "": self.value(keyword.value) for keyword in keywords}
                return self.value(function)(*(self.value(argument) for argument in arguments), **options)
        raise AssertionError(f"not in a template: {ast.dump(tree)}")
