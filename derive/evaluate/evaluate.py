"""Numbers for a program: one loop over its steps, in float64 or exactly, for one problem or many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import flint
import numpy as np
import sympy

from derive.errors import DeriveError, Fault
from derive.evaluate.exact import PRECISIONS, ExactArithmetic, NotANumber, Real, Undecided, bound, exact_array
from derive.ops import Arithmetic, Array, Fn, Node, OneHot, Power, Row, Shape, Tensor, as_spelled, evaluate, walk
from derive.program import Program, Step

Values = dict[str, Array]
TOO_SMALL = (
    "a probability that should not be 0 is too near to it: take the loss from logits (bce_logits, "
    "cross_entropy_logits), or smaller inputs, parameters or steps"
)


class DomainError(DeriveError):
    """A function met a number for which it is not defined."""


class TooSmall(DomainError):
    """What has no value in float64 and may have one exactly: the logarithm of what underflows to 0."""


class FloatArithmetic:
    """float64 (and complex128, which complex steps need); dimension symbols are bound to numbers.

    What SymPy has once computed is kept: a training loop evaluates the same steps thousands of times.
    """

    def __init__(self, dimensions: Mapping[str, int]) -> None:
        self.dimensions = dict(dimensions)
        self._numbers: dict[sympy.Expr, Array] = {}
        self._shapes: dict[Shape, tuple[int, ...]] = {}

    def number(self, value: sympy.Expr) -> Array:
        found = self._numbers.get(value)
        if found is None:
            bound_value = value.subs({symbol: self.dimensions[symbol.name] for symbol in value.free_symbols})
            found = self._numbers[value] = np.asarray(float(bound_value))
            found.flags.writeable = False
        return found

    def shape(self, shape: Shape) -> tuple[int, ...]:
        found = self._shapes.get(shape)
        if found is None:
            found = self._shapes[shape] = bound(shape, self.dimensions)
        return found

    def apply(self, row: Row, *arrays: Array) -> Array:
        return np.asarray(row.value(*arrays))

    def shift(self, array: Array, axis: int) -> Array:
        """The largest entry (of complex numbers by the real part)."""
        highest: Array = np.real(array).max(axis=axis, keepdims=True)
        return highest


def run(
    steps: Iterable[Step],
    given: Mapping[Tensor, Array],
    arithmetic: Arithmetic,
    *,
    after: Callable[[Step, Array], Array] | None = None,
) -> dict[Node, Array]:
    """The values of all quantities: those given, and each step from the earlier ones.

    Arrays may carry one further axis in front (one entry per variant). `after` may change a value before it is used
    (rounding as a student would).
    """
    known: dict[Node, Array] = dict(given)
    for step in steps:
        if step.target in known:
            continue
        try:
            value = _as_declared(evaluate(step.formula, known, arithmetic), step, arithmetic)
            known[step.target] = after(step, value) if after else value
        except ZeroDivisionError:
            raise _undefined(step, "division by zero", "a number other than zero") from None
        except NotANumber:
            raise NotANumber(step) from None
    return known


def _as_declared(value: Array, step: Step, arithmetic: Arithmetic) -> Array:
    """A single entry gets the shape that its quantity was given: () or (1,) or (1, 1)."""
    if step.target.shape == step.formula.shape:
        return value
    declared = arithmetic.shape(step.target.shape)
    formula = arithmetic.shape(step.formula.shape)
    if declared == formula:
        return value
    return value.reshape(value.shape[: value.ndim - len(formula)] + declared)


def evaluate_program(program: Program, given: Mapping[str, Array]) -> Values:
    """All values in float64, by name; raises `DomainError` where a function is not defined."""
    tensors = {program.tensor(name): np.asarray(array, dtype=float) for name, array in given.items()}
    with np.errstate(all="ignore"):
        known = run(program.steps, tensors, FloatArithmetic(program.dimensions))
        require_defined(program, known)
    return {tensor.name: array for tensor, array in known.items() if isinstance(tensor, Tensor)}


def evaluate_exactly(
    program: Program,
    given: Mapping[str, Array],
    after: Callable[[Step, Array], Array] | None = None,
    *,
    fractions: bool = False,
) -> Values:
    """All values as `Real`, with the precision raised until every comparison is decided.

    A quotient or logarithm of a ball that contains 0 has no value yet; only at the highest precision it has none.
    With `fractions` it rises, too, while a ball may be a fraction that prints as one: sigmoid(log(2)) is 2/3.
    """
    tensors = {program.tensor(name): array for name, array in given.items()}

    def rounded_if_finite(step: Step, value: Array) -> Array:
        value = np.vectorize(Real.settled, otypes=[object])(exact_array(value))
        if not all(number.is_finite for number in value.flat):
            raise NotANumber(step)
        if flint.ctx.prec < PRECISIONS[-1] and not all(number.is_sharp for number in value.flat):
            raise Undecided(f"the decimals of {step.name}")
        if fractions and flint.ctx.prec < PRECISIONS[-1] and any(number.may_be_simple() for number in value.flat):
            raise Undecided(f"is {step.name} a fraction?")
        return after(step, value) if after else value

    reason: Undecided | None = None
    for bits in PRECISIONS:
        flint.ctx.prec = bits
        try:
            known = run(program.steps, tensors, ExactArithmetic(dict(program.dimensions)), after=rounded_if_finite)
            return {tensor.name: array for tensor, array in known.items() if isinstance(tensor, Tensor)}
        except Undecided as error:
            reason = error
    if isinstance(reason, NotANumber):
        [step] = reason.args
        expected = "a number; where values are rounded on the way, more places may help"
        raise _undefined(step, f"{step.name} is not defined for the values before it", expected)
    raise DomainError(
        Fault(
            found="a quantity that stands so near a kink or a tie that no precision decides its side",
            expected="values away from the kinks of relu, abs, max and the like",
            hint="change one of the numbers slightly",
        )
    )


def as_floats(values: Values) -> Values:
    """Exact numbers in float64."""
    return {name: array.astype(float) for name, array in values.items()}


def require_defined(program: Program, known: Mapping[Node, Array]) -> None:
    """Refuse logarithms and roots of numbers that are not positive, division by zero, and overflow."""
    arithmetic = FloatArithmetic(program.dimensions)
    values = dict(known)
    for step in program.steps:
        _require_domain(step, step.formula, values, arithmetic)
        if not np.isfinite(known[step.target]).all():
            raise TooSmall(
                Fault(
                    path=f"{step}",
                    found=f"{step.name} is not finite: {np.asarray(known[step.target]).tolist()}",
                    expected="numbers that float64 can hold",
                    hint="look for a division by zero, or values that grow beyond 1e308",
                )
            )


def _require_domain(step: Step, node: Node, known: dict[Node, Array], arithmetic: Arithmetic) -> None:
    for operand in node.operands:
        _require_domain(step, operand, known, arithmetic)
    if isinstance(node, Fn) and node.row.domain:
        arguments = [evaluate(argument, known, arithmetic) for argument in node.arguments]
        if not np.all(node.row.domain.holds(*arguments)):
            found = f"{_as_told(node)} of {arguments[-1].tolist()}"
            raise _undefined(step, found, node.row.domain.words, too_small=bool(np.any(arguments[-1] == 0)))
    if isinstance(node, OneHot):
        indices, classes = evaluate(node.operands[0], known, arithmetic), arithmetic.shape((node.args[1],))[0]
        if not np.isin(indices, np.arange(classes)).all():
            raise _undefined(
                step,
                f"the class index {', '.join(f'{index:g}' for index in indices.flat)}",
                f"whole numbers from 0 to {classes - 1}",
            )
    if isinstance(node, Power):
        base = evaluate(node.base, known, arithmetic)
        if node.exponent.is_negative and np.any(base == 0):
            raise _undefined(step, f"division by {base.tolist()}", "a number other than zero", too_small=True)
        if not node.exponent.is_Integer and np.any(base < 0):
            raise _undefined(step, f"the power {node.exponent} of {base.tolist()}", "a number that is not negative")


def _as_told(node: Fn) -> str:
    """The name under which an author knows a function: log for t log p."""
    spelled = as_spelled(node)
    return next((part.row.name for part in walk(spelled) if isinstance(part, Fn) and part.row.domain), node.row.name)


def _undefined(step: Step, found: str, expected: str, *, too_small: bool = False) -> DomainError:
    kind, hint = (TooSmall, TOO_SMALL) if too_small else (DomainError, "")
    return kind(Fault(path=f"in `{step}`", found=found, expected=expected, hint=hint))
