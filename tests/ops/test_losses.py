"""Every row of the table of losses against the function of torch.nn.functional that it names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
import torch

from derive.calculus import differentiate
from derive.errors import DeriveError, ProblemError, ShapeError
from derive.evaluate import evaluate_program
from derive.ops import LOSSES, Array, Constant, Loss, Node, OneHot, Tensor, build_loss
from derive.program import Program, Quantity, Role, Step
from tests.support import TORCH_LOSSES, torch_loss, value_of

N = sympy.Symbol("N", integer=True, positive=True)
SHAPES = [(), (1,), (4,), (3, 4), (5, 1)]
ELEMENTWISE = [loss for loss in LOSSES.values() if not loss.classes]
OF_CLASSES = [loss for loss in LOSSES.values() if loss.classes]
REDUCTIONS = [{}, {"reduction": "mean"}, {"reduction": "sum"}, {"reduction": "sum", "factor": sympy.Rational(1, 2)}]
SETTINGS = [*REDUCTIONS, {"factor": sympy.Rational(3, 2)}]


def case(text: object) -> str:
    return text.name if isinstance(text, Loss) else str(text).replace(" ", "")


elementwise = pytest.mark.parametrize("loss", ELEMENTWISE, ids=case)
of_classes = pytest.mark.parametrize("loss", OF_CLASSES, ids=case)
settings = pytest.mark.parametrize("setting", SETTINGS, ids=case)


def predictions(loss: Loss, shape: tuple[int, ...], axis: int = -1) -> Array:
    """Numbers of the kind that the loss takes, none of them near a kink."""
    numbers = np.random.default_rng(4).uniform(0.15, 0.85, shape)
    if loss.classes and loss.of == "probabilities":
        return numbers / numbers.sum(axis=axis, keepdims=True)
    return numbers if loss.of == "probabilities" else 4 * numbers - 2


def targets(loss: Loss, shape: tuple[int, ...]) -> Array:
    bits = np.random.default_rng(6).integers(0, 2, shape)
    return np.where(bits, 1.0, -1.0) if loss.name == "hinge" else bits.astype(float)


def ours(loss: Loss, y: Array, t: Array, setting: dict[str, Any], **options: Any) -> tuple[float, Array]:
    """The value and the gradient, by the steps that `differentiate` writes."""
    y_node, t_node = Tensor("y", y.shape), Tensor("t", t.shape)
    given = {key: value if key == "reduction" else Constant(value) for key, value in (setting | options).items()}
    vectors: Node = t_node
    if loss.classes and t.ndim < y.ndim:
        vectors = OneHot(t_node, 3, options.get("axis", -1))
    formula = build_loss(loss.name, y_node, vectors, **given)
    step = Step(Tensor("L", formula.shape), formula, Role.LOSS, "loss")
    program = Program((Quantity(y_node, "input"), Quantity(t_node, "target")), (step,))
    values = evaluate_program(differentiate(program, ["y"]), {"y": y, "t": t})
    assert values["dL/dy"].shape == y.shape
    return float(values["L"].item()), values["dL/dy"]


def by_torch(loss: Loss, y: Array, t: Array, setting: dict[str, Any], **options: Any) -> tuple[float, Array]:
    prediction = torch.tensor(y, requires_grad=True)
    numbers = {
        key: value if key in ("reduction", "axis") else float(value) for key, value in (setting | options).items()
    }
    value = torch_loss(loss.name, prediction, torch.tensor(t), **numbers)
    value.backward()
    assert prediction.grad is not None
    return value.item(), prediction.grad.numpy()


def assert_agree(loss: Loss, y: Array, t: Array, setting: dict[str, Any], **options: Any) -> None:
    value, gradient = ours(loss, y, t, setting, **options)
    wanted, autograd = by_torch(loss, y, t, setting, **options)
    assert value == pytest.approx(wanted, rel=1e-13)
    np.testing.assert_allclose(gradient, autograd, rtol=1e-12, atol=1e-15)


def test_the_function_of_every_row_is_known() -> None:
    assert set(TORCH_LOSSES) == set(LOSSES)
    for loss in LOSSES.values():
        known = loss.torch == "" or "{0}" in loss.torch or callable(getattr(torch.nn.functional, loss.torch))
        assert known, loss.name


@elementwise
@settings
@pytest.mark.parametrize("shape", SHAPES, ids=case)
def test_losses_of_numbers(loss: Loss, setting: dict[str, Any], shape: tuple[int, ...]) -> None:
    assert_agree(loss, predictions(loss, shape), targets(loss, shape), setting)


@elementwise
@pytest.mark.parametrize("shape", [(4,), (3, 4)], ids=case)
def test_one_target_for_all(loss: Loss, shape: tuple[int, ...]) -> None:
    assert_agree(loss, predictions(loss, shape), targets(loss, ()), {})


@pytest.mark.parametrize("delta", [sympy.Rational(1, 2), sympy.Integer(1), sympy.Rational(5, 2)])
@settings
def test_huber_with_its_threshold(setting: dict[str, Any], delta: sympy.Rational) -> None:
    loss = LOSSES["huber"]
    assert_agree(loss, predictions(loss, (3, 4)), targets(loss, (3, 4)), setting, delta=delta)


@pytest.mark.parametrize("name", ["bce", "bce_logits", "mse", "mae"])
def test_targets_between_the_classes(name: str) -> None:
    t = np.random.default_rng(8).uniform(0, 1, (3, 2))
    assert_agree(LOSSES[name], predictions(LOSSES[name], (3, 2)), t, {})


@of_classes
@settings
@pytest.mark.parametrize("samples", [None, 1, 5])
def test_one_hot_targets_in_rows(loss: Loss, setting: dict[str, Any], samples: int | None) -> None:
    shape = (3,) if samples is None else (samples, 3)
    t = np.eye(3)[np.random.default_rng(9).integers(0, 3, samples)]
    assert_agree(loss, predictions(loss, shape), t, setting)


@of_classes
@settings
@pytest.mark.parametrize("samples", [None, 1, 5])
def test_class_indices(loss: Loss, setting: dict[str, Any], samples: int | None) -> None:
    shape = (3,) if samples is None else (samples, 3)
    t = np.asarray(np.random.default_rng(9).integers(0, 3, samples))
    assert_agree(loss, predictions(loss, shape), t, setting)


@of_classes
@settings
@pytest.mark.parametrize("indices", [False, True], ids=["one-hot", "indices"])
@pytest.mark.parametrize("samples", [1, 3, 5])
def test_samples_in_columns(loss: Loss, setting: dict[str, Any], indices: bool, samples: int) -> None:
    classes = np.asarray(np.random.default_rng(9).integers(0, 3, samples))
    t = classes if indices else np.eye(3)[classes].T
    assert_agree(loss, predictions(loss, (3, samples), axis=0), t, setting, axis=0)


def test_soft_targets_are_distributions() -> None:
    loss = LOSSES["cross_entropy_logits"]
    t = np.random.default_rng(8).dirichlet(np.ones(3), 4)
    assert_agree(loss, predictions(loss, (4, 3)), t, {})


@pytest.mark.parametrize(
    ("name", "shape", "options", "text"),
    [
        ("mse", (), {}, "(y - t)**2"),
        ("mse", (1,), {}, "(y - t)**2"),
        ("mse", (4,), {}, "1/4 * sum((y - t)**2)"),
        ("mse", (4,), {"reduction": "sum"}, "sum((y - t)**2)"),
        ("mse", (4,), {"reduction": "sum", "factor": Constant(sympy.Rational(1, 2))}, "1/2 * sum((y - t)**2)"),
        ("mse", (N, 3), {}, "1/(3*N) * sum((y - t)**2)"),
        ("mse", (N, 1), {"factor": Constant(sympy.Rational(1, 2))}, "1/(2*N) * sum((y - t)**2)"),
        ("mae", (N, 1), {}, "1/N * sum(abs(y - t))"),
        ("bce", (), {}, "-(t * log(y) + (1 - t) * log(1 - y))"),
        ("bce_logits", (N, 1), {}, "1/N * sum(softplus(y) - t * y)"),
        ("cross_entropy", (3,), {}, "-sum(t * log(y))"),
        ("cross_entropy", (N, 3), {}, "-1/N * sum(t * log(y))"),
        ("cross_entropy", (N, 3), {"reduction": "sum"}, "-sum(t * log(y))"),
        ("cross_entropy_logits", (3,), {}, "-sum(t * log_softmax(y))"),
        ("hinge", (), {}, "max(0, 1 - t * y)"),
    ],
)  # fmt: skip
def test_on_the_board(name: str, shape: tuple[Any, ...], options: dict[str, Any], text: str) -> None:
    assert str(build_loss(name, Tensor("y", shape), Tensor("t", shape), **options)) == text


@pytest.mark.parametrize("name", ["bce_logits", "cross_entropy_logits"])
@pytest.mark.parametrize("size", [40.0, 800.0])
def test_losses_from_logits_do_not_overflow(name: str, size: float) -> None:
    y, t = np.array([size, -size, 0.0]), np.array([0.0, 1.0, 0.0])
    value, gradient = ours(LOSSES[name], y, t, {"reduction": "sum"})
    wanted, autograd = by_torch(LOSSES[name], y, t, {"reduction": "sum"})
    assert value == pytest.approx(wanted, rel=1e-12)
    np.testing.assert_allclose(gradient, autograd, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ["bce", "cross_entropy"])
def test_a_probability_of_zero_counts_nothing_where_the_target_is_zero(name: str) -> None:
    """0 log 0 is 0: a probability that underflowed to 0 is no error where nothing was expected there."""
    y, t = Tensor("y", (2,)), Tensor("t", (2,))
    value = value_of(build_loss(name, y, t), {"y": np.array([1.0, 0.0]), "t": np.array([1.0, 0.0])})
    assert float(value) == 0


@pytest.mark.parametrize(
    ("name", "shapes", "options", "words"),
    [
        ("mse", ((3,), (4,)), {}, "a prediction of shape 3 and a target of shape 4"),
        ("mse", ((4, 1), (4,)), {}, "write the target as a matrix like the prediction"),
        ("mse", ((3,), (3,)), {"delta": Constant(1)}, "mse does not take delta"),
        ("mse", ((3,), (3,)), {"reduction": "none"}, 'reduction="none"'),
        ("cross_entropy", ((4, 3), (5,)), {}, "a target of shape 5"),
        ("cross_entropy", ((3,), (4,)), {}, "cross_entropy of a prediction of shape 3"),
        ("mse", ((3,), (3,)), {"axis": Constant(0)}, "mse does not take axis"),
    ],
)
def test_what_does_not_fit_is_refused(name: str, shapes: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(DeriveError, match=words) as caught:
        build_loss(name, Tensor("y", shapes[0]), Tensor("t", shapes[1]), **options)
    assert isinstance(caught.value, ProblemError | ShapeError)
