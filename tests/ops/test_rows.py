"""Every row of the table of elementwise functions: its value, its slope, its PyTorch form and its domain agree."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from typing import Any

import flint
import numpy as np
import pytest
import sympy
import torch

from derive.evaluate import ExactArithmetic, exact_array
from derive.ops import ROWS, Constant, Fn, Node, Row, Tensor, scalar
from tests.support import torch_expression, value_of

# Fractions of two, so that they are exact as floats; none of them is a kink for the parameters below.
GRID = [Fraction(n, 8) for n in (-19, -9, -5, -1, 1, 3, 7, 13, 21)]
COARSE = [Fraction(n, 8) for n in (-19, -4, 0, 6, 13)]
SHIFTED = [Fraction(n, 8) for n in (-17, -5, 2, 7, 15)]
Point = tuple[Any, ...]

rows = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


def parameter_sets(row: Row) -> list[tuple[sympy.Expr, ...]]:
    """The defaults, and two other choices for each parameter."""
    defaults = [default for _, default in row.parameters]
    choices = ([default, default * sympy.Rational(3, 2), default + sympy.Rational(1, 4)] for default in defaults)
    return list(zip(*choices, strict=True)) or [()]


def points(row: Row) -> list[Point]:
    """Arguments on both sides of zero, inside the domain."""
    grids = [GRID] if row.arity == 1 else [COARSE, SHIFTED]
    return [point for point in itertools.product(*grids) if all(in_domain(row, near) for near in around(point))]


def around(point: Point) -> list[Point]:
    return list(itertools.product(*((u - Fraction(1, 64), u + Fraction(1, 64)) for u in point)))


def in_domain(row: Row, point: Iterable[Any]) -> bool:
    return row.domain is None or bool(np.all(row.domain.holds(*(np.array(float(u)) for u in point))))


def cases(row: Row) -> list[tuple[Point, tuple[sympy.Expr, ...]]]:
    return list(itertools.product(points(row), parameter_sets(row)))


def symbols(row: Row) -> list[sympy.Symbol]:
    return [sympy.Symbol(f"u_{place}", real=True) for place in range(row.arity)]


def rational(number: Fraction) -> sympy.Rational:
    return sympy.Rational(number.numerator, number.denominator)


def at(expression: sympy.Expr, row: Row, point: Point) -> sympy.Expr:
    """The value of an expression in `symbols(row)` to 40 digits."""
    values = {symbol: rational(Fraction(u)) for symbol, u in zip(symbols(row), point, strict=True)}
    return sympy.sympify(expression).subs(values).evalf(40, maxn=2000)


@cache
def textbook(name: str, parameters: tuple[sympy.Expr, ...]) -> sympy.Expr:
    return ROWS[name].scalar(*symbols(ROWS[name]), *parameters)


def expected(row: Row, point: Point, parameters: tuple[sympy.Expr, ...]) -> sympy.Expr:
    return at(textbook(row.name, parameters), row, point)


def operands(row: Row, parameters: tuple[sympy.Expr, ...]) -> tuple[list[Tensor], list[Constant]]:
    return [Tensor(f"u_{place}") for place in range(row.arity)], [Constant(parameter) for parameter in parameters]


@cache
def slope_nodes(name: str, parameters: tuple[sympy.Expr, ...]) -> tuple[Node, ...]:
    """The slopes as taught, with the function itself as their result z."""
    arguments, constants = operands(ROWS[name], parameters)
    node = Fn(name, *arguments, *constants)
    return tuple(node.partial(index) for index in range(ROWS[name].arity))


def slope_values(row: Row, point: Point, parameters: tuple[sympy.Expr, ...]) -> list[float]:
    values = {f"u_{place}": float(u) for place, u in enumerate(point)}
    return [float(value_of(node, values)) for node in slope_nodes(row.name, parameters)]


def value(row: Row, point: Point, parameters: tuple[sympy.Expr, ...]) -> Any:
    arrays = [np.asarray(u, dtype=None if isinstance(u, complex) else float) for u in point]
    return row.value(*arrays, *(np.asarray(float(parameter)) for parameter in parameters))


def is_kink(row: Row, point: Point, parameters: tuple[sympy.Expr, ...]) -> bool:
    if row.kink is None:
        return False
    wanted = len(inspect.signature(row.kink).parameters)
    return bool(row.kink(*(rational(Fraction(u)) for u in point), *parameters[: wanted - row.arity]) == 0)


@rows
def test_slopes_are_the_derivatives_of_the_textbook_form(row: Row) -> None:
    for parameters in parameter_sets(row):
        names = symbols(row)
        arguments, constants = operands(row, parameters)
        result = Tensor("z")
        known = dict(zip(arguments, names, strict=True)) | {result: textbook(row.name, parameters)}
        for index, symbol in enumerate(names):
            written = row.slopes[index](*arguments, *constants, result)
            slope = scalar(written if isinstance(written, Node) else Constant(written), known)
            derivative = sympy.diff(textbook(row.name, parameters), symbol)
            for point in points(row):
                assert not is_kink(row, point, parameters), "the grid keeps away from kinks"
                left, right = at(slope, row, point), at(derivative, row, point)
                assert abs(left - right) < sympy.Float("1e-35"), f"d/d{symbol} at {point} with {parameters}"


@rows
def test_values_in_float64(row: Row) -> None:
    for point, parameters in cases(row):
        wanted = float(expected(row, point, parameters))
        assert float(value(row, point, parameters)) == pytest.approx(wanted, rel=1e-14, abs=1e-16), (point, parameters)


@rows
def test_values_of_whole_arrays_are_those_of_their_entries(row: Row) -> None:
    for parameters in parameter_sets(row):
        columns = np.array([[float(u) for u in point] for point in points(row)]).T
        together = row.value(*columns, *(np.asarray(float(parameter)) for parameter in parameters))
        alone = [float(value(row, point, parameters)) for point in points(row)]
        np.testing.assert_allclose(np.broadcast_to(together, columns[0].shape), alone, rtol=1e-15)


@rows
def test_values_in_exact_arithmetic(row: Row) -> None:
    flint.ctx.prec = 128
    arithmetic = ExactArithmetic({})
    for point, parameters in cases(row):
        arrays = [exact_array(u) for u in point] + [arithmetic.number(parameter) for parameter in parameters]
        ball = arithmetic.apply(row, *arrays).item().ball()
        wanted = expected(row, point, parameters)
        reference = flint.arb(str(wanted), str(abs(wanted) * sympy.Float("1e-38")))
        assert ball.overlaps(reference), f"{ball} is not {wanted} at {point} with {parameters}"
        assert float(ball.rad()) <= 1e-33 * max(1, abs(float(wanted))), f"{ball} is wide at {point}"


@rows
def test_complex_steps_give_the_slopes(row: Row) -> None:
    flint.ctx.prec = 53  # whatever precision was last used elsewhere
    step = 1e-30
    for point, parameters in cases(row):
        for index, slope in enumerate(slope_values(row, point, parameters)):
            shifted = [complex(u, step if place == index else 0) for place, u in enumerate(map(float, point))]
            derivative = np.imag(value(row, tuple(shifted), parameters)) / step
            assert float(derivative) == pytest.approx(slope, rel=1e-12, abs=1e-15), (point, parameters, index)


@rows
def test_pytorch_agrees_in_value_and_gradient(row: Row) -> None:
    follows = all(f"{{{row.arity + place}}}" in row.torch for place in range(len(row.parameters)))
    for parameters in parameter_sets(row) if follows else parameter_sets(row)[:1]:
        columns = np.array([[float(u) for u in point] for point in points(row)]).T
        arguments = [torch.tensor(column, requires_grad=True) for column in columns]
        result = torch_expression(row.torch, *arguments, *(float(parameter) for parameter in parameters))
        ours = [float(value(row, point, parameters)) for point in points(row)]
        assert result.dtype == torch.float64, "PyTorch's own default is single precision"
        np.testing.assert_allclose(result.detach().numpy(), ours, rtol=1e-12, atol=1e-15)
        if result.requires_grad:
            result.sum().backward()
        slopes = np.array([slope_values(row, point, parameters) for point in points(row)]).T
        for argument, slope in zip(arguments, slopes, strict=True):
            gradient = np.zeros(len(slope)) if argument.grad is None else argument.grad.numpy()
            np.testing.assert_allclose(gradient, slope, rtol=1e-12, atol=1e-15)


@rows
@pytest.mark.parametrize("size", [40, 800])
def test_large_arguments_neither_overflow_nor_lose_the_number(row: Row, size: int) -> None:
    for point in itertools.product((Fraction(-size), Fraction(size)), repeat=row.arity):
        for parameters in parameter_sets(row):
            if not in_domain(row, point) or abs(wanted := expected(row, point, parameters)) > sympy.Float("1e300"):
                continue
            assert np.isfinite(float(wanted))
            with np.errstate(all="ignore"):
                found = float(value(row, point, parameters))
                slopes = slope_values(row, point, parameters)
            assert found == pytest.approx(float(wanted), rel=1e-12, abs=1e-14), (point, parameters)
            assert np.isfinite(slopes).all(), (point, parameters, slopes)


@rows
def test_slopes_jump_at_declared_kinks_only(row: Row) -> None:
    """Value and slopes at the points where a function could be broken, just left and just right of them."""
    near = Fraction(1, 2**40)
    jumps_at_kinks = []
    for parameters in parameter_sets(row):
        special = {Fraction(0), *(sign * Fraction(float(p)) for p in parameters for sign in (-1, 1))}
        for point in itertools.product(special, repeat=row.arity):
            sides = [(point[0] + side, *point[1:]) for side in (-near, near, 0)]
            if not all(in_domain(row, side) for side in sides):
                continue
            left, *others = ([float(value(row, s, parameters)), *slope_values(row, s, parameters)] for s in sides)
            jumps = not all(np.allclose(left, other, rtol=1e-9, atol=1e-9) for other in others)
            kink = is_kink(row, point, tuple(rational(Fraction(float(p))) for p in parameters))
            assert kink or not jumps, f"{row.name} has an undeclared kink at {point} with {parameters}"
            jumps_at_kinks += [jumps] if kink else []
    assert any(jumps_at_kinks) or not jumps_at_kinks, f"{row.name} declares a kink where it is smooth"


@rows
def test_a_domain_is_where_value_and_slopes_are_finite(row: Row) -> None:
    grids = [[*GRID, Fraction(0)]] if row.arity == 1 else [[*COARSE, Fraction(0)]] * row.arity
    [parameters, *_] = parameter_sets(row)
    for point in itertools.product(*grids):
        with np.errstate(all="ignore"):
            found = float(np.real(value(row, point, parameters)))
            slopes = slope_values(row, point, parameters)
        if in_domain(row, point):
            assert np.isfinite(found), point
            assert row.name == "xlogy" or np.isfinite(slopes).all(), point
        else:
            assert not np.isfinite([found, *slopes]).all(), f"{row.name} is defined at {point} after all"


@rows
def test_kinks_and_slopes_take_the_same_operands(row: Row) -> None:
    count = row.arity + len(row.parameters)
    assert {len(inspect.signature(slope).parameters) for slope in row.slopes} == {count + 1}, "operands and the result"
    if row.kink is not None:
        kinds = [parameter.kind for parameter in inspect.signature(row.kink).parameters.values()]
        assert len(kinds) == count or inspect.Parameter.VAR_POSITIONAL in kinds, "arguments and parameters"


@rows
def test_missing_parameters_have_their_defaults(row: Row) -> None:
    arguments, _ = operands(row, ())
    node = Fn(row.name, *arguments)
    assert [parameter.number for parameter in node.parameters] == [default for _, default in row.parameters]
    assert node == Fn(row.name, *arguments, *node.parameters)
    with pytest.raises(TypeError):
        Fn(row.name, *arguments, *node.parameters, Constant(1))
