"""What a problem is once it has been read: frozen data, with no trace of YAML."""

from __future__ import annotations

import ast
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from derive.errors import Fault, ProblemError
from derive.spec.numbers import Literal
from derive.spec.variation import Each, OneOf, Require, Vary

if typing.TYPE_CHECKING:
    from derive.spec.questions import Question

_MANY = 500  # faults that are told; nobody reads more
Role = typing.Literal["parameter", "input", "target", "constant"]
Detail = typing.Literal["brief", "matrix", "entries"]
Level = typing.Literal["introductory", "intermediate", "advanced"]
Carry = typing.Literal["exact", "rounded"]
WeightLayout = typing.Literal["out_in", "in_out"]
DerivativeLayout = typing.Literal["mixed", "denominator", "numerator"]
SampleLayout = typing.Literal["rows", "columns"]
VectorLayout = typing.Literal["columns", "rows"]
BiasPlace = typing.Literal["last", "first", "augmented"]
Samples = typing.Literal["one", "rows", "columns"]
WeightsOfUpdate = typing.Literal["old", "new"]


@dataclass(frozen=True)
class OneMore:
    """H + 1 for a symbol H: as many rows as weights have on H inputs with a row for the bias on top."""

    symbol: str

    def __str__(self) -> str:
        return f"{self.symbol}+1"


Width = int | str  # a number or a symbol
Size = Width | OneMore
Shape = tuple[Size, ...]


def one_more(width: Width) -> Size:
    """Width + 1."""
    return width + 1 if isinstance(width, int) else OneMore(width)


@dataclass(frozen=True)
class Given:
    """A quantity that the author gives: `shape` may hold dimension symbols, `value` is None where there are no numbers.

    Where both are there, `value.shape` is `shape` with every symbol replaced by its number.
    """

    name: str
    role: Role
    shape: Shape
    value: Literal | None
    line: int


@dataclass(frozen=True)
class Equation:
    """`target = tree`, one line of the forward pass.

    The tree holds nothing but what `derive.spec.grammar` lets through; each `ast.Constant` that is a number carries
    the number as written in its `kind` (`"0.10"`).
    """

    target: str
    tree: ast.expr = field(compare=False, repr=False)
    text: str
    line: int


@dataclass(frozen=True)
class Ask:
    """A quantity that the worksheet asks for (`W_2`, `dL/dW_1[1,2]`, `dy/dx`, `W_1'`), and its points."""

    quantity: str
    points: int | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Rounding:
    """Decimal places on paper, and whether a step is computed from exact or from rounded earlier values.

    `fractions`: what is a simple fraction prints exactly.
    """

    places: int = 4
    carry: Carry = "exact"
    fractions: bool = False


@dataclass(frozen=True)
class Update:
    """One step of the optimiser: `W' = W - eta dL/dW`, with a number for eta or without."""

    method: typing.Literal["sgd"] = "sgd"
    learning_rate: Literal | None = None
    symbol: str = "eta"


@dataclass(frozen=True)
class Train:
    """What the file says about training the network on a data set; None where it says nothing."""

    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: Literal | None = None
    seed: int | None = None


@dataclass(frozen=True)
class Conventions:
    """The choices on which courses differ.

    `weights`: a layer is `W x + b` (out_in) or `x W + b` (in_out). `vectors`: a single sample is a column or a row;
    None: as the weights would have it. `bias`: `W x + b`, `b + W x`, or part of the weights behind an added one.
    `derivatives`: gradients in the shape of their quantity and Jacobians with a row for each entry of the numerator
    (mixed), or one layout throughout. `samples`: how a batch lies in its matrix. `relu_at_zero`: the slope taken at
    the kink. `update_uses`: the weights through which later gradients pass. `frozen`: parameters that the update leaves
    alone. `fused`: whether softmax with cross-entropy is differentiated in one step. `bias_index`: the index of the
    bias among the entries of augmented weights, 1 as of any first row, or 0, so that a weight has that of its input.
    """

    weights: WeightLayout = "out_in"
    derivatives: DerivativeLayout = "mixed"
    samples: SampleLayout = "rows"
    relu_at_zero: Fraction = Fraction(0)
    update_uses: WeightsOfUpdate = "old"
    frozen: tuple[str, ...] = ()
    fused: bool = True
    vectors: VectorLayout | None = None
    bias: BiasPlace = "last"
    bias_index: int = 1


