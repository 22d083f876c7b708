"""Random networks in the short form, their gradients against PyTorch's autograd."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from derive.calculus import Style
from derive.ops import ROWS, Array
from derive.spec import read_text
from derive.spec.layers import ACTIVATIONS, LOSSES
from tests.calculus.autograd import STYLES, block, check, random_networks

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
