"""Mistakes that people make, as other right-hand sides of a step: one table of small independent numbers.

A mistake is a formula for the same target, in quantities that stand before it. So evaluating it needs nothing else than
evaluating the step, for one student or for many at once. Whether two formulas are the same function is decided by
numbers, in `derive.evaluate.wrong_answers`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from derive.calculus.mistakes import activations, numbers, products
from derive.calculus.mistakes.place import Place
from derive.ops import Node, Tensor, entry, is_single, walk
from derive.program import Program, Role, Step


@dataclass(frozen=True)
class Mistake:
    """A wrong right-hand side of a step; `kind` is a row of `MISTAKES` and a phrase of the table `[mistakes]`.

    `fields` fill the phrase with quantities by name: `symbol` is the one computed, `missing` is one that the wrong
    formula has less often than the right one, `used` one that it has more often.
    """

    kind: str
    formula: Node
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class MistakeRule:
    """One kind of mistake: to which steps it applies, and the formulas it leads to."""

    kind: str
    roles: tuple[Role, ...]
    rewrite: Callable[[Place], Iterator[Node]]
    steps: tuple[str, ...] = ()

    def applies(self, step: Step) -> bool:
        """Whether a step has one of the roles, and one of the rules (`steps`) where they are limited."""
        return step.role in self.roles and (not self.steps or step.rule in self.steps)


FORWARD = (Role.FORWARD, Role.AFTER)
LOSS = (Role.LOSS, Role.AFTER)
BACKWARD = (Role.BACKWARD,)
DERIVATIVES = (Role.LOCAL, Role.BACKWARD)
LINES = (Role.FORWARD, Role.LOSS, Role.LOCAL, Role.BACKWARD, Role.AFTER)
LAYERS = ("affine", "linear", "equation")

# Where two rules lead to the same function the first one names it, so the more telling ones stand first.
MISTAKES: tuple[MistakeRule, ...] = (
    MistakeRule("error_reversed", (*LOSS, Role.BACKWARD), numbers.error_reversed),
    MistakeRule("target_sign", (*LOSS, Role.BACKWARD), numbers.target_sign),
    MistakeRule("target_forgotten", (*LOSS, Role.BACKWARD), numbers.target_forgotten),
    MistakeRule("factor_two", LINES, numbers.factor_two),
    MistakeRule("factor_half", LINES, numbers.factor_half),
    MistakeRule("count_dropped", (*LOSS, Role.BACKWARD), numbers.count_dropped),
    MistakeRule("count_added", LOSS, numbers.count_added, ("loss",)),
    MistakeRule("count_added", BACKWARD, numbers.count_added, ("loss", "fused")),
    MistakeRule("constant_factor", LINES, numbers.constant_factor),
    MistakeRule("learning_rate", (Role.UPDATE,), numbers.coefficient),
    MistakeRule("coefficient", LINES, numbers.coefficient),
    MistakeRule("square", (*LOSS, Role.LOCAL), numbers.square),
    MistakeRule("update_sign", (Role.UPDATE,), numbers.sign),
    MistakeRule("minus_dropped", LINES, numbers.minus_dropped),
    MistakeRule("bias_forgotten", FORWARD, numbers.bias_forgotten, LAYERS),
    MistakeRule("bias_averaged", BACKWARD, numbers.bias_averaged, ("bias",)),
    MistakeRule("path_missing", (Role.BACKWARD, Role.JACOBIAN), numbers.path_missing, ("paths", "jacobian")),
    MistakeRule("sign", LINES, numbers.sign),
    MistakeRule("activation_forgotten", FORWARD, activations.activation_forgotten),
    MistakeRule("slope_missing", BACKWARD, activations.slope_missing),
    MistakeRule("mask_missing", BACKWARD, activations.mask_missing),
    MistakeRule("mask_of_ones", (Role.LOCAL,), activations.mask_of_ones),
    MistakeRule("value_for_slope", BACKWARD, activations.value_for_slope),
    MistakeRule("slope_at_output", (Role.LOCAL,), activations.slope_at_output),
    MistakeRule("slope_of_argument", (Role.LOCAL,), activations.slope_of_argument),
    MistakeRule("upstream_missing", BACKWARD, numbers.upstream_missing),
    MistakeRule("factor_missing", BACKWARD, numbers.factor_missing),
    MistakeRule("softmax_diagonal", BACKWARD, activations.softmax_diagonal, ("softmax", "chain")),
    MistakeRule("slope_twice", BACKWARD, activations.slope_twice, ("fused",)),
    MistakeRule("outer_transposed", BACKWARD, products.outer_transposed),
    MistakeRule("transpose_missing", (*LINES, Role.JACOBIAN), products.transpose_missing),
    MistakeRule("transpose_added", (*LINES, Role.JACOBIAN), products.transpose_added),
    MistakeRule("order_reversed", (Role.JACOBIAN,), products.order_reversed),
    MistakeRule("diagonal_missing", (Role.JACOBIAN,), products.diagonal_missing),
    MistakeRule("ones_row", BACKWARD, products.ones_row),
    MistakeRule("pre_activation", (Role.FORWARD, Role.LOSS, Role.BACKWARD, Role.AFTER), activations.pre_activation),
    MistakeRule("other_layer", (Role.FORWARD, Role.BACKWARD), products.other_layer),
    MistakeRule("gradient_before", BACKWARD, products.gradient_before),
    MistakeRule("other_gradient", (Role.UPDATE,), products.other_gradient),
    MistakeRule("updated_weight", BACKWARD, products.updated_weight),
    MistakeRule("old_value", (Role.BACKWARD, Role.AFTER), products.old_value),
    MistakeRule("negated", (*DERIVATIVES, Role.JACOBIAN), numbers.negated),
)


def candidates(program: Program, step: Step) -> tuple[Mistake, ...]:
    """Every wrong formula that a rule gives for a step and that could stand there, each once.

    It has the step's shape and uses earlier quantities only. It may still be the same function as the right one. Those
    of a single entry are those of the whole quantity.
    """
    if step.role is Role.ENTRY:
        return tuple(_of_entry(program, step))
    place = Place(program, step)
    found: dict[Node, Mistake] = {}
    for rule in MISTAKES:
        if rule.applies(step):
            for formula in rule.rewrite(place):
                if formula != step.formula and formula not in found and _fits(formula, place):
                    found[formula] = Mistake(rule.kind, formula, _fields(formula, step))
    return tuple(found.values())


def _of_entry(program: Program, step: Step) -> Iterator[Mistake]:
    """What the mistakes of a whole quantity make of one of its entries."""
    whole, index = program.place_of(step.name)
    found = {step.formula}
    for mistake in candidates(program, program[whole]):
        formula = entry(mistake.formula, index)
        if formula not in found:
            found.add(formula)
            yield replace(mistake, formula=formula)


def _fits(formula: Node, place: Place) -> bool:
    """Whether the formula can stand in the place of the right one."""
    shapes = (formula.shape, place.formula.shape)
    same = shapes[0] == shapes[1] or all(map(is_single, shapes))
    return same and place.earlier.issuperset(tensor.name for tensor in formula.tensors)


def _fields(formula: Node, step: Step) -> tuple[tuple[str, str], ...]:
    """What was computed, what is missing and what was used instead, by name."""
    right, wrong = (
        Counter(part for part in walk(node) if isinstance(part, Tensor)) for node in (step.formula, formula)
    )
    pairs = (("symbol", [step.target]), ("missing", list(right - wrong)), ("used", list(wrong - right)))
    return tuple((key, tensors[0].name) for key, tensors in pairs if tensors)