@dataclass(frozen=True)
class Call:
    """An activation or a loss by name, with its options as written: `softplus`, `{"beta": "2"}`."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MLP:
    """The short form, kept beside the equations made from it."""

    widths: tuple[Width, ...]
    activations: tuple[Call, ...]
    loss: Call
    bias: bool
    samples: Samples


@dataclass(frozen=True)
class Problem:
    """One problem file: what is given, the forward pass, and what is wanted of it.

    `dimensions` holds the symbols that numbers have bound (`{"N": 4}`), `symbols` all that were declared.
    """

    name: str
    title: str
    text: str
    givens: tuple[Given, ...]
    equations: tuple[Equation, ...]
    of: str | None
    ask: tuple[Ask, ...]
    conventions: Conventions
    update: Update | None
    notation: Mapping[str, str]
    preset: str | None
    rounding: Rounding
    detail: Detail
    points: int | None
    dimensions: Mapping[str, int]
    symbols: tuple[str, ...]
    mlp: MLP | None
    source: Path | None
    questions: tuple[Question, ...] = ()
    level: Level | None = None
    topics: tuple[str, ...] = ()
    minutes: int | None = None
    train: Train = Train()
    vary: Vary = field(default_factory=Vary)
    require: Require = field(default_factory=Require)

    def given(self, name: str) -> Given:
        """The given quantity called `name`."""
        for given in self.givens:
            if given.name == name:
                return given
        raise KeyError(name)


@dataclass(frozen=True)
class Draft:
    """A problem as far as it could be read, and everything that is wrong with its file, each fault with its line.

    `unknown` are the given quantities (the learning rate is one) whose shape or numbers are not known.
    """

    problem: Problem
    unknown: frozenset[str]
    faults: tuple[tuple[int, Fault], ...]

    def finished(self, *more: tuple[int, Fault]) -> Problem:
        """The problem; raises ProblemError with all faults in the order of the file, if there are any."""
        if not self.faults and not more:
            return self.problem
        in_order = sorted((*self.faults, *more), key=lambda entry: entry[0])
        faults = list(dict.fromkeys(fault for _, fault in in_order))
        if len(faults) > _MANY:
            where = str(self.problem.source or self.problem.name)
            faults[_MANY:] = [Fault(f"{len(faults) - _MANY} more faults", "fewer", where=where)]
        raise ProblemError(*faults)


def _drawn(vary: Vary) -> set[str]:
    """The quantities that get numbers for each student; signs alone are no numbers."""
    single = {choice.name for choice in vary.choices if isinstance(choice, Each)}
    together = (name for choice in vary.choices if isinstance(choice, OneOf) for name in choice.options[0])
    return single.union(together)


def missing_numbers(problem: Problem, unknown: frozenset[str] = frozenset()) -> list[tuple[int, Fault]]:
    """The fault of a problem that gives numbers for some of its quantities only, with its line; none in others.

    That is a slip: a sheet without any number would come as a surprise. Quantities that are drawn for each student need
    no numbers of their own. Nothing is said of `unknown` quantities.
    """
    lines = {given.name: given.line for given in problem.givens}
    literals = {given.name: given.value for given in problem.givens}
    if problem.update:
        literals[problem.update.symbol] = problem.update.learning_rate
    drawn = _drawn(problem.vary)
    missing = [name for name, literal in literals.items() if literal is None and name not in unknown | drawn]
    constants = {given.name for given in problem.givens if given.role == "constant"}
    numeric = {name for name, literal in literals.items() if literal is not None and name not in constants}
    with_numbers = sorted(numeric) or sorted(drawn & literals.keys())
    if not missing or not with_numbers:
        return []
    line = lines.get(missing[0], 0)
    vary_hint = "numbers of these may be drawn by `vary:`, too" if drawn else ""
    fault = Fault(
        where=f"{problem.source or problem.name}{f':{line}' if line else ''}",
        found=f"no numbers for {', '.join(missing)}",
        expected=f"numbers for every quantity, as for {with_numbers[0]}, or for none",
        hint="a learning rate is given by `update: {sgd: {learning_rate: 0.1}}`" if problem.update else vary_hint,
    )
    return [(line, fault)]
