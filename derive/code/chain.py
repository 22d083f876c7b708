"""A program seen as layers: affine maps and activations one after the other, then a loss."""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy

from derive.calculus import Style, differentiate
from derive.code.pieces import refuse
from derive.errors import ProblemError
from derive.ops import Augment, Dot, Node, Plus, Shape, Tensor, Transpose, rebuilt
from derive.program import Program, Role, Step
from derive.spec import Problem

EXPECTED = "a chain of affine maps and activations, each of the result before it, and a loss of the last"
HINT = "the styles `step` and `loop` write any problem"


@dataclass(frozen=True)
class Affine:
    """A step that is W x + b in some layout; `bias` is None without one."""

    step: Step
    input: Tensor
    weight: Tensor
    bias: Tensor | None

    @property
    def product(self) -> Dot:
        """W x, x W, x W^T, ..."""
        parts = self.step.formula.operands if isinstance(self.step.formula, Plus) else (self.step.formula,)
        return next(part for part in parts if isinstance(part, Dot))

    @property
    def augment(self) -> Augment | None:
        """The ones that are added to the input, where the bias is a row or column of the weights."""
        return next((operand for operand in self.product.operands if isinstance(operand, Augment)), None)

    @property
    def weight_first(self) -> bool:
        """Whether the weights stand on the left."""
        return self.weight in self.product.operands[0].tensors

    @property
    def transposed(self) -> bool:
        """Whether the weights are transposed in the product."""
        return any(
            isinstance(operand, Transpose) and operand.operands == (self.weight,) for operand in self.product.operands
        )

    @property
    def out_in(self) -> bool:
        """Whether a row of the weights belongs to an output."""
        return self.weight_first != self.transposed

    def generic(self) -> tuple[Node, dict[str, Tensor]]:
        """The formula in W, b and x of any size, the same for all layers of one layout."""
        inputs, outputs, samples = (sympy.Symbol(name, integer=True, positive=True) for name in ("I", "O", "N"))
        wide = inputs + 1 if self.augment is not None else inputs
        sizes = {1: (inputs,), 2: (inputs, samples) if self.weight_first else (samples, inputs)}
        x = Tensor("x", sizes[self.input.rank])
        weight = Tensor("W", (outputs, wide) if self.out_in else (wide, outputs))
        given: dict[Tensor, Node] = {self.input: x, self.weight: weight}
        tensors = {"x": x, "W": weight}
        if self.bias is not None:
            shape: Shape = (outputs,)
            if self.bias.rank == 2:
                shape = (outputs, 1) if self.weight_first else (1, outputs)
            tensors["b"] = given[self.bias] = Tensor("b", shape)
        return rebuilt(self.step.formula, given), tensors


@dataclass(frozen=True)
class Activation:
    """A step that is a function of the result before it alone."""

    step: Step
    input: Tensor


@dataclass(frozen=True)
class Chain:
    """Layers in order; the loss as the steps from the last result (and the targets) on, and its gradient.

    `names` of results that are only another name for an earlier one point to that one.
    """

    input: Tensor
    target: Tensor | None
    layers: tuple[Affine | Activation, ...]
    last: Tensor
    loss: tuple[Step, ...]
    gradient: Node
    same: dict[str, str] = field(default_factory=dict)

    @property
    def affine(self) -> tuple[Affine, ...]:
        return tuple(layer for layer in self.layers if isinstance(layer, Affine))

    @property
    def in_columns(self) -> bool:
        """Whether a batch has one sample in each column."""
        return self.input.rank == 2 and any(layer.weight_first for layer in self.affine)


def read_chain(problem: Problem, program: Program) -> Chain:
    """The layers of a program; raises `ProblemError` where it is not a chain."""
    inputs = [quantity for quantity in program.givens if quantity.role == "input"]
    targets = [quantity for quantity in program.givens if quantity.role == "target"]
    if program.loss is None or len(inputs) != 1 or len(targets) > 1:
        found = "nothing to differentiate" if program.loss is None else f"{len(inputs)} inputs, {len(targets)} targets"
        raise refuse(problem, found, "one input, at most one target, and a loss", HINT)
    return _Reader(problem, program, inputs[0].tensor, targets[0].tensor if targets else None).read()


