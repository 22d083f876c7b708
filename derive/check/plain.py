"""Route 3: the forward pass by a plain NumPy route that starts from the problem, not from the program.

The short form is a loop over layers; equations are read from their syntax trees with NumPy's own operators. Nothing
of the expressions, their shapes or their splitting into steps is used. Functions of the tables are computed from their
SymPy forms and not by their values, also those that only derivatives are written with.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from derive.check.differences import compare
from derive.check.exactly import Exactly, decided
from derive.check.interpret import Interpreter
from derive.check.report import Finding
from derive.check.scalar_forms import exact_form, scalar_form
from derive.evaluate import ExactArithmetic, FloatArithmetic, Values
from derive.ops import LOSSES, ROWS, Arithmetic, Array, Fn, Loss, Node, Row, evaluate, walk
from derive.program import Program, Role
from derive.spec import MLP, Problem

ROUTE = "plain"
TOLERANCE = 1e-11


def check_plainly(
    problem: Problem, program: Program, values: Values, exactly: Exactly | None = None
) -> tuple[Finding, ...]:
    """A finding for each quantity that the author's equations define, the update, and the loss after it.

    What float64 cannot tell, `exactly` does: the same equations on exact numbers.
    """
    with np.errstate(all="ignore"):
        floats = _Plain(problem, program, values, NumPyLibrary(), FloatArithmetic(program.dimensions)).findings()

    def again(place: int, exactly: Exactly) -> Finding:
        return in_exact_numbers(exactly)[place]

    @functools.cache
    def in_exact_numbers(exactly: Exactly) -> list[Finding]:
        arithmetic = ExactArithmetic(dict(program.dimensions))
        return _Plain(problem, program, dict(exactly.values), ExactLibrary(), arithmetic).findings()

    return tuple(decided(finding, exactly, functools.partial(again, place)) for place, finding in enumerate(floats))


@dataclass(frozen=True)
class _Plain:
    """The route on numbers of one kind."""

    problem: Problem
    program: Program
    values: Values
    library: NumPyLibrary
    arithmetic: Arithmetic

    def findings(self) -> list[Finding]:
        """All of them, whatever the numbers are in the same order."""
        problem, values = self.problem, self.values
        given = {name: values[name] for name in (g.name for g in problem.givens)}
        plain = evaluate_equations(problem, given, self.library)
        findings = [compare(ROUTE, name, values[name], value, TOLERANCE) for name, value in plain.items()]
        if problem.mlp:
            loss = problem.equations[-1].target
            found = forward_mlp(problem.mlp, problem, given, self.library)
            findings.append(compare(ROUTE, f"{loss} (layer by layer)", values[loss], found, TOLERANCE))
        return findings + self.updates(given) + self.slopes()

    def slopes(self) -> list[Finding]:
        """Each elementwise function in a derivative, at its own arguments."""
        names = self.program.names
        known: dict[Node, Array] = {self.program.tensor(n): array for n, array in self.values.items() if n in names}
        findings = []
        for step in self.program.by_role(Role.LOCAL, Role.BACKWARD, Role.JACOBIAN):
            for node in dict.fromkeys(node for node in walk(step.formula) if isinstance(node, Fn)):
                operands = [evaluate(operand, known, self.arithmetic) for operand in node.operands]
                expected = self.library.form(node.row, operands[: node.row.arity], operands[node.row.arity :])
                found = evaluate(node, known, self.arithmetic)
                findings.append(compare(ROUTE, step.name, found, expected, TOLERANCE))
        return findings

    def updates(self, given: Mapping[str, Array]) -> list[Finding]:
        """W - eta dL/dW for each updated parameter, and the forward pass with the results."""
        program, values, loss, update = self.program, self.values, self.program.loss, self.problem.update
        if loss is None or update is None:
            return []
        rate = values[update.symbol]
        updated = {step.name.removesuffix("'") for step in program.by_role(Role.UPDATE)}
        after = {name: given[name] - rate * values[f"d{loss.name}/d{name}"] for name in sorted(updated)}
        findings = [compare(ROUTE, f"{name}'", values[f"{name}'"], value, TOLERANCE) for name, value in after.items()]
        again = evaluate_equations(self.problem, {**given, **after}, self.library)
        changed = [step.name.removesuffix("'") for step in program.by_role(Role.AFTER)]
        findings += [compare(ROUTE, f"{q}'", values[f"{q}'"], again[q], TOLERANCE) for q in changed if q in again]
        return findings


def evaluate_equations(
    problem: Problem, given: Mapping[str, Array], library: NumPyLibrary | None = None
) -> dict[str, Array]:
    """The value of every equation's target."""
    interpreter = Interpreter(library or NumPyLibrary(), {**problem.dimensions, **given})
    for equation in problem.equations:
        interpreter.known[equation.target] = interpreter.value(equation.tree)
    return {equation.target: np.asarray(interpreter.known[equation.target]) for equation in problem.equations}


