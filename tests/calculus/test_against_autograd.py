"""Gradients against PyTorch's autograd: random networks, the forms of weights and batches, and published examples."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, currently_in_test_context, given, settings
from hypothesis import strategies as st

from derive.calculus import Style, descend, differentiate, gradient_name, updated_name
from derive.evaluate import Values
from derive.ops import ROWS, Array, Fn, walk
from derive.program import Program, compile_problem
from derive.spec import Problem, read, read_text
from derive.spec.layers import ACTIVATIONS, LOSSES
from tests.support import evaluated, parameters, problem_of, torch_gradients, torch_values, value_of

PROBLEMS = Path(__file__).parents[2] / "problems"
STYLES = [Style(), Style(fused=False), Style(fused=False, numerator=True)]
random_networks = settings(
    deadline=None,
    max_examples=80,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def check(problem: Problem, style: Style | None = None) -> tuple[Program, Values]:
    """Derive all gradients and hold every one that belongs to a quantity of the author's against autograd."""
    program = compile_problem(problem)
    derived = differentiate(program, parameters(program), style)
    values = evaluated(derived, problem)
    if currently_in_test_context():
        assume(away_from_kinks(program, values))
    assert away_from_kinks(program, values)
    autograd = torch_gradients(problem)
    loss = program.loss
    assert loss is not None
    for name, value in torch_values(problem).items():
        wanted = value.detach().numpy().reshape(values[name].shape)
        np.testing.assert_allclose(values[name], wanted, rtol=1e-12, atol=1e-14, err_msg=name)
    for name, wanted in autograd.items():
        gradient = gradient_name(loss.name, name)
        if gradient in derived.names:
            assert values[gradient].shape == wanted.shape, str(derived[gradient])
            scale = 1e-12 * max(1.0, float(np.abs(wanted).max()))
            np.testing.assert_allclose(values[gradient], wanted, rtol=1e-10, atol=scale, err_msg=str(derived[gradient]))
    for name in autograd.keys() & set(parameters(program)):
        assert gradient_name(loss.name, name) in derived.names, f"no gradient of {name}"
    return derived, values


def away_from_kinks(program: Program, values: Values) -> bool:
    """Whether no function of the forward pass stands at a point where it has no derivative."""
    for step in program:
        for node in walk(step.formula):
            if isinstance(node, Fn) and node.row.kink:
                distance = value_of(node.row.kink(*node.arguments), values, program.dimensions)
                if np.abs(distance).min() < 1e-6:
                    return False
    return True


# ------------------------------------------------------------------------------------------------ the short form

options = {"alpha": ["0.2", "1/3"], "beta": ["2", "1/2"], "delta": ["1/2", "3"]}
SMOOTHLY_ENDING = {"bce": "sigmoid", "cross_entropy": "softmax"}


def drawn_call(draw: st.DrawFn, name: str, known: dict[str, tuple[str, ...]]) -> str:
    """A name, or a name with some of its options."""
    given_options = {
        option: draw(st.sampled_from(options.get(option, ["sum", "mean"] if option == "reduction" else ["1/2", "2"])))
        for option in known[name]
        if draw(st.booleans())
    }
    if not given_options:
        return name
    return f"{{{name}: {{{', '.join(f'{option}: {value}' for option, value in given_options.items())}}}}}"


def block(values: Array) -> str:
    return str(np.round(values, 3).tolist())


