"""What `derive list` tells: every operation with its formula and its derivative, read off the tables themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import sympy

from derive.calculus import differentiate, gradient_name
from derive.calculus.walk import pull_back
from derive.ops import LOSSES, ROWS, Constant, Loss, Node, Row, Tensor, as_node, build_loss, text
from derive.program import Program, Quantity, Role, Step
from derive.program.translate import Translator, dimension
from derive.spec import parse_equations
from derive.spec.equations import FUNCTIONS
from derive.spec.presets import PRESETS
from derive.spec.symbols import Preset, Symbols

GROUPS = ACTIVATIONS, ELEMENTARY, WHOLE, LOSS, HELPERS = (
    "Activations, entry by entry; z is the result",
    "Functions of entries; z is the result",
    "Whole quantities; dL/dZ, the gradient of the result, is passed back",
    "Losses",
    "Functions in which derivatives are written",
)
_OPERATORS = ("X @ W", "X + b", "X.T", "X[:, 1:]")
_N, _K, _M = (dimension(name) for name in "NKM")
_SHAPES: Mapping[str, tuple[sympy.Expr, ...]] = {"X": (_N, _K), "W": (_K, _M), "b": (_K,)}
_LETTERS = {"prediction": "y", "probabilities": "p", "logits": "s"}


@dataclass(frozen=True)
class Operation:
    """One line of the list; `derivatives` maps what is derived (`dz/du`) to its text, `options` names to defaults."""

    group: str
    name: str
    formula: str
    derivatives: Mapping[str, str]
    doc: str
    options: Mapping[str, str] = field(default_factory=dict)


def operations() -> tuple[Operation, ...]:
    """Everything that an equation may use, and the functions that appear in derivatives, group by group."""
    found = [_elementwise(row) for row in ROWS.values()]
    found += [_whole(line) for line in _whole_lines()]
    found += [_loss(loss) for loss in LOSSES.values()]
    return tuple(sorted(found, key=lambda operation: GROUPS.index(operation.group)))


def _elementwise(row: Row) -> Operation:
    arguments = list(inspect.signature(row.slopes[0]).parameters)[: row.arity]
    group = ACTIVATIONS if row.activation else ELEMENTARY if row.name in FUNCTIONS else HELPERS
    derivatives = {f"dz/d{name}": _slope(row, index, arguments) for index, name in enumerate(arguments)}
    options = {name: _plain(default) for name, default in row.parameters if row.names_parameters}
    return Operation(group, row.name, _formula(row, arguments), derivatives, row.doc, options)


def _formula(row: Row, arguments: list[str]) -> str:
    """The textbook form of a function; options that print with the function appear by name."""
    symbols = [sympy.Symbol(name, real=True) for name in arguments]
    options = [sympy.Symbol(name, positive=True) if row.names_parameters else value for name, value in row.parameters]
    return _plain(row.scalar(*symbols, *options))


def _slope(row: Row, index: int, arguments: list[str]) -> str:
    """The derivative as taught, in the arguments and the result z."""
    operands: list[Node] = [Tensor(name) for name in arguments]
    operands += [Tensor(name) if row.names_parameters else Constant(value) for name, value in row.parameters]
    return text(as_node(row.slopes[index](*operands, Tensor("z"))))


def _plain(expression: Any) -> str:
    """A SymPy expression as text, cases as a person says them: `u if u > 0, otherwise 0`."""
    if not isinstance(expression, sympy.Piecewise):
        return str(expression)
    *cases, (last, _) = expression.args
    return ", ".join([*(f"{value} if {_condition(holds)}" for value, holds in cases), f"otherwise {last}"])


def _condition(condition: Any) -> str:
    """Conditions joined by `and`, an option on the right."""
    if isinstance(condition, sympy.And):
        return " and ".join(_condition(part) for part in condition.args)
    return str(condition.reversed if condition.lhs.is_positive else condition)


def _whole_lines() -> Iterable[str]:
    """The operators, and every function that is neither elementwise nor a loss."""
    return (*_OPERATORS, *(f"{name}(X)" for name in sorted(FUNCTIONS - ROWS.keys() - LOSSES.keys())))


def _whole(line: str) -> Operation:
    """One operation written in the equation language, and the gradients that are passed back through it."""
    [equation] = parse_equations(f"Z = {line}", 1)
    known = {name: Tensor(name, shape) for name, shape in _SHAPES.items()}
    formula = Translator(known, frozenset({*known, "Z"})).node(equation.tree)
    result = Tensor("Z", formula.shape)
    pulled = pull_back(formula, Tensor(gradient_name("L", "Z"), formula.shape), frozenset(formula.tensors))
    derivatives = {gradient_name("L", q.name): text(node.xreplace({formula: result})) for q, node in pulled.items()}
    return Operation(WHOLE, line, f"Z = {line}", derivatives, _first_sentence(type(formula)))


def _loss(loss: Loss) -> Operation:
    """A loss of N samples with K entries each, as its name stands for it."""
    compared, target = Tensor(_LETTERS[loss.of], (_N, _K)), Tensor("t", (_N, _K))
    formula = build_loss(loss.name, compared, target)
    givens = (Quantity(compared, "input"), Quantity(target, "target"))
    program = Program(givens, (Step(Tensor("L"), formula, Role.LOSS, "loss"),))
    gradient = gradient_name("L", compared.name)
    derivative = text(differentiate(program, [compared.name])[gradient].formula)
    defaults = {name: value.default for name, value in inspect.signature(loss.per_entry).parameters.items()}
    options = {name: text(defaults[name]) for name in loss.options if name in defaults}
    return Operation(LOSS, loss.name, f"L = {text(formula)}", {gradient: derivative}, loss.doc, options)


def _first_sentence(documented: type) -> str:
    return " ".join((inspect.getdoc(documented) or "").split()).partition(". ")[0].rstrip(".")


@dataclass(frozen=True)
class NotationRow:
    """A preset as it is listed: its symbols as LaTeX by role, those of a batch apart, and its conventions in words."""

    name: str
    source: str
    symbols: Mapping[str, str]
    batch: Mapping[str, str]
    conventions: Mapping[str, str]
    open: tuple[str, ...]


def notations() -> tuple[NotationRow, ...]:
    """Every preset of notation, in the order of its table."""
    return tuple(_notation(preset) for preset in PRESETS.values())


def _notation(preset: Preset) -> NotationRow:
    symbols = {item.name: symbol for item in fields(Symbols) if (symbol := getattr(preset.symbols, item.name))}
    conventions = {name: str(value) for name, value in preset.layout.conventions().items()}
    sign = "-" if preset.delta_sign < 0 else ""
    delta = f"{sign}dL/d(pre-activation)" if preset.symbols.delta else "no symbol"
    squared = preset.squared_error
    mean = "1/N " if squared.reduction == "samples" else ""
    factor = "" if squared.factor == 1 else f"{squared.factor} "
    conventions |= {"delta": delta, "squared_error": f"{factor}{mean}sum (y - t)^2"}
    return NotationRow(preset.name, preset.source, symbols, preset.batch, conventions, preset.open)
