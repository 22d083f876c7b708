"""Where wrong answers come from: one step that went otherwise than it should, and the numbers that it led to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from derive.calculus.mistakes import Mistake
from derive.evaluate import FloatArithmetic
from derive.ops import Array, Constant, Node, Tensor, Times, Transpose, evaluate
from derive.program import Program, Step
from derive.variants.forms import Form
from derive.variants.rounded_steps import RoundedSteps
from derive.variants.rounding import units

if TYPE_CHECKING:
    from derive.grading.carried import CarriedSteps


@dataclass(frozen=True)
class Origin:
    """A step that went wrong: by a mistake, by rounding to one place fewer than told, or in a way that has no name.

    `mistake` is None where it was rounding. Where nothing names what went wrong, `answer` is an answer that repeats the
    number of the step, and so tells it. A `shortcut` is one number everywhere that makes the rest easy.
    """

    step: str
    mistake: Mistake | None = None
    answer: str = ""
    shortcut: float | None = None

    @property
    def kind(self) -> tuple[str, str]:
        """What is told of it: the step, and the kind of the mistake."""
        return self.step, self.mistake.kind if self.mistake else ""

    @property
    def has_name(self) -> bool:
        """Whether there is something to tell."""
        return not self.answer and self.shortcut is None

    def forms(self, step: Step, own: CarriedSteps) -> tuple[Array, Array] | None:
        """What its step leads to, before rounding and after it; None where a mistake has no value."""
        if self.mistake:
            before = own.of_mistake(step, self.mistake)
            return None if before is None else (before, RoundedSteps.written_down(own, step, before))
        if self.shortcut is not None:
            forms = intervals(np.full(own.values[step.name].shape, self.shortcut), 0.0, own)
        elif self.answer:
            forms = intervals(self.told(step, own.program, own.answers), own.half, own)
        else:
            forms = _coarse(step, own)
        return forms, forms

    def told(self, step: Step, program: Program, answers: Mapping[str, Array]) -> Array:
        """The numbers of the step as the answer has them that repeats them."""
        known: dict[Node, Array] = {step.target: answers[self.answer]}
        return evaluate(program[self.answer].formula, known, FloatArithmetic(program.dimensions))


Slipped = Mapping[str, Sequence[tuple[Origin, Array]]]  # by the name of the step: origins, each with a mask of students


def repeats(formula: Node) -> Tensor | None:
    """The quantity whose numbers a formula only repeats: the bare quantity, its transpose, its negative.

    Such a formula is its own inverse, f(f(S)) = S, so that it also leads back.
    """
    if isinstance(formula, Times) and len(formula.operands) == 2:
        sign, rest = formula.operands
        return repeats(rest) if isinstance(sign, Constant) and sign.number == -1 else None
    if isinstance(formula, Transpose):
        return repeats(formula.operands[0])
    return formula if isinstance(formula, Tensor) else None


def chosen(rows: Array, one: Array, other: Array, own: RoundedSteps) -> Array:
    """Numbers of some students from one array of forms, those of the others from another."""
    found = np.empty(other.size, dtype=object)
    for place, forms in enumerate(zip(one.flat, other.flat, strict=True)):
        pairs = zip(*(form.ends() for form in forms), strict=True)
        found[place] = own.between(*(np.where(rows, *pair) for pair in pairs))
    return found.reshape(other.shape)


def coarser(number: Array, places: int) -> Array:
    """Rounded to one place fewer than told."""
    return np.asarray(units(number, places - 1) / 10.0 ** (places - 1))


def _coarse(step: Step, own: CarriedSteps) -> Array:
    forms = own.value(step)
    coarse = np.empty(forms.size, dtype=object)
    for place, form in enumerate(forms.flat):
        number = coarser(form.centre, own.places)
        coarse[place] = own.between(number, number)
    return coarse.reshape(forms.shape)


def intervals(numbers: Array, half: float, own: CarriedSteps) -> Array:
    """Numbers of students, shape (students, *shape), of which each may be off by `half`."""
    columns = numbers.reshape(own.count, -1).T
    forms = np.empty(len(columns), dtype=object)
    for place, column in enumerate(columns):
        forms[place] = own.between(column - half, column + half)
    return forms.reshape(numbers.shape[1:])


def are_zero(forms: Array, unit: float) -> Array:
    """Of whom all numbers of a quantity are zero on paper."""
    found: list[Array] = [np.asarray(np.abs(form.centre) < unit / 2) for form in forms.flat if isinstance(form, Form)]
    return np.asarray(np.all(np.broadcast_arrays(*found), axis=0))