@st.composite
def networks(draw: st.DrawFn) -> str:
    """A multi-layer perceptron in the short form with numbers."""
    depth = draw(st.integers(1, 4))
    loss = draw(st.sampled_from(sorted(LOSSES)))
    from_logits = loss == "cross_entropy" and draw(st.booleans())
    widths = draw(st.lists(st.integers(1, 5), min_size=depth + 1, max_size=depth + 1))
    last = SMOOTHLY_ENDING.get(loss) if not from_logits else "identity"
    names = draw(st.lists(st.sampled_from(sorted(ACTIVATIONS)), min_size=depth, max_size=depth))
    names[-1] = last or names[-1]
    layout = draw(st.sampled_from(["out_in", "in_out"]))
    samples = draw(st.sampled_from(["one", "rows", "columns"]))
    count = draw(st.integers(1, 4))
    bias = draw(st.booleans())
    generator = np.random.default_rng(draw(st.integers(0, 10**6)))

    def sample_shape(width: int) -> tuple[int, ...]:
        return {"one": (width,), "rows": (count, width), "columns": (width, count)}[samples]

    def numbers(shape: tuple[int, ...]) -> Array:
        return generator.uniform(0.1, 0.9, shape) * generator.choice([-1, 1], shape)

    activations = ", ".join(drawn_call(draw, name, ACTIVATIONS) for name in names)
    lines = [f"architecture: {widths}", f"activations: [{activations}]", f"loss: {drawn_call(draw, loss, LOSSES)}"]
    batch_layout = "columns" if samples == "columns" else "rows"
    lines.append(f"conventions: {{weights: {layout}, samples: {batch_layout}}}")
    lines.append("parameters:")
    for layer, (inputs, outputs) in enumerate(itertools.pairwise(widths), start=1):
        lines.append(f"  W_{layer}: {block(numbers((outputs, inputs) if layout == 'out_in' else (inputs, outputs)))}")
        lines += [f"  b_{layer}: {block(numbers((outputs,)))}"] if bias else []
    lines.append(f"input: {{x: {block(numbers(sample_shape(widths[0])))}}}")
    target = drawn_target(draw, loss, generator, widths[-1], samples, count, sample_shape(widths[-1]))
    lines.append(f"target: {{t: {target.tolist()}}}")
    return "\n".join(lines)


def drawn_target(
    draw: st.DrawFn,
    loss: str,
    generator: np.random.Generator,
    width: int,
    samples: str,
    count: int,
    shape: tuple[int, ...],
) -> Array:
    """Numbers, signs, bits, class indices or one-hot vectors, as the loss takes them."""
    if loss == "cross_entropy":
        indices = np.asarray(generator.integers(0, width, None if samples == "one" else count))
        if draw(st.booleans()):
            return indices
        return np.eye(width, dtype=int)[indices].T if samples == "columns" else np.eye(width, dtype=int)[indices]
    if loss == "hinge":
        return generator.choice([-1, 1], shape)
    if loss.startswith("bce"):
        return generator.integers(0, 2, shape)
    return np.round(generator.uniform(-2, 2, shape), 2)


@given(networks(), st.sampled_from(STYLES))
@random_networks
def test_random_networks_in_the_short_form(text: str, style: Style) -> None:
    check(read_text(text), style)


def test_every_activation_of_the_table_is_among_the_random_ones() -> None:
    assert {row.name for row in ROWS.values() if row.activation} <= set(ACTIVATIONS)


# ------------------------------------------------------------------------------------------------ equations

SMOOTH_ENDS = {
    "L = mse(y, t)": "y = {}",
    "L = 1/2 * sum((y - t)**2)": "y = {}",
    "L = mean((t - y)**2)": "y = {}",
    "L = sum(abs(y - t))": "y = {}",
    "L = huber(y, t, delta=0.5)": "y = {}",
    "L = bce(y, u)": "y = sigmoid({})",
    "L = -sum(u*log(y) + (1 - u)*log(1 - y))": "y = sigmoid({})",
    "L = bce_logits(y, u)": "y = {}",
    "L = cross_entropy(y, h)": "y = softmax({})",
    "L = 2*cross_entropy(y, h)": "y = softmax({})",
    "L = -sum(h*log(y))": "y = softmax({})",
    "L = cross_entropy_logits(y, h)": "y = {}",
    "L = hinge(y, 2*u - 1)": "y = {}",
    "L = sum(exp(-y) / (1 + y**2))": "y = {}",
    "L = sum(sqrt(1 + y**2))": "y = {}",
}


