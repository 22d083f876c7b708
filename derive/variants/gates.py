"""The gates that a variant must pass: one row for each requirement, each a test of very many variants at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from derive.evaluate import Values
from derive.ops import Array, Fn, Node, Softmax, as_node, evaluate, walk
from derive.ops.node import aligned
from derive.program import Program, Role, Step
from derive.spec.variation import Require
from derive.variants.conditions import difference, holds
from derive.variants.difficulty import cost, hand_computable
from derive.variants.rounding import digits_agree, largest_deviation, student_values, units, with_variants
from derive.variants.setting import Setting, all_entries, per_variant

TIE = 1e-7  # of a unit of the last place: a number this close to half way between two decimals may be a tie
ROUNDING_ERROR = 1e-9


@dataclass(frozen=True)
class Batch:
    """Candidates of one network with their numbers; the values have a first axis for the candidates."""

    setting: Setting
    count: int
    given: Values
    values: Values

    def entries(self, name: str) -> Array:
        """The entries of a quantity, a row for each candidate."""
        rank = self.setting.program.tensor(name).rank
        return per_variant(np.asarray(self.values[name]), rank, self.count)

    def value(self, node: Node) -> Array:
        """The value of an expression, with a first axis for the candidates where it varies."""
        with np.errstate(all="ignore"):
            return np.asarray(evaluate(node, self.known, self.setting.arithmetic))

    def of(self, node: Node) -> Array:
        """The entries of an expression, a row for each candidate."""
        return per_variant(self.value(node), node.rank, self.count)

    def lined_up(self, nodes: Sequence[Node]) -> list[Array]:
        """The values of expressions that go into one function, their own axes lined up at the end."""
        return list(aligned(tuple(self.value(node) for node in nodes), tuple(node.rank for node in nodes)))

    def kinks(self) -> Iterator[Array]:
        """What is zero where the forward pass has a kink (u for relu(u)), a row for each candidate."""
        for _, node in forward_functions(self.setting.program):
            kink = as_node(node.row.kink(*node.operands)) if node.row.kink else None
            if kink is not None and kink.tensors:
                yield self.of(kink)

    @cached_property
    def known(self) -> dict[Node, Array]:
        """All values by tensor."""
        return self.setting.known(self.values)

    @cached_property
    def student(self) -> Values:
        """What a student gets who rounds every step and carries on."""
        return student_values(self.setting.program, self.given, self.setting.places)

    @cached_property
    def work(self) -> Array:
        """How much there is to compute by hand, in points of work."""
        return np.asarray(cost(self.setting.program, self.values, self.setting.places))

    def only(self, mask: Array) -> Batch:
        """The candidates of a mask, or at some places."""

        def chosen(name: str, array: Array) -> Array:
            return array[mask] if array.ndim > self.setting.program.tensor(name).rank else array

        values = {name: chosen(name, array) for name, array in self.values.items()}
        given = {name: values[name] for name in self.given}
        count = int(mask.sum()) if mask.dtype == bool else len(mask)
        return Batch(self.setting, count, given, values)


@dataclass(frozen=True)
class Gate:
    """A requirement: which candidates meet it, whether the file asks for it, and how it is made easier to meet.

    `key` is its name under `require:`, `loosest` the value with which it lets everything pass. `by_design`: an author
    may want what it refuses, so that it is dropped where the problem's own numbers do not meet it.
    """

    key: str
    passes: Callable[[Batch], Array]
    loosest: object
    hint: str
    by_design: bool = False

    def is_asked(self, require: Require) -> bool:
        """Whether the requirement lets not everything pass."""
        return not self.key or getattr(require, self.key) != self.loosest


def _is_defined(batch: Batch) -> Array:
    """Every value is finite, and every function is applied where it is defined."""
    steps = batch.setting.program.steps
    finite = [np.isfinite(batch.entries(step.name)) for step in steps]
    domains = (
        _holds(node, batch) for step in steps for node in walk(step.formula) if isinstance(node, Fn) and node.row.domain
    )
    return all_entries([*finite, *domains], batch.count)


def _holds(node: Fn, batch: Batch) -> Array:
    assert node.row.domain
    holds = np.asarray(node.row.domain.holds(*batch.lined_up(node.arguments)))
    return per_variant(holds, max(argument.rank for argument in node.arguments), batch.count)


def forward_functions(program: Program) -> Iterator[tuple[Step, Fn]]:
    """The functions of the forward pass that are applied to numbers which may vary."""
    for step in program.by_role(Role.FORWARD, Role.LOSS):
        for node in dict.fromkeys(walk(step.formula)):
            if isinstance(node, Fn) and node.tensors:
                yield step, node


def _slopes(batch: Batch, with_kink: bool) -> Iterator[tuple[Step, Node]]:
    """The slope of each activation of the forward pass, of those with a kink or of those without."""
    for step, node in forward_functions(batch.setting.program):
        slope = node.partial(0)
        if node.row.activation and (node.row.kink is not None) == with_kink and slope.tensors:
            yield step, slope


def _units_are_alive(batch: Batch) -> Array:
    """No unit (`none`), or not every unit of a layer (`some`), has slope 0 for all samples."""
    result = np.ones(batch.count, dtype=bool)
    for step, slope in _slopes(batch, with_kink=True):
        alive = (batch.of(slope) != 0).reshape(batch.count, *batch.setting.arithmetic.shape(slope.shape))
        samples = batch.setting.samples
        if samples and step.name in samples.axes:
            alive = alive.any(axis=1 + samples.axes[step.name])
        by_unit = alive.reshape(batch.count, -1)
        result &= by_unit.all(axis=1) if batch.setting.require.dead_units == "none" else by_unit.any(axis=1)
    return result


def _is_away_from_kinks(batch: Batch) -> Array:
    least = float(batch.setting.require.kink_distance) - ROUNDING_ERROR
    return all_entries((np.abs(kink) >= least for kink in batch.kinks()), batch.count)


def _is_not_saturated(batch: Batch) -> Array:
    """Slopes of smooth activations, and p (1 - p) of a softmax, are not too small."""
    least = float(batch.setting.require.saturation) - ROUNDING_ERROR
    smooth = [np.abs(batch.of(slope)) >= least for _, slope in _slopes(batch, with_kink=False)]
    softmax = {
        node: batch.of(node)
        for step in batch.setting.program.forward
        for node in walk(step.formula)
        if isinstance(node, Softmax)
    }
    return all_entries([*smooth, *(p * (1 - p) >= least for p in softmax.values())], batch.count)


def _scaled(batch: Batch, name: str) -> Array:
    """The entries in units of the last place."""
    return np.asarray(batch.entries(name) * 10.0**batch.setting.places)


def _shows_no_zero(batch: Batch) -> Array:
    exact_zero = batch.setting.require.zeros == "exact"
    masks = []
    for name in batch.setting.answers:
        is_zero = np.abs(_scaled(batch, name)) < ROUNDING_ERROR
        masks.append((units(batch.entries(name), batch.setting.places) != 0) | (is_zero & exact_zero))
    return all_entries(masks, batch.count)


def _has_no_tie(batch: Batch) -> Array:
    masks = []
    for step in batch.setting.program.steps:
        scaled = np.abs(_scaled(batch, step.name))
        masks.append(np.abs(scaled - np.floor(scaled) - 0.5) > TIE * np.maximum(1, scaled))
    return all_entries(masks, batch.count)


def _is_in_range(batch: Batch) -> Array:
    masks = []
    for wanted in batch.setting.require.ranges:
        entries = batch.entries(wanted.quantity)
        slack = ROUNDING_ERROR * (1 + np.abs(entries))
        masks.append((entries >= float(wanted.lowest) - slack) & (entries <= float(wanted.highest) + slack))
    return all_entries(masks, batch.count)


def _meets_conditions(batch: Batch) -> Array:
    setting, masks = batch.setting, []
    for condition in setting.require.conditions:
        sides = difference(condition, setting.problem, setting.program, batch.known, setting.arithmetic)
        masks.append(holds(condition, per_variant(*sides, batch.count)))
    return all_entries(masks, batch.count)


def _is_rounding_safe(batch: Batch) -> Array:
    setting = batch.setting
    if setting.require.rounding == "digits":
        return np.asarray(digits_agree(batch.student, batch.values, setting.places, setting.answers))
    deviation = largest_deviation(batch.student, batch.values, setting.answers)
    return np.asarray(deviation <= float(tolerance(setting)) * (1 + ROUNDING_ERROR))


def _shows_mistakes(batch: Batch) -> Array:
    """What each common mistake leads to differs on paper from the right answer, and from what the others lead to."""
    result = np.ones(batch.count, dtype=bool)
    for name in batch.setting.answers:
        wrong = (batch.of(mistake.formula) for mistake in batch.setting.mistakes(name))
        answers = [batch.entries(name), *wrong]
        printed = [units(answer, batch.setting.places) for answer in answers]
        for one, other in itertools.combinations(printed, 2):
            result &= (one != other).any(axis=1)
    return result


def tolerance(setting: Setting) -> Fraction:
    """How far a student may be off: as stated, or one unit of the last place."""
    stated = setting.require.tolerance
    return Fraction(1, 10**setting.places) if stated is None else stated


def _is_by_hand(batch: Batch) -> Array:
    largest = batch.setting.require.by_hand
    assert largest is not None
    loss = batch.setting.program.loss
    values = with_variants(batch.setting.program, batch.values)
    return np.asarray(hand_computable(values, largest, exempt=(loss.name,) if loss else ()))


GATES = (
    Gate("", _is_defined, None, "vary numbers within the domain of every function"),
    Gate("ranges", _is_in_range, (), "widen `range:`"),
    Gate("conditions", _meets_conditions, (), "loosen `conditions:`"),
    Gate("dead_units", _units_are_alive, "any", "allow `dead_units: some`, or vary biases and inputs upwards", True),
    Gate("kink_distance", _is_away_from_kinks, Fraction(0), "lower `kink_distance:`", True),
    Gate("saturation", _is_not_saturated, Fraction(0), "lower `saturation:`, or vary smaller weights", True),
    Gate("zeros", _shows_no_zero, "any", "allow `zeros: exact`, or vary larger numbers", True),
    Gate("ties", _has_no_tie, True, "allow `ties: true`, or raise `rounding: {places: ...}`"),
    Gate("by_hand", _is_by_hand, None, "allow larger denominators in `by_hand:`, or vary whole numbers"),
    Gate("mistakes", _shows_mistakes, "any", "allow `mistakes: any`, or raise `rounding: {places: ...}`"),
    Gate(
        "rounding", _is_rounding_safe, "any", "allow `rounding: {tolerance: ...}`, or raise `rounding: {places: ...}`"
    ),
)
"""In the order in which they are asked: what is cheap to know and refuses much comes first."""