def as_chain(problem: Problem, program: Program) -> Chain | None:
    """The layers of a program; None where it is not a chain."""
    try:
        return read_chain(problem, program)
    except ProblemError:
        return None


class _Reader:
    def __init__(self, problem: Problem, program: Program, start: Tensor, target: Tensor | None) -> None:
        self.problem, self.program, self.start, self.target = problem, program, start, target
        self.parameters = {q.name for q in program.givens if q.role == "parameter"}
        self.fixed = {q.name for q in program.givens if q.role in ("target", "constant")}
        self.seen: set[str] = set()

    def read(self) -> Chain:
        forward = Program(self.program.givens, self.program.forward, self.program.dimensions, self.program.rows)
        derived = differentiate(forward, sorted(self.parameters), Style(fused=self.problem.conventions.fused))
        first = next(iter(derived.by_role(Role.BACKWARD)), None)
        if first is None or first.gradient is None or first.gradient[1] in self.parameters:
            raise self.refused(self.program.forward[-1])
        last = self.program.tensor(first.gradient[1])
        layers: list[Affine | Activation] = []
        current, same, loss = self.start, {}, []
        for step in self.program.forward:
            if current.name == last.name or self.is_of_targets(step):
                loss.append(step)
                if self.is_of_targets(step):
                    self.fixed.add(step.name)
                continue
            if isinstance(step.formula, Tensor) and step.formula == current:
                same[step.name] = current.name
            else:
                layers.append(self.layer(step, current))
            current = step.target
        if current.name != last.name:
            raise self.refused(self.program.forward[-1])
        self.check_loss(loss, last)
        return Chain(self.start, self.target, tuple(layers), last, tuple(loss), first.formula, same)

    def is_of_targets(self, step: Step) -> bool:
        """Whether a step only prepares targets (one-hot vectors)."""
        return all(tensor.name in self.fixed for tensor in step.uses)

    def layer(self, step: Step, current: Tensor) -> Affine | Activation:
        used = {tensor.name for tensor in step.uses}
        constants = {q.name for q in self.program.givens if q.role == "constant"}
        if used - constants == {current.name}:
            return Activation(step, current)
        affine = self.affine(step, current)
        if affine is None or self.seen & used:
            raise self.refused(step)
        self.seen |= used & self.parameters
        return affine

    def affine(self, step: Step, current: Tensor) -> Affine | None:
        """W x + b of the result before, in any layout; None if the step is something else."""
        terms = step.formula.operands if type(step.formula) is Plus else (step.formula,)
        products = [term for term in terms if isinstance(term, Dot)]
        biases = [term for term in terms if isinstance(term, Tensor)]
        if len(products) != 1 or len(biases) > 1 or len(products) + len(biases) != len(terms):
            return None
        inside = [_inside(operand) for operand in products[0].operands]
        weights = [t for t in inside if isinstance(t, Tensor) and t.name in self.parameters and t.rank == 2]
        if len(weights) != 1 or current not in inside or not all(bias.name in self.parameters for bias in biases):
            return None
        if any(isinstance(operand, Transpose) and _inside(operand) == current for operand in products[0].operands):
            return None
        if biases and biases[0].rank == 0:
            return None
        return Affine(step, current, weights[0], biases[0] if biases else None)

    def check_loss(self, loss: list[Step], last: Tensor) -> None:
        """The loss may use the last result, targets and constants only."""
        known = {last.name} | self.fixed
        for step in loss:
            if not {tensor.name for tensor in step.uses} <= known:
                raise self.refused(step)
            known.add(step.name)

    def refused(self, step: Step) -> ProblemError:
        return refuse(self.problem, f"`{step}`, which is no layer of its own", EXPECTED, HINT)


def _inside(node: Node) -> Node:
    """The quantity inside a transpose or behind added ones."""
    return node.operands[0] if isinstance(node, Transpose | Augment) else node