def elementwise_calls(draw: st.DrawFn, inner: str) -> str:
    patterns = [
        "tanh({})", "sigmoid({})", "relu({})", "leaky_relu({}, alpha=0.3)", "softplus({}, beta=2)", "silu({})",
        "elu({}, alpha=1/2)", "gelu({})", "gelu_tanh({})", "softmax({})", "log_softmax({})", "3*relu({})",
        "1/(1 + exp(-({})))", "sin({})", "max(0, {})", "min({}, 1/2)", "exp(-({})**2)", "abs({})", "{}",
    ]  # fmt: skip
    return draw(st.sampled_from(patterns)).format(inner)


@st.composite
def graphs(draw: st.DrawFn) -> str:
    """Equations with skip connections, shared weights, gates, augmented and sliced matrices, and weight penalties."""
    n = draw(st.integers(2, 4))
    batch = draw(st.booleans())
    count = draw(st.integers(1, 3))
    generator = np.random.default_rng(draw(st.integers(0, 10**6)))
    shape = (count, n) if batch else (n,)

    def product(weight: str, source: str) -> str:
        forms = [f"{source} @ {weight}", f"{source} @ {weight}.T"]
        return draw(st.sampled_from(forms if batch else [*forms, f"{weight} @ {source}", f"{weight}.T @ {source}"]))

    lines, sources, used = [], ["x"], set()
    for layer in range(1, draw(st.integers(1, 4)) + 1):
        weight = draw(st.sampled_from(["W_1", "W_2", "W_3"]))
        source = draw(st.sampled_from(sources))
        affine = product(weight, source)
        used.add(weight)
        kind = draw(st.sampled_from(["plain", "bias", "skip", "gate", "scaled", "augment", "slice", "two"]))
        if kind == "augment":
            affine = f"augment({source}{draw(st.sampled_from(['', ', last=True']))}) @ V"
            used.add("V")
        elif kind == "slice":
            affine = f"{source} @ V[{draw(st.sampled_from(['1:', ':-1', f'0:{n}', f'-{n}:']))}]"
            used.add("V")
        elif kind == "bias":
            affine += " + b"
            used.add("b")
        elif kind == "two":
            affine += f" + {product('W_3', sources[0])}"
            used.add("W_3")
        result = elementwise_calls(draw, affine)
        if kind == "skip":
            result += f" + {draw(st.sampled_from(sources))}"
        elif kind == "gate":
            result = f"({result}) * sigmoid({product('W_3', source)})"
            used.add("W_3")
        elif kind == "scaled":
            result = f"c*({result})"
            used.add("c")
        lines.append(f"z_{layer} = {result}")
        sources.append(f"z_{layer}")
    loss = draw(st.sampled_from(sorted(SMOOTH_ENDS)))
    lines.append(SMOOTH_ENDS[loss].format(sources[-1]) if "{}" in SMOOTH_ENDS[loss] else "")
    if draw(st.booleans()):
        loss += f" + lam/2 * {draw(st.sampled_from(['sum(W_1**2)', '(sum(W_1**2) + sum(W_2**2))', 'mean(abs(W_3))']))}"
        used |= {name for name in ("W_1", "W_2", "W_3") if name in loss} | {"lam"}
    lines.append(loss)

    def numbers(size: tuple[int, ...]) -> Array:
        return generator.uniform(0.1, 0.9, size) * generator.choice([-1, 1], size)

    givens: dict[str, Array] = {"W_1": numbers((n, n)), "W_2": numbers((n, n)), "W_3": numbers((n, n))}
    givens |= {"V": numbers((n + 1, n)), "b": numbers((n,)), "c": numbers(()), "lam": np.abs(numbers(()))}
    text = ["forward: |", *(f"  {line}" for line in lines), "parameters:"]
    text += [f"  {name}: {block(value)}" for name, value in givens.items() if name in used]
    text.append(f"input: {{x: {block(numbers(shape))}}}")
    one_hot = np.eye(n, dtype=int)[generator.integers(0, n, shape[:-1])]
    bits = generator.integers(0, 2, shape)
    targets = {"t": numbers(shape), "u": bits.astype(float), "h": one_hot.astype(float)}
    kept = [f"{name}: {block(value)}" for name, value in targets.items() if any(name in words(line) for line in lines)]
    text += [f"target: {{{', '.join(kept)}}}"] if kept else []
    return "\n".join(text)


