"""Equations (validated syntax trees) -> expressions, nested ones split into named steps."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy

from derive.errors import Fault, ProblemError
from derive.ops import (
    LOSSES,
    ROWS,
    Augment,
    Constant,
    Dot,
    Fn,
    LogSoftmax,
    Mean,
    Node,
    OneHot,
    Plus,
    Power,
    Samples,
    Slice,
    Softmax,
    Sum,
    Tensor,
    Times,
    Transpose,
    as_node,
    build_loss,
    is_single,
    walk,
)
from derive.program.numbers import constant, number_of, slice_items, whole
from derive.spec.names import one_hot_name

Options = Mapping[str, Any]
BINARY: dict[type[ast.operator], Callable[[Node, Node], Node]] = {
    ast.Add: Plus,
    ast.Sub: lambda left, right: Plus(left, Times(Constant(-1), right)),
    ast.Mult: Times,
    ast.Div: lambda above, below: Times(above, Power(below, Constant(-1))),
}
OTHERS = {"a": "suv", "z": "hgr", "y": "opq", "p": "qrv"}  # letters in the place of one that the author uses


class Translator:
    """Translates the equations of one problem in order, collecting the steps they need.

    `known` holds the quantities so far, `taken` every name the author uses (a step of our own never takes one),
    `relu_at_zero` is the convention for the slope of relu at 0, `samples` where
    the samples lie and how their number is written.
    """

    def __init__(
        self,
        known: dict[str, Tensor],
        taken: frozenset[str],
        relu_at_zero: Fraction = Fraction(0),
        samples: Samples | None = None,
    ) -> None:
        self.known = known
        self.taken = set(taken)
        self.relu_at_zero = sympy.Rational(relu_at_zero.numerator, relu_at_zero.denominator)
        self.samples = samples
        self.steps: list[tuple[Tensor, Node]] = []
        self.own: dict[Node, Tensor] = {}  # what the steps are called that have names of ours

    def equation(self, target: str, tree: ast.expr) -> None:
        """Append the steps of `target = tree`."""
        self.define(target, self.node(tree))

    def define(self, name: str, node: Node) -> Tensor:
        """Append one step and return its quantity; probabilities in its formula are steps of their own."""
        for part in _probabilities(node):
            node = as_node(node.xreplace({part: self.named(part, "p")}))
        tensor = Tensor(name, node.shape)
        self.known[name] = tensor
        self.taken.add(name)
        self.steps.append((tensor, node))
        return tensor

    def named(self, node: Node, letter: str) -> Node:
        """The node itself where it is a quantity; otherwise a new quantity `letter_k` that is defined as it.

        Beside a quantity `a` of the author's, `a_1` would print like its first entry: then it is another letter. What
        has been named stays one quantity.
        """
        if isinstance(node, Tensor):
            return node
        if node in self.own:
            return self.own[node]
        letter = next((free for free in (letter, *OTHERS[letter]) if free not in self.taken), letter)
        number = 1
        while f"{letter}_{number}" in self.taken:
            number += 1
        self.own[node] = self.define(f"{letter}_{number}", node)
        return self.own[node]

    def node(self, tree: ast.expr) -> Node:
        match tree:
            case ast.Name(id=name):
                return self.known[name] if name in self.known else Constant(dimension(name))
            case ast.Constant():
                return self.number(tree)
            case ast.UnaryOp(op=sign, operand=operand):
                return _negative(self.node(operand)) if isinstance(sign, ast.USub) else self.node(operand)
            case ast.BinOp():
                return self.operation(tree)
            case ast.Attribute(value=value):
                return Transpose(self.node(value))
            case ast.Subscript(value=value, slice=index):
                return self.slice(self.node(value), slice_items(index))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
                options = {keyword.arg or "": self.option(keyword.value) for keyword in keywords}
                return self.call(name, [self.node(argument) for argument in arguments], options)
        raise AssertionError(f"not in the equation language: {ast.dump(tree)}")

    def operation(self, tree: ast.BinOp) -> Node:
        """Two operands joined; those of `@` and the base of a power may have to be named first."""
        if isinstance(tree.op, ast.MatMult):
            return Dot(self.factor(tree.left), self.factor(tree.right))
        left, right = self.node(tree.left), self.node(tree.right)
        if isinstance(tree.op, ast.Pow):
            return Power(self.entries(left), Constant(number_of(right)))
        return _flat(BINARY[type(tree.op)](left, right))

    def slice(self, node: Node, items: list[Any]) -> Node:
        """Some rows and columns; a slice that takes everything is the quantity itself."""
        taken = Slice(node, *items)
        return node if taken.shape == node.shape else taken

    def number(self, tree: ast.Constant) -> Node:
        text = tree.kind or str(tree.value)
        fraction = Fraction(text)
        return Constant(sympy.Rational(fraction.numerator, fraction.denominator), text)

    def option(self, tree: ast.expr) -> Any:
        """A keyword argument: text, True or False as they are, a number as a constant."""
        if isinstance(tree, ast.Constant) and isinstance(tree.value, str | bool):
            return tree.value
        return constant(self.node(tree))

    def factor(self, tree: ast.expr) -> Node:
        """A factor of `@`: a chain of products is one step, anything computed is named first."""
        node = self.node(tree)
        inner = node
        while isinstance(inner, (Transpose, Slice, Augment)):
            inner = inner.operands[0]
        if isinstance(inner, Dot | Tensor):
            return node
        if inner is node:
            return self.named(node, "z")
        return as_node(node.xreplace({inner: self.named(inner, "z")}))

    def entries(self, node: Node) -> Node:
        """An operand of a function of entries: matrix products in it become a step of their own."""
        return self.named(node, "a") if any(isinstance(part, Dot) for part in walk(node)) else node

    def call(self, name: str, arguments: list[Node], options: dict[str, Any]) -> Node:
        if name in LOSSES:
            self.require(name, len(arguments) == 2, "a prediction and a target")
            options = {key: value if key == "reduction" else constant(value) for key, value in options.items()}
            letter = "a" if LOSSES[name].of == "logits" else "y"
            prediction = self.named(arguments[0], letter)
            axis, rank = whole(options.get("axis", Constant(-1))), prediction.rank
            self.require(name, not rank or -rank <= axis < rank, "an axis that the prediction has")
            target = self.one_hot(prediction, arguments[1], options) if LOSSES[name].classes else arguments[1]
            if LOSSES[name].classes:
                self.require_same_axis(prediction, options)
            samples = self.samples if prediction.rank == 2 else None
            return build_loss(name, prediction, target, samples, **options)
        if name in ROWS:
            return self.function(name, arguments, options)
        self.require(name, len(arguments) == 1, "one argument")
        [argument] = arguments
        if name in ("sum", "mean"):
            self.require(name, not options, "no options: it runs over all entries")
            inner = self.entries(argument)
            return inner if is_single(inner.shape) else Sum(inner) if name == "sum" else Mean(inner)
        axis = whole(options.pop("axis", Constant(1 if name == "augment" else -1)))
        if name == "augment":
            last = options.pop("last", False)
            self.require(name, not options and isinstance(last, bool), "axis=, and last=True or last=False")
            return Augment(argument, axis, last)
        self.require(name, not options, "axis=")
        return {"softmax": Softmax, "log_softmax": LogSoftmax}[name](self.named(argument, "a"), axis)

    def one_hot(self, prediction: Node, target: Node, options: Options) -> Node:
        """A target that has the shape of the prediction, or else class indices made into one-hot vectors, a step."""
        if target.shape == prediction.shape or not prediction.rank:
            return target
        axis = whole(options.get("axis", Constant(-1)))
        along = 0 if axis == 0 and prediction.rank == 2 else -1
        return self.define(one_hot_name(self.taken), OneHot(target, prediction.shape[axis], along))

    def require_same_axis(self, prediction: Node, options: Options) -> None:
        """A softmax over rows compared along columns would be silently wrong."""
        axis = whole(options.get("axis", Constant(-1)))
        formula = next((formula for tensor, formula in self.steps if tensor == prediction), None)
        if isinstance(formula, Softmax) and formula.axis != (axis if axis < 0 else axis - prediction.rank):
            raise ProblemError(
                Fault(
                    found=f"softmax and cross_entropy along different axes ({formula.axis} and {axis})",
                    expected="the same axis in both",
                    hint="axis=0 where samples stand in columns, no axis where they stand in rows",
                )
            )

    def function(self, name: str, arguments: list[Node], options: dict[str, Any]) -> Node:
        row = ROWS[name]
        names = [parameter for parameter, _ in row.parameters]
        self.require(
            name,
            len(arguments) >= row.arity and len(arguments) + len(options) <= row.arity + len(names),
            f"{row.arity} argument{'s' if row.arity > 1 else ''}",
        )
        self.require(name, set(options) <= set(names), f"the options {', '.join(names) or '(none)'}")
        if name == "relu":
            options.setdefault("at_zero", Constant(self.relu_at_zero))
        if name == "identity":
            return arguments[0]
        values = dict(row.parameters) | dict(zip(names, arguments[row.arity :], strict=False)) | options
        filled = [constant(value) for value in values.values()]
        return Fn(name, *(self.entries(argument) for argument in arguments[: row.arity]), *filled)

    def require(self, name: str, holds: bool, expected: str) -> None:
        if not holds:
            raise ProblemError(Fault(found=f"{name}(...) does not take these arguments", expected=expected))


def _probabilities(node: Node) -> list[Node]:
    """What a person gives a name before it is used: a softmax inside a formula, a sigmoid below a logarithm."""
    logarithms = (part for part in walk(node) if isinstance(part, Fn) and part.row.name == "log")
    below = {part for logarithm in logarithms for part in walk(logarithm)}
    found = (part for part in walk(node) if part != node)
    return list(dict.fromkeys(p for p in found if isinstance(p, Softmax) or (p in below and _is_fusing(p))))


def _is_fusing(node: Node) -> bool:
    return isinstance(node, Fn) and node.row.fuses


def dimension(name: str) -> sympy.Symbol:
    """The SymPy symbol of a dimension such as N."""
    return sympy.Symbol(name, integer=True, positive=True)


def _negative(node: Node) -> Node:
    if isinstance(node, Constant):
        return Constant(-node.number, f"-{node.text}" if node.text else "")
    return _flat(Times(Constant(-1), node))


def _flat(node: Node) -> Node:
    """`a + b + c` as one sum and `a * b * c` as one product: the parser only knows two operands."""
    first = node.operands[0]
    if type(first) is not type(node) or not isinstance(node, Plus | Times):
        return node
    if isinstance(node, Times) and any(isinstance(part, Power) and part.exponent == -1 for part in first.operands):
        return node
    return type(node)(*first.operands, *node.operands[1:])