class NumPyLibrary:
    """The functions of the equation language on NumPy arrays."""

    def elementwise(self, row: Row, arguments: list[Any], parameters: Mapping[str, float]) -> Any:
        return self.form(row, arguments, list(parameters.values()))

    def form(self, row: Row, arguments: Sequence[Any], parameters: Sequence[Any]) -> Array:
        """A function from its SymPy form."""
        return scalar_form(row, arguments, parameters)

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


class ExactLibrary(NumPyLibrary):
    """The same on object arrays of exact numbers."""

    def form(self, row: Row, arguments: Sequence[Any], parameters: Sequence[Any]) -> Array:
        return exact_form(row, arguments, parameters)


def loss_entries(loss: Loss, prediction: Array, target: Array, options: Mapping[str, Any], axis: int) -> Array:
    """A loss by its formula for each entry, summed over the classes that lie along an axis."""
    if loss.classes and np.shape(target) != np.shape(prediction):
        target = np.moveaxis(np.eye(prediction.shape[axis])[np.asarray(target, dtype=float).astype(int)], -1, axis)
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
    """s - log sum exp(s), by logaddexp; of exact numbers, whose powers do not overflow, as it stands."""
    if logits.dtype == object:
        return np.asarray(logits - np.log(np.exp(logits).sum(axis=int(axis), keepdims=True)))
    return logits - np.logaddexp.reduce(logits, axis=int(axis), keepdims=True)


def forward_mlp(mlp: MLP, problem: Problem, given: Mapping[str, Array], library: NumPyLibrary) -> Any:
    """The loss of a multi-layer perceptron, layer by layer, samples always in rows here."""
    [x] = [given[g.name] for g in problem.givens if g.role == "input"]
    [t] = [given[g.name] for g in problem.givens if g.role == "target"]
    columns = mlp.samples == "columns"
    z = x.T if columns else x
    for number, activation in enumerate(mlp.activations, 1):
        z = _affine(z, number, mlp, problem, given)
        parameters = {key: float(Fraction(text)) for key, text in activation.options.items()}
        z = softmax(z) if activation.name == "softmax" else _activate(activation.name, z, parameters, library)
    name = mlp.loss.name
    if name == "cross_entropy" and mlp.activations[-1].name != "softmax":
        name = "cross_entropy_logits"
    options = {key: _option(text) for key, text in mlp.loss.options.items()}
    target = t.T if columns and np.ndim(t) == 2 else t
    if name == "squared_error":
        total = options["factor"] * np.sum(np.square(z - target))
        return total / len(z) if options["reduction"] == "samples" and z.ndim == 2 else total
    return library.loss(LOSSES[name], z, target, options)


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


def _activate(name: str, z: Array, parameters: Mapping[str, float], library: NumPyLibrary) -> Array:
    if name == "log_softmax":
        return log_softmax(z)
    row = ROWS[name]
    values = {key: float(default) for key, default in row.parameters} | dict(parameters)
    return library.form(row, [z], list(values.values()))


def _option(text: str) -> Any:
    return text if text.isalpha() else float(Fraction(text))