def words(line: str) -> set[str]:
    return set("".join(character if character.isalnum() or character == "_" else " " for character in line).split())


@given(graphs(), st.sampled_from(STYLES))
@random_networks
def test_random_graphs_in_equations(text: str, style: Style) -> None:
    check(read_text(text), style)


AUGMENTED = """
forward: |
  U_1 = augment(X) @ W_1
  Z_1 = sigmoid(U_1)
  U_2 = augment(Z_1) @ W_2
  Z_2 = sigmoid(U_2)
  L = 1/(2*N) * sum((Z_2 - Y)**2)
input: {X: [[1, 2], [2, -1], [3, 0]]}
target: {Y: [[0], [1], [0]]}
parameters:
  W_1: [[0.1, -0.1], [0.2, 0], [0, 0.3]]
  W_2: [[0.05], [-0.1], [0.2]]
shapes: {X: [N, 2], Y: [N, 1]}
"""

FIXED = {
    "augmented batch": AUGMENTED,
    "augmented batch, transposed": """
forward: |
  U_1 = W_1 @ augment(X, axis=0)
  Z_1 = tanh(U_1)
  U_2 = W_2 @ augment(Z_1, axis=0, last=True)
  Y = softmax(U_2, axis=0)
  L = cross_entropy(Y, t, axis=0)
input: {X: [[1, 2, 0.5], [2, -1, 0.3]]}
target: {t: [1, 0, 1]}
parameters:
  W_1: [[0.1, -0.1, 0.4], [0.2, 0.3, -0.2]]
  W_2: [[0.05, 0.7, -0.3], [-0.1, 0.2, 0.6]]
""",
    "bias kept in the first row of the weights": """
forward: |
  Z = tanh(X @ W[1:] + W[0])
  L = 1/2 * sum((Z[:, 0] - y)**2) + 0.01 * sum(W[1:]**2)
input: {X: [[1, 2], [2, -1], [3, 0]]}
target: {y: [0.5, -0.5, 0.1]}
parameters: {W: [[0.1, -0.1], [0.2, 0.4], [0.7, 0.3]]}
""",
    "a bias as a row and as a column": """
forward: |
  Z = relu(X @ W + b)
  S = V @ Z.T + c
  L = mean((S - Y)**2)
input: {X: [[1, 2], [2, -1], [3, 0.5]]}
target: {Y: [[0.5, -0.5, 0.1]]}
parameters: {W: [[0.1, -0.1], [0.2, 0.4]], b: [[0.1, 0.2]], V: [[0.3, -0.4]], c: [[0.7]]}
""",
    "a column that broadcasts over samples": """
forward: |
  Z = tanh(W @ X + b)
  L = sum((Z - Y)**2) / N
input: {X: [[1, 2, 3], [2, -1, 0.5]]}
target: {Y: [[0.5, -0.5, 0.1], [0.2, 0.3, 0.4]]}
parameters: {W: [[0.1, -0.1], [0.2, 0.4]], b: [[0.1], [0.2]]}
shapes: {X: [2, N]}
""",
    "a scalar circuit": """
forward: |
  s = w_0*x_0 + w_1*x_1 + w_2
  f = 1/(1 + exp(-s))
input: {x_0: -1, x_1: -2}
parameters: {w_0: 2, w_1: -3, w_2: -3}
""",
    "a quotient of quotients": """
forward: |
  q = a/b/c - a/(b/c)
  f = (q - a)**2 / (2*b) - -a**-2
input: {}
parameters: {a: 1.5, b: 0.7, c: -2}
""",
    "a quantity used four times": """
forward: |
  h = tanh(w*x)
  g = h*h + h/(1 + h)
  f = g*h - sin(h)
input: {x: 0.8}
parameters: {w: 0.7}
""",
    "a recurrent network of three steps": """
forward: |
  h_1 = tanh(W @ x_1 + U @ h_0)
  h_2 = tanh(W @ x_2 + U @ h_1)
  h_3 = tanh(W @ x_3 + U @ h_2)
  y = v @ h_3
  L = (y - t)**2
input: {x_1: [1, 0.5], x_2: [0.2, -0.4], x_3: [-0.6, 0.9], h_0: [0.1, 0.2]}
target: {t: 0.3}
parameters: {W: [[0.1, 0.2], [0.3, -0.4]], U: [[0.5, -0.6], [0.7, 0.8]], v: [0.9, -1]}
""",
    "tied encoder and decoder": """
forward: |
  z = sigmoid(W @ x)
  y = W.T @ z
  L = mse(y, x)
input: {x: [0.2, -0.4, 0.7]}
parameters: {W: [[0.1, 0.2, 0.3], [-0.4, 0.5, 0.6]]}
""",
    "a single entry of a vector": """
forward: |
  y = tanh(W @ x)
  L = (y[1] - t)**2 + y[-1] * x[0]
input: {x: [0.2, -0.4]}
target: {t: 0.3}
parameters: {W: [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]}
""",
    "a sum of two losses": """
forward: |
  p = softmax(W @ x)
  L_1 = cross_entropy(p, t)
  L_2 = 1/2 * sum(W**2)
  L = L_1 + lam * L_2
input: {x: [0.2, -0.4]}
target: {t: [0, 1, 0]}
constants: {lam: 0.1}
parameters: {W: [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]}
""",
    "softmax that is used twice": """
forward: |
  p = softmax(W @ x)
  L = cross_entropy(p, t) + 1/2 * sum(p**2)
input: {x: [0.2, -0.4]}
target: {t: [0, 1, 0]}
parameters: {W: [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]}
""",
    "softmax with an absolute error": """
forward: |
  p = softmax(W @ x)
  L = mae(p, t)
input: {x: [0.2, -0.4]}
target: {t: [0, 1, 0]}
parameters: {W: [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]}
""",
    "attention of one query": """
forward: |
  s = K @ q
  p = softmax(s)
  o = p @ V
  L = sum((o - t)**2)
input: {q: [0.2, -0.4]}
target: {t: [0.1, 1]}
parameters: {K: [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]], V: [[1, 2], [-0.3, 0.4], [0.5, 0.6]]}
""",
    "a parameter that is a single number in a matrix": """
forward: |
  y = x @ w
  L = (y - t)**2
input: {x: [[0.5]]}
target: {t: [[0.2]]}
parameters: {w: [[0.3]]}
""",
}


