"""The table of elementary functions, and of the functions in which slopes are written."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import sympy

from derive.ops.algebra import Times
from derive.ops.elementwise import Domain, Fn, Row, fn, is_positive, register
from derive.ops.node import Array, Constant

POSITIVE = Domain(lambda u, *_: is_positive(u), "a positive number")


def exceeds(u: Any, v: Any) -> Any:
    """1 where u > v, otherwise 0; written so that a number stands behind the difference (z - 1, not 1 - z)."""
    return 1 - fn("closed_step", v - u) if isinstance(u, Constant) else fn("step", u - v)


def step_with(u: Any, at_zero: Any) -> Any:
    """1 where u > 0, `at_zero` where u = 0, otherwise 0, so that it says on paper what it is at zero."""
    if at_zero == Constant(1):
        return fn("closed_step", u)
    return fn("step", u) + at_zero * fn("is_zero", u)


def magnitude(u: Any) -> Any:
    """|u| without a square root, so that complex steps pass through."""
    return np.where(is_positive(u), u, -u)


def step_value(u: Any, at_zero: Any) -> Any:
    """1 where u > 0, `at_zero` where u = 0, otherwise 0."""
    return np.where(is_positive(u), 1, np.where(is_positive(-u), 0, at_zero))


def normal_cdf_value(u: Array) -> Any:
    """Φ(u) = (1 + erf(u/√2))/2: float64 by the C library, complex numbers and exact balls by FLINT."""
    if u.dtype == object:
        return np.vectorize(lambda entry: entry.normal_cdf(), otypes=[object])(u)
    if np.iscomplexobj(u):
        from flint import acb, ctx

        with ctx.workprec(400):  # a complex step of 1e-30 must survive beside 1
            return np.vectorize(lambda entry: complex((1 + (acb(entry) / acb(2).sqrt()).erf()) / 2))(u)
    return np.vectorize(lambda entry: math.erfc(-entry / math.sqrt(2)) / 2, otypes=[float])(u)


def normal_density_value(u: Any, factor: Any) -> Any:
    """φ(u) = exp(-u²/2)/√(2π), with factor = 1/√(2π)."""
    return factor * np.exp(-(u * u) / 2)


def xlogy_value(t: Any, p: Any) -> Any:
    """t log p, which is 0 where t = 0 whatever p is."""
    absent = t == 0
    return np.where(absent, 0, t * np.log(np.where(absent, p - p + 1, p)))


def clip_value(u: Any, delta: Any) -> Any:
    """u held between -delta and delta."""
    return np.where(is_positive(u - delta), delta, np.where(is_positive(-u - delta), -delta, u))


def huber_value(u: Any, delta: Any) -> Any:
    """u²/2 up to |u| = delta, then delta (|u| - delta/2)."""
    size = magnitude(u)
    return np.where(is_positive(size - delta), delta * (size - delta / 2), u * u / 2)


register(
    Row("exp", np.exp, sympy.exp, (lambda u, z: z,), r"\exp", "torch.exp({0})", "exponential", numpy="np.exp({0})"),
    Row(
        "log",
        np.log,
        sympy.log,
        (lambda u, z: 1 / u,),
        r"\log",
        "torch.log({0})",
        "natural logarithm",
        domain=POSITIVE,
        numpy="np.log({0})",
    ),
    Row(
        "sqrt",
        np.sqrt,
        sympy.sqrt,
        (lambda u, z: 1 / (2 * z),),
        r"\sqrt{{{0}}}",
        "torch.sqrt({0})",
        "square root",
        domain=POSITIVE,
        numpy="np.sqrt({0})",
    ),
    Row("sin", np.sin, sympy.sin, (lambda u, z: fn("cos", u),), r"\sin", "torch.sin({0})", "sine", numpy="np.sin({0})"),
    Row(
        "cos",
        np.cos,
        sympy.cos,
        (lambda u, z: -fn("sin", u),),
        r"\cos",
        "torch.cos({0})",
        "cosine",
        numpy="np.cos({0})",
    ),
    Row(
        "abs",
        magnitude,
        lambda u: sympy.Piecewise((u, u > 0), (-u, True)),
        (lambda u, z: fn("sign", u),),
        r"\left|{0}\right|",
        "torch.abs({0})",
        "absolute value",
        kink=lambda u, *_: u,
        definition=r"|u|",
        numpy="np.abs({0})",
    ),
    Row(
        "max",
        lambda u, v: np.where(is_positive(u - v), u, v),
        lambda u, v: sympy.Piecewise((v, v > u), (u, True)),
        (lambda u, v, z: 1 - exceeds(v, u), lambda u, v, z: exceeds(v, u)),
        r"\max",
        "torch.maximum({0}, {1})",
        "the larger of two",
        kink=lambda u, v: u - v,
        definition=r"\max(u, v)",
        numpy="np.maximum({0}, {1})",
    ),
    Row(
        "min",
        lambda u, v: np.where(is_positive(u - v), v, u),
        lambda u, v: sympy.Piecewise((u, v > u), (v, True)),
        (lambda u, v, z: exceeds(v, u), lambda u, v, z: 1 - exceeds(v, u)),
        r"\min",
        "torch.minimum({0}, {1})",
        "the smaller of two",
        kink=lambda u, v: u - v,
        definition=r"\min(u, v)",
        numpy="np.minimum({0}, {1})",
    ),
    Row(
        "xlogy",
        xlogy_value,
        lambda t, p: t * sympy.log(p),
        (lambda t, p, z: fn("log", p), lambda t, p, z: t / p),
        "",
        "torch.xlogy({0}, {1})",
        "t log p, zero where t is zero",
        domain=Domain(lambda t, p: is_positive(p) | (t == 0), "a positive number"),
        spelled=lambda t, p: Times(t, Fn("log", p)),
        internal=True,
        numpy="np.where({0} == 0, 0, {0} * np.log(np.where({0} == 0, 1, {1})))",
    ),
    Row(
        "huber_of",
        huber_value,
        lambda u, d: sympy.Piecewise(
            (u**2 / 2, (u <= d) & (u >= -d)), (d * (u - d / 2), u > 0), (d * (-u - d / 2), True)
        ),
        (lambda u, delta, z: fn("clip", u, delta),),
        r"h",
        "torch.nn.functional.huber_loss({0}, torch.zeros_like({0}), reduction='none', delta=float({1}))",
        "Huber's function of an error",
        parameters=(("delta", sympy.Integer(1)),),
        positive=("delta",),
        names_parameters=True,
        definition=(
            r"\begin{{cases}} \frac12 u^2 & |u| \le {1} \\ "
            r"{1}\,(|u| - \frac12 \cdot {1}) & |u| > {1} \end{{cases}}"
        ),
        internal=True,
        numpy="np.where(np.abs({0}) <= {1}, {0}**2 / 2, {1} * (np.abs({0}) - {1} / 2))",
        numpy_default="np.where(np.abs({0}) <= 1, {0}**2 / 2, np.abs({0}) - 1 / 2)",
    ),
    # the functions in which slopes are written
    Row(
        "step",
        lambda u: step_value(u, 0),
        lambda u: sympy.Piecewise((1, u > 0), (0, True)),
        (lambda u, z: 0,),
        r"\mathbf{{1}}[{0} > 0]",
        "torch.where({0} > 0, torch.ones_like({0}), torch.zeros_like({0}))",
        "one where positive, otherwise zero",
        kink=lambda u: u,
        definition=r"\begin{{cases}} 1 & u > 0 \\ 0 & \text{{otherwise}} \end{{cases}}",
        internal=True,
        numpy="np.where({0} > 0, 1.0, 0.0)",
    ),
    Row(
        "closed_step",
        lambda u: step_value(u, 1),
        lambda u: sympy.Piecewise((0, u < 0), (1, True)),
        (lambda u, z: 0,),
        r"\mathbf{{1}}[{0} \ge 0]",
        "torch.where({0} < 0, torch.zeros_like({0}), torch.ones_like({0}))",
        "zero where negative, otherwise one",
        kink=lambda u: u,
        definition=r"\begin{{cases}} 1 & u \ge 0 \\ 0 & \text{{otherwise}} \end{{cases}}",
        internal=True,
        numpy="np.where({0} >= 0, 1.0, 0.0)",
    ),
    Row(
        "is_zero",
        lambda u: step_value(u, 1) - step_value(u, 0),
        lambda u: sympy.Piecewise((1, sympy.Eq(u, 0)), (0, True)),
        (lambda u, z: 0,),
        r"\mathbf{{1}}[{0} = 0]",
        "1 - torch.sign({0}) * torch.sign({0})",
        "one at zero, otherwise zero",
        kink=lambda u: u,
        definition=r"\begin{{cases}} 1 & u = 0 \\ 0 & \text{{otherwise}} \end{{cases}}",
        internal=True,
        numpy="np.where({0} == 0, 1.0, 0.0)",
    ),
    Row(
        "sign",
        lambda u: np.where(is_positive(u), 1, np.where(is_positive(-u), -1, 0)),
        lambda u: sympy.Piecewise((1, u > 0), (-1, u < 0), (0, True)),
        (lambda u, z: 0,),
        r"\operatorname{sign}",
        "torch.sign({0})",
        "sign",
        kink=lambda u, *_: u,
        definition=r"\begin{{cases}} 1 & u > 0 \\ -1 & u < 0 \\ 0 & u = 0 \end{{cases}}",
        internal=True,
        numpy="np.sign({0})",
    ),
    Row(
        "clip",
        clip_value,
        lambda u, d: sympy.Piecewise((d, u > d), (-d, u < -d), (u, True)),
        (lambda u, delta, z: fn("step", delta - u) * fn("step", delta + u),),
        r"\operatorname{clip}",
        "torch.clamp({0}, -float({1}), float({1}))",
        "held between -delta and delta",
        parameters=(("delta", sympy.Integer(1)),),
        positive=("delta",),
        names_parameters=True,
        kink=lambda u, delta: u * u - delta * delta,
        definition=r"\min(\max(u, -{1}), {1})",
        internal=True,
        numpy="np.clip({0}, -{1}, {1})",
    ),
    Row(
        "normal_cdf",
        normal_cdf_value,
        lambda u: (1 + sympy.erf(u / sympy.sqrt(2))) / 2,
        (lambda u, z: fn("normal_density", u),),
        r"\Phi",
        "torch.special.ndtr({0})",
        "standard normal distribution function",
        internal=True,
        numpy="(1 + np.vectorize(math.erf)({0} / np.sqrt(2))) / 2",
    ),
    Row(
        "normal_density",
        normal_density_value,
        lambda u, c: c * sympy.exp(-(u**2) / 2),
        (lambda u, c, z: -u * z,),
        r"\varphi",
        "torch.exp(-{0} * {0} / 2) * {1}",
        "standard normal density",
        parameters=(("factor", 1 / sympy.sqrt(2 * sympy.pi)),),
        definition=r"\frac{{1}}{{\sqrt{{2\pi}}}} e^{{-u^2/2}}",
        internal=True,
        numpy="np.exp(-({0}**2) / 2) * {1}",
        numpy_default="np.exp(-({0}**2) / 2) / np.sqrt(2 * np.pi)",
    ),
)
