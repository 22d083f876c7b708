"""The table of activation functions. A new one is one more row here."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

from derive.ops.elementwise import Row, fn, is_positive, register
from derive.ops.functions import magnitude, normal_cdf_value, step_value, step_with

HALF = sympy.Rational(1, 2)


def sigmoid_value(u: Any) -> Any:
    """1/(1 + exp(-u)) without overflow for large |u|."""
    small = np.exp(-magnitude(u))
    return np.where(is_positive(u), 1, small) / (1 + small)


def softplus_value(u: Any, beta: Any) -> Any:
    """log(1 + exp(beta u))/beta without overflow: max(u, 0) + log1p(exp(-beta |u|))/beta."""
    return np.where(is_positive(u), u, 0) + np.log1p(np.exp(-beta * magnitude(u))) / beta


def elu_value(u: Any, alpha: Any) -> Any:
    """u where positive, otherwise alpha (exp(u) - 1)."""
    positive = is_positive(u)
    return np.where(positive, u, alpha * np.expm1(np.where(positive, u - u, u)))


def elu_slope_value(u: Any, alpha: Any) -> Any:
    """1 where positive, otherwise alpha exp(u)."""
    positive = is_positive(u)
    return np.where(positive, 1, alpha * np.exp(np.where(positive, u - u, u)))


def gelu_tanh_value(u: Any, inner: Any, cubic: Any) -> Any:
    """u/2 (1 + tanh(√(2/π) (u + 0.044715 u³)))."""
    return u * (1 + np.tanh(inner * (u + cubic * u * u * u))) / 2


def gelu_tanh_slope(u: Any, inner: Any, cubic: Any, z: Any) -> Any:
    """½ (1 + h) + ½ u (1 - h²) √(2/π) (1 + 3·0.044715 u²) with h the tanh inside."""
    h = fn("tanh", inner * (u + cubic * u**3))
    return HALF * (1 + h) + HALF * inner * u * (1 - h**2) * (1 + 3 * cubic * u**2)


register(
    Row(
        "identity",
        lambda u: u,
        lambda u: u,
        (lambda u, z: 1,),
        "{0}",
        "{0}",
        "the argument itself",
        activation=True,
        numpy="{0}",
    ),
    Row(
        "tanh",
        np.tanh,
        sympy.tanh,
        (lambda u, z: 1 - z**2,),
        r"\tanh",
        "torch.tanh({0})",
        "hyperbolic tangent",
        activation=True,
        definition=r"\frac{{e^u - e^{{-u}}}}{{e^u + e^{{-u}}}}",
        numpy="np.tanh({0})",
    ),
    Row(
        "sigmoid",
        sigmoid_value,
        lambda u: 1 / (1 + sympy.exp(-u)),
        (lambda u, z: z * (1 - z),),
        r"\sigma",
        "torch.sigmoid({0})",
        "logistic sigmoid",
        activation=True,
        fuses=True,
        definition=r"\frac{{1}}{{1 + e^{{-u}}}}",
        numpy="1 / (1 + np.exp(-{0}))",
    ),
    Row(
        "relu",
        lambda u, c: np.where(is_positive(u), u, 0),
        lambda u, c: sympy.Piecewise((u, u > 0), (0, True)),
        (lambda u, c, z: step_with(u, c),),
        r"\operatorname{ReLU}",
        "torch.relu({0})",
        "rectified linear unit",
        activation=True,
        kink=lambda u, *_: u,
        parameters=(("at_zero", sympy.Integer(0)),),
        definition=r"\max(0, u)",
        numpy="np.maximum({0}, 0)",
    ),
    Row(
        "leaky_relu",
        lambda u, a: np.where(is_positive(u), u, a * u),
        lambda u, a: sympy.Piecewise((u, u > 0), (a * u, True)),
        (lambda u, alpha, z: fn("leaky_step", u, alpha),),
        r"\operatorname{LReLU}",
        "torch.nn.functional.leaky_relu({0}, float({1}))",
        "leaky rectified linear unit",
        activation=True,
        kink=lambda u, *_: u,
        parameters=(("alpha", sympy.Rational(1, 100)),),
        names_parameters=True,
        definition=r"\begin{{cases}} u & u > 0 \\ {1}\,u & \text{{otherwise}} \end{{cases}}",
        numpy="np.where({0} > 0, {0}, {1} * {0})",
    ),
    Row(
        "leaky_step",
        lambda u, a: step_value(u, a) + a * (1 - step_value(u, 1)),
        lambda u, a: sympy.Piecewise((1, u > 0), (a, True)),
        (lambda u, alpha, z: 0,),
        r"\operatorname{LReLU}'",
        "torch.where({0} > 0, torch.ones_like({0}), torch.full_like({0}, float({1})))",
        "slope of the leaky ReLU",
        kink=lambda u, *_: u,
        parameters=(("alpha", sympy.Rational(1, 100)),),
        names_parameters=True,
        definition=r"\begin{{cases}} 1 & u > 0 \\ {1} & \text{{otherwise}} \end{{cases}}",
        internal=True,
        numpy="np.where({0} > 0, 1.0, {1})",
    ),
    Row(
        "softplus",
        softplus_value,
        lambda u, b: sympy.log(1 + sympy.exp(b * u)) / b,
        (lambda u, beta, z: fn("sigmoid", beta * u),),
        r"\operatorname{softplus}",
        "torch.nn.functional.softplus({0}, beta=float({1}), threshold=1e9)",
        "smooth ReLU",
        activation=True,
        parameters=(("beta", sympy.Integer(1)),),
        positive=("beta",),
        names_parameters=True,
        definition=lambda u, beta: fn("log", 1 + fn("exp", beta * u)) / beta,
        numpy="np.logaddexp(0, {1} * {0}) / {1}",
        numpy_default="np.logaddexp(0, {0})",
    ),
    Row(
        "elu",
        elu_value,
        lambda u, a: sympy.Piecewise((u, u > 0), (a * (sympy.exp(u) - 1), True)),
        (lambda u, alpha, z: fn("elu_slope", u, alpha),),
        r"\operatorname{ELU}",
        "torch.nn.functional.elu({0}, alpha=float({1}))",
        "exponential linear unit",
        activation=True,
        kink=lambda u, *_: u,
        parameters=(("alpha", sympy.Integer(1)),),
        names_parameters=True,
        definition=r"\begin{{cases}} u & u > 0 \\ {1}\,(e^u - 1) & \text{{otherwise}} \end{{cases}}",
        numpy="np.where({0} > 0, {0}, {1} * np.expm1({0}))",
        numpy_default="np.where({0} > 0, {0}, np.expm1({0}))",
    ),
    Row(
        "elu_slope",
        elu_slope_value,
        lambda u, a: sympy.Piecewise((1, u > 0), (a * sympy.exp(u), True)),
        (lambda u, alpha, z: z * (1 - fn("step", u)),),
        r"\operatorname{ELU}'",
        "torch.where({0} > 0, torch.ones_like({0}), float({1}) * torch.exp({0}))",
        "slope of the exponential linear unit",
        kink=lambda u, *_: u,
        parameters=(("alpha", sympy.Integer(1)),),
        names_parameters=True,
        definition=r"\begin{{cases}} 1 & u > 0 \\ {1}\,e^u & \text{{otherwise}} \end{{cases}}",
        internal=True,
        numpy="np.where({0} > 0, 1.0, {1} * np.exp({0}))",
        numpy_default="np.where({0} > 0, 1.0, np.exp({0}))",
    ),
    Row(
        "silu",
        lambda u: u * sigmoid_value(u),
        lambda u: u / (1 + sympy.exp(-u)),
        (lambda u, z: fn("sigmoid", u) + z * (1 - fn("sigmoid", u)),),
        r"\operatorname{SiLU}",
        "torch.nn.functional.silu({0})",
        "sigmoid linear unit (swish)",
        activation=True,
        definition=r"u\,\sigma(u)",
        numpy="{0} / (1 + np.exp(-{0}))",
    ),
    Row(
        "gelu",
        lambda u: u * normal_cdf_value(u),
        lambda u: u * (1 + sympy.erf(u / sympy.sqrt(2))) / 2,
        (lambda u, z: fn("normal_cdf", u) + u * fn("normal_density", u),),
        r"\operatorname{GELU}",
        "torch.nn.functional.gelu({0})",
        "Gaussian error linear unit",
        activation=True,
        definition=r"u\,\Phi(u)",
        numpy="{0} * (1 + np.vectorize(math.erf)({0} / np.sqrt(2))) / 2",
    ),
    Row(
        "gelu_tanh",
        gelu_tanh_value,
        lambda u, inner, cubic: u * (1 + sympy.tanh(inner * (u + cubic * u**3))) / 2,
        (gelu_tanh_slope,),
        r"\operatorname{GELU}_{\tanh}",
        "torch.nn.functional.gelu({0}, approximate='tanh')",
        "Gaussian error linear unit, tanh form",
        activation=True,
        parameters=(("inner", sympy.sqrt(2 / sympy.pi)), ("cubic", sympy.Rational(44715, 10**6))),
        definition=r"\tfrac{{u}}{{2}}\bigl(1 + \tanh(\sqrt{{2/\pi}}\,(u + 0.044715\,u^3))\bigr)",
        numpy="{0} * (1 + np.tanh({1} * ({0} + {2} * {0}**3))) / 2",
        numpy_default="{0} * (1 + np.tanh(np.sqrt(2 / np.pi) * ({0} + 0.044715 * {0}**3))) / 2",
    ),
)