@pytest.mark.parametrize("style", STYLES, ids=["fused", "in-steps", "numerator"])
@pytest.mark.parametrize("name", FIXED)
def test_graphs(name: str, style: Style) -> None:
    check(problem_of(FIXED[name]), style)


def test_softmax_with_targets_that_do_not_sum_to_one_says_what_it_assumes() -> None:
    """p - t holds only where the targets sum to 1: the step says so, and without fusion no such step is written."""
    text = """
    forward: |
      p = softmax(W @ x)
      L = -sum(t * log(p))
    input: {x: [0.2, -0.4]}
    target: {t: [0.3, 1, 0.2]}
    parameters: {W: [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]}
    """
    problem = problem_of(text)
    check(problem, Style(fused=False))
    program = compile_problem(problem)
    [assumed] = [step.assumptions for step in differentiate(program, ["W"]) if step.assumptions]
    assert [assumption.startswith("sum:t") for assumption in assumed] == [True]
    assert not any(step.assumptions for step in differentiate(program, ["W"], Style(fused=False)))


# ------------------------------------------------------------------------------------------------ published examples


def test_pen_and_paper() -> None:
    """One training step of a 3-2-1 network with tanh, written out in PyTorch by hand."""
    problem = read(PROBLEMS / "pen-and-paper.yaml")
    derived, _ = check(problem)
    values = evaluated(descend(derived, "eta"), problem)
    W_1 = torch.tensor([[0.1, 0.3, -0.5], [-0.2, 0.4, 0.6]], dtype=torch.float64, requires_grad=True)
    b_1 = torch.tensor([0.1, 0.2], dtype=torch.float64, requires_grad=True)
    W_2 = torch.tensor([[0.7, -0.8]], dtype=torch.float64, requires_grad=True)
    b_2 = torch.tensor([0.3], dtype=torch.float64, requires_grad=True)
    x = torch.tensor([0.3, 0.4, -0.1], dtype=torch.float64)
    learnt = {"W_1": W_1, "b_1": b_1, "W_2": W_2, "b_2": b_2}

    def loss() -> torch.Tensor:
        return torch.nn.functional.mse_loss(W_2 @ torch.tanh(W_1 @ x + b_1) + b_2, torch.tensor([0.5]).double())

    before = loss()
    before.backward()
    optimiser = torch.optim.SGD(learnt.values(), lr=0.5)
    optimiser.step()
    assert float(values["L"].item()) == pytest.approx(before.item(), rel=1e-12)
    assert float(values["L'"].item()) == pytest.approx(loss().item(), rel=1e-12)
    for name, parameter in learnt.items():
        np.testing.assert_allclose(values[f"dL/d{name}"], parameter.grad.numpy(), rtol=1e-12)  # type: ignore[union-attr]
        np.testing.assert_allclose(values[updated_name(name)], parameter.detach().numpy(), rtol=1e-12)


