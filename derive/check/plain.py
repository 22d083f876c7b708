"""Route 3: the forward pass by a plain NumPy route that starts from the problem, not from the program.

The short form is a loop over layers; equations are read from their syntax trees with NumPy's own operators. Nothing
of the expressions, their shapes or their splitting into steps is used. Functions of the tables are computed from their
SymPy forms and not by their values, also those that only derivatives are written with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from derive.check.differences import compare
from derive.check.interpret import Interpreter
from derive.check.report import Finding
from derive.check.scalar_forms import scalar_form
from derive.evaluate import FloatArithmetic, Values
from derive.ops import LOSSES, ROWS, Array, Fn, Loss, Node, Row, evaluate, walk
from derive.program import Program, Role
from derive.spec import MLP, Problem

ROUTE = "plain"
TOLERANCE = 1e-11


def check_plainly(problem: Problem, program: Program, values: Values) -> tuple[Finding, ...]:
    """A finding for each quantity that the author's equations define, the update, and the loss after it."""
    given = {name: values[name] for name in (g.name for g in problem.givens)}
    with np.errstate(all="ignore"):
        plain = evaluate_equations(problem, given)
        findings = [compare(ROUTE, name, values[name], value, TOLERANCE) for name, value in plain.items()]
        if problem.mlp:
            loss = problem.equations[-1].target
            found = forward_mlp(problem.mlp, problem, given)
            findings.append(compare(ROUTE, f"{loss} (layer by layer)", values[loss], found, TOLERANCE))
        findings += _updates(problem, program, values, given)
        findings += _slopes(program, values)
    return tuple(findings)


def _slopes(program: Program, values: Values) -> list[Finding]:
    """Each elementwise function in a derivative, at its own arguments."""
    arithmetic = FloatArithmetic(program.dimensions)
    known: dict[Node, Array] = {program.tensor(name): array for name, array in values.items() if name in program.names}
    findings = []
    for step in program.by_role(Role.LOCAL, Role.BACKWARD, Role.JACOBIAN):
        for node in dict.fromkeys(node for node in walk(step.formula) if isinstance(node, Fn)):
            operands = [evaluate(operand, known, arithmetic) for operand in node.operands]
            expected = scalar_form(node.row, operands[: node.row.arity], operands[node.row.arity :])
            findings.append(compare(ROUTE, step.name, evaluate(node, known, arithmetic), expected, TOLERANCE))
    return findings


def _updates(problem: Problem, program: Program, values: Values, given: Mapping[str, Array]) -> list[Finding]:
    """W - eta dL/dW for each updated parameter, and the forward pass with the results."""
    loss = program.loss
    if loss is None or problem.update is None:
        return []
    rate = values[problem.update.symbol]
    updated = {step.name.removesuffix("'") for step in program.by_role(Role.UPDATE)}
    after = {name: given[name] - rate * values[f"d{loss.name}/d{name}"] for name in updated}
    findings = [compare(ROUTE, f"{name}'", values[f"{name}'"], value, TOLERANCE) for name, value in after.items()]
    again = evaluate_equations(problem, {**given, **after})
    changed = [step.name.removesuffix("'") for step in program.by_role(Role.AFTER)]
    findings += [compare(ROUTE, f"{q}'", values[f"{q}'"], again[q], TOLERANCE) for q in changed if q in again]
    return findings


def evaluate_equations(problem: Problem, given: Mapping[str, Array]) -> dict[str, Array]:
    """The value of every equation's target."""
    interpreter = Interpreter(NumPyLibrary(), {**problem.dimensions, **given})
    for equation in problem.equations:
        interpreter.known[equation.target] = interpreter.value(equation.tree)
    return {equation.target: np.asarray(interpreter.known[equation.target]) for equation in problem.equations}


