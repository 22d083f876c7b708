"""Random graphs written as equations, their gradients against PyTorch's autograd."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from derive.calculus import Style
from derive.ops import Array
from derive.spec import read_text
from tests.calculus.autograd import STYLES, block, check, random_networks

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