MAZUR = """
title: A step by step backpropagation example (Matt Mazur, 2015)
forward: |
  net_h = W_1 @ x + b_1
  out_h = sigmoid(net_h)
  net_o = W_2 @ out_h + b_2
  out_o = sigmoid(net_o)
  E = sum(1/2 * (t - out_o)**2)
parameters:
  W_1: [[0.15, 0.20], [0.25, 0.30]]
  b_1: [0.35, 0.35]
  W_2: [[0.40, 0.45], [0.50, 0.55]]
  b_2: [0.60, 0.60]
input: {x: [0.05, 0.10]}
target: {t: [0.01, 0.99]}
update: {sgd: {learning_rate: 0.5}}
"""


def test_a_published_step_of_backpropagation() -> None:
    """The numbers of the post; it leaves the biases as they are."""
    problem = problem_of(MAZUR)
    derived, _ = check(problem)
    values = evaluated(descend(derived, "eta", frozenset({"b_1", "b_2"})), problem)

    def printed(name: str) -> Any:
        return np.round(values[name], 9).tolist()

    assert printed("net_h") == [0.3775, 0.3925]
    assert printed("out_h") == [0.593269992, 0.596884378]
    assert printed("out_o") == [0.75136507, 0.772928465]
    assert printed("E") == 0.298371109
    assert printed("W_1'") == [[0.149780716, 0.199561432], [0.249751144, 0.299502287]]
    assert printed("W_2'") == [[0.358916480, 0.408666186], [0.511301270, 0.561370121]]
    assert "b_1'" not in values and "b_2'" not in values
    assert printed("E'") == 0.291027774


def test_frozen_parameters_keep_their_value() -> None:
    problem = read(PROBLEMS / "pen-and-paper.yaml")
    program = compile_problem(problem)
    longer = descend(differentiate(program, parameters(program)), "eta", frozenset({"W_2", "b_2"}))
    lines = [str(step) for step in longer if step not in differentiate(program, parameters(program)).steps]
    assert lines == [
        "W_1' = W_1 - eta * dL/dW_1",
        "b_1' = b_1 - eta * dL/db_1",
        "a' = W_1' @ x + b_1'",
        "z' = tanh(a')",
        "y' = W_2 @ z' + b_2",
        "L' = (y' - t)**2",
    ]