class NumPyLibrary:
    """The functions of the equation language on NumPy arrays."""

    def elementwise(self, row: Row, arguments: list[Any], parameters: Mapping[str, float]) -> Any:
        return scalar_form(row, arguments, list(parameters.values()))

    def whole(self, name: str, argument: Any, options: Mapping[str, Any]) -> Any:
        functions: dict[str, Callable[..., Any]] = {
            "sum": np.sum,
            "mean": np.mean,
            "augment": augment,
            "softmax": softmax,
            "log_softmax": log_softmax,
        }
        return functions[name](argument, **options)

    def loss(self, loss: Loss, prediction: Any, target: Any, options: Mapping[str, Any]) -> Any:
        """By its formula for each entry, summed over the classes, then averaged or summed."""
        entries = loss_entries(loss, prediction, target, options, int(options.get("axis", -1)))
        reduced = np.sum(entries) if options.get("reduction") == "sum" else np.mean(entries)
        return options.get("factor", 1.0) * reduced


def loss_entries(loss: Loss, prediction: Array, target: Array, options: Mapping[str, Any], axis: int) -> Array:
    """A loss by its formula for each entry, summed over the classes that lie along an axis."""
    if loss.classes and np.shape(target) != np.shape(prediction):
        target = np.moveaxis(np.eye(prediction.shape[axis])[np.asarray(target, dtype=int)], -1, axis)
    if loss.name == "cross_entropy_logits":
        prediction = log_softmax(prediction, axis)
    own = {key: options[key] for key in loss.options if key in options and key != "axis"}
    entries = loss.value(prediction, target, **own)
    return np.asarray(np.sum(entries, axis=axis) if loss.classes else entries)


def augment(array: Array, axis: int = 1, last: bool = False) -> Array:
    """Ones beside a matrix, on top of it, or before the entries of a vector."""
    axis = int(axis) if array.ndim == 2 else 0
    shape = list(array.shape)
    shape[axis] = 1
    parts = (array, np.ones(shape)) if last else (np.ones(shape), array)
    return np.concatenate(parts, axis)


def softmax(logits: Array, axis: int = -1) -> Array:
    """exp(s - log sum exp(s))"""
    return np.exp(log_softmax(logits, axis))


def log_softmax(logits: Array, axis: int = -1) -> Array:
    """s - log sum exp(s), by logaddexp."""
    return logits - np.logaddexp.reduce(logits, axis=int(axis), keepdims=True)


def forward_mlp(mlp: MLP, problem: Problem, given: Mapping[str, Array]) -> Any:
    """The loss of a multi-layer perceptron, layer by layer, samples always in rows here."""
    [x] = [given[g.name] for g in problem.givens if g.role == "input"]
    [t] = [given[g.name] for g in problem.givens if g.role == "target"]
    columns = mlp.samples == "columns"
    z = x.T if columns else x
    for number, activation in enumerate(mlp.activations, 1):
        z = _affine(z, number, mlp, problem, given)
        parameters = {key: float(Fraction(text)) for key, text in activation.options.items()}
        z = softmax(z) if activation.name == "softmax" else _activate(activation.name, z, parameters)
    name = mlp.loss.name
    if name == "cross_entropy" and mlp.activations[-1].name != "softmax":
        name = "cross_entropy_logits"
    options = {key: _option(text) for key, text in mlp.loss.options.items()}
    target = t.T if columns and np.ndim(t) == 2 else t
    if name == "squared_error":
        total = options["factor"] * np.sum(np.square(z - target))
        return total / len(z) if options["reduction"] == "samples" and z.ndim == 2 else total
    return NumPyLibrary().loss(LOSSES[name], z, target, options)


def _affine(z: Array, number: int, mlp: MLP, problem: Problem, given: Mapping[str, Array]) -> Array:
    """z W + b, with a row of W for each input; where the bias is among the weights, it is their first row."""
    conventions = problem.conventions
    weights = given[f"W_{number}"]
    weights = weights if conventions.weights == "in_out" else weights.T
    if not mlp.bias:
        return np.asarray(z @ weights)
    if conventions.bias == "augmented":
        return np.asarray(z @ weights[1:] + weights[0])
    return np.asarray(z @ weights + given[f"b_{number}"].reshape(-1))


def _activate(name: str, z: Array, parameters: Mapping[str, float]) -> Array:
    if name == "log_softmax":
        return log_softmax(z)
    row = ROWS[name]
    values = {key: float(default) for key, default in row.parameters} | dict(parameters)
    return scalar_form(row, [z], list(values.values()))


def _option(text: str) -> Any:
    return text if text.isalpha() else float(Fraction(text))
