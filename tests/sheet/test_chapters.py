"""What the steps are called: layers only where there are layers, functions that a loss brings, kinds of Jacobians."""

from __future__ import annotations

import pytest

from derive.render.document import render
from derive.sheet.chapters import chapters, layer_names
from tests.solved import solved

TWO_HEADS = """
forward: |
  m = w @ x
  s = v @ x
  L = 1/2 * s + 1/2 * (t - m)**2 * exp(-s)
parameters: {w: [1, 0.5], v: [0.5, 0.25]}
input: {x: [1, 2]}
target: {t: 3}
"""
GATE = """
forward: |
  g = sigmoid(u @ x)
  c = tanh(v @ x)
  L = (g*c - t)**2
parameters: {u: [1, 0.5], v: [0.5, 0.25]}
input: {x: [1, 2]}
target: {t: 3}
"""
RECURRENT = """
forward: |
  a = U @ x
  h = tanh(a)
  b = U @ h
  y = tanh(b)
  L = sum((y - t)**2)
parameters: {U: [[0.5, -0.3], [0.8, 0.2]]}
input: {x: [1, 0]}
target: {t: [0.5, 1]}
"""
RESIDUAL = """
forward: |
  a = W @ x
  z = tanh(a)
  r = V @ z
  y = r + x
  L = sum((y - t)**2)
parameters: {W: [[1, -1], [0.5, 1]], V: [[0.5, 1], [-1, 0.5]]}
input: {x: [1, 2]}
target: {t: [1, 1]}
"""
ATTENTION = """
forward: |
  s = K @ q
  p = softmax(s)
  o = p @ V
  L = sum((o - t)**2)
parameters: {q: [2, 1], V: [[1, 0], [0, 2]]}
input: {K: [[1, 0], [1, 1]]}
target: {t: [0.5, 1]}
"""
HUBER = """
forward: |
  y = w*x + b
  L = huber(y, t, delta=1)
parameters: {w: 1, b: 0.5}
input: {x: [0, 1]}
target: {t: [0.25, 9]}
"""
JACOBIANS = """
forward: |
  f = W @ x
  h = V @ f
  k = f + h
parameters: {W: [[1, 2], [-1, 1]], V: [[0.5, -1], [3, 1]]}
input: {x: [3, -1]}
ask: [df/dx, dh/dx, dk/dx]
rounding: {places: 1}
"""


def titles(text: str, role: str) -> dict[str, str]:
    """The title of each quantity in a pass."""
    return {chapter.steps[-1].name: chapter.title for chapter in chapters(solved(text).program, role)}


@pytest.mark.parametrize("text", [TWO_HEADS, GATE, RECURRENT], ids=["two heads", "gate", "shared weights"])
def test_steps_side_by_side_or_with_shared_weights_are_no_layers(text: str) -> None:
    assert layer_names(solved(text).program) == {}


def test_steps_behind_each_other_are_layers() -> None:
    assert layer_names(solved(RESIDUAL).program) == {"a": "hidden", "r": "output"}


def test_only_what_meets_the_target_is_the_output() -> None:
    forward = titles(RESIDUAL, "forward")
    assert (forward["r"], forward["y"]) == ("quantity", "quantity")
    assert titles(
        HUBER.replace("w*x + b", "x @ w + b").replace("w: 1", "w: [1]").replace("[0, 1]", "[[0], [1]]"), "forward"
    ) == {"y": "output"}


def test_a_softmax_that_meets_no_target_gives_no_class_probabilities() -> None:
    assert titles(ATTENTION, "forward")["p"] == "activation"
    compared = ATTENTION.replace("  o = p @ V\n", "").replace("(o - t)", "(p - t)").replace(", V: [[1, 0], [0, 2]]", "")
    assert titles(compared, "forward")["p"] == "probabilities"


def test_a_logarithm_is_no_activation() -> None:
    text = """
forward: |
  a = w @ x
  y = {}(a)
  L = (y - t)**2
parameters: {{w: [1, 2]}}
input: {{x: [1, 1]}}
target: {{t: 1}}
"""
    assert titles(text.format("exp"), "forward")["y"] == "quantity"
    assert titles(text.format("tanh"), "forward")["y"] == "activation"


def test_the_function_of_a_loss_is_told_with_its_derivative() -> None:
    tex = render(solved(HUBER).sheet())
    assert r"h(u) = \begin{cases}" in tex
    assert r"\operatorname{clip}(u) = \min" in tex
    assert r"h(u) = \begin{cases}" in render(solved(HUBER).sheet("worksheet"))


def test_a_jacobian_is_told_as_what_it_is() -> None:
    found = {chapter.steps[0].name: chapter.rule for chapter in chapters(solved(JACOBIANS).program, "jacobian")}
    assert found == {"df/dx": "jacobian_of_step", "dh/dx": "jacobian", "dk/dx": "jacobian_over_paths"}


def test_one_decimal_is_one() -> None:
    assert "Work to 1 decimal." in solved(JACOBIANS).tex("worksheet")
    assert "Work to 2 decimals." in solved(JACOBIANS.replace("places: 1", "places: 2")).tex("worksheet")
