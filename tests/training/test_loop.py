"""Training: the numbers of a hand-written loop, the loss check of a published lab, and what cannot be trained."""

from __future__ import annotations

import numpy as np
import pytest

from derive.errors import DeriveError
from derive.evaluate import FloatArithmetic, run
from derive.program import compile_problem
from derive.spec import read_text
from derive.training import Network, Settings, train
from derive.training.loop import batches
from tests.training.support import CLASSIFIER, MLP, NETWORKS, SOFTMAX_REGRESSION, blobs


@pytest.mark.parametrize("name", NETWORKS)
def test_training_learns_what_can_be_told_apart(name: str) -> None:
    result = train(Network(read_text(NETWORKS[name]), blobs()), Settings(30, batch_size=10, learning_rate=0.3))
    losses = [epoch.loss for epoch in result.epochs]
    assert losses[-1] < 0.2 * losses[0]
    assert result.epochs[-1].accuracy > 0.95
    assert result.confusion.sum() == 50
    assert np.trace(result.confusion) == round(50 * result.epochs[-1].accuracy)
    assert len(result.losses) == 30 * 15


def test_the_losses_are_those_of_a_loop_written_by_hand() -> None:
    data, settings = blobs(), Settings(epochs=2, batch_size=8, learning_rate=0.5, seed=4)
    network = Network(read_text(SOFTMAX_REGRESSION), data)
    start = network.initial_parameters(settings.seed)
    weights, bias = start["W"], start["b"]
    generator = np.random.default_rng(settings.seed)
    losses = []
    for _ in range(settings.epochs):
        for chosen in batches(150, 8, generator):
            x, y = data.images[chosen], np.eye(3)[data.labels[chosen]]
            powers = np.exp(x @ weights + bias)
            p = powers / powers.sum(axis=1, keepdims=True)
            losses.append(((p - y) ** 2).sum(axis=1).mean())
            g = 2 * (p - y) / len(x)
            delta = p * (g - (p * g).sum(axis=1, keepdims=True))
            weights, bias = weights - 0.5 * x.T @ delta, bias - 0.5 * delta.sum(axis=0)
    result = train(network, settings)
    np.testing.assert_allclose(result.losses, losses, rtol=1e-12)
    np.testing.assert_allclose(result.parameters["W"], weights, rtol=1e-12)


def loss_of_the_lab(predicted: np.ndarray, labels: np.ndarray) -> float:
    """The lab's mean squared error as a problem, of predictions with ten classes."""
    text = "forward: |\n  L = 1/N * sum((P - Y)**2)\nshapes: {P: [N, 10], Y: [N, 10]}\ninput: [P]\ntarget: [Y]\n"
    program = compile_problem(read_text(text))
    given = {program.tensor("P"): predicted, program.tensor("Y"): np.eye(10)[labels]}
    return float(run(program.forward, given, FloatArithmetic({"N": len(labels)}))[program.tensor("L")])


def test_the_loss_check_of_the_published_lab() -> None:
    """Two predictions printed in a course's notebook on MNIST, both of class 1: loss 0.475, accuracy 0.5."""
    predicted = np.zeros((2, 10))
    predicted[0, :3] = 0.2, 0.8, 0.1
    predicted[1, :3] = 0.6, 0.3, 0.1
    labels = np.array([1, 1])
    assert loss_of_the_lab(predicted, labels) == pytest.approx(0.475, abs=1e-12)
    assert np.mean(predicted.argmax(axis=1) == labels) == 0.5


@pytest.mark.parametrize("seed", range(5))
def test_the_loss_of_the_lab_is_its_expression_in_pytorch(seed: int) -> None:
    torch = pytest.importorskip("torch")
    generator = np.random.default_rng(seed)
    predicted, labels = generator.dirichlet(np.ones(10), 16), generator.integers(0, 10, 16)
    onehot, yhat = torch.eye(10, dtype=torch.float64)[torch.from_numpy(labels)], torch.from_numpy(predicted)
    expected = (onehot - yhat).pow(2).sum(1).mean().item()
    assert loss_of_the_lab(predicted, labels) == pytest.approx(expected, rel=1e-14), f"seed {seed}"


def test_the_last_batch_may_be_smaller_and_none_is_left_out() -> None:
    parts = list(batches(10, 4, np.random.default_rng(0)))
    assert [len(part) for part in parts] == [4, 4, 2]
    assert sorted(np.concatenate(parts)) == list(range(10))


def test_training_is_told_of_every_batch_and_every_epoch() -> None:
    told: list[object] = []
    result = train(Network(read_text(MLP), blobs()), Settings(epochs=2, batch_size=64), told.append)
    assert told == [None, None, None, result.epochs[0], None, None, None, result.epochs[1]]


def test_the_seed_decides_everything() -> None:
    network = Network(read_text(MLP), blobs())
    first, again, other = (train(network, Settings(epochs=1, seed=seed)).losses for seed in (3, 3, 4))
    assert first == again
    assert first != other


# ------------------------------------------------------------------------------------------------ how it is read


@pytest.mark.parametrize(
    ("loss", "prediction"),
    [
        ("E = (P - Y)**2\n  L = 1/N * sum(E)", "P"),
        ("L = -1/N * sum(Y * log(P) + (1 - Y) * log(1 - P))", "P"),
        ("L = 1/N * cross_entropy_logits(S, Y)", "S"),
        ("T = 0.9*Y + 0.01\n  L = 1/N * sum((T - P)**2)", "P"),
        ("L = 1/N * sum((P - Y)**2) + 0.01 * sum(W**2)", "P"),
    ],
)
def test_the_prediction_is_what_meets_the_target(loss: str, prediction: str) -> None:
    text = SOFTMAX_REGRESSION.replace("L = 1/N * sum((P - Y)**2)", loss)
    assert Network(read_text(text), blobs()).prediction.name == prediction


def test_class_indices_are_no_prediction() -> None:
    network = Network(read_text(CLASSIFIER), blobs())
    assert network.prediction.name == "y"
    np.testing.assert_array_equal(network.targets(np.array([0, 2])), [0, 2])


def test_frozen_parameters_stay_and_gradients_pass_through_new_weights() -> None:
    frozen = Network(read_text(MLP + "conventions: {frozen: [W_1]}\n"), blobs())
    start, result = frozen.initial_parameters(0), train(frozen, Settings(epochs=1))
    np.testing.assert_array_equal(result.parameters["W_1"], start["W_1"])
    assert np.any(result.parameters["W_2"] != start["W_2"])
    new = train(Network(read_text(MLP + "conventions: {update_uses: new}\n"), blobs()), Settings(epochs=1))
    old = train(Network(read_text(MLP), blobs()), Settings(epochs=1))
    assert new.losses[0] == old.losses[0]
    assert new.losses[1] != old.losses[1]


MARGINS = {
    "hinge": "L = hinge(S, Y)",
    "written out": "M = Y*S\n  L = 1/N * sum(max(0, 1 - M))",
    "as relu": "L = 1/N * sum(relu(1 - S*Y))",
    "squared": "L = 1/N * sum(relu(1 - S*Y)**2) + 0.01 * sum(W**2)",
    "logistic": "L = 1/N * sum(softplus(-Y*S))",
}
NO_MARGINS = {
    "mse": "L = mse(S, Y)",
    "bce": "L = bce(P, Y)",
    "logits": "L = bce_logits(S, Y)",
    "cross-entropy": "L = cross_entropy(P, Y)",
    "log-probabilities": "Z = log(P)\n  L = -1/N * sum(Y*Z) + 0.01 * sum(W**2)",
    "signs made by the author": "T = 2*Y - 1\n  L = hinge(S, T)",
}


def with_loss(loss: str) -> Network:
    return Network(read_text(SOFTMAX_REGRESSION.replace("L = 1/N * sum((P - Y)**2)", loss)), blobs())


@pytest.mark.parametrize("name", MARGINS)
def test_a_loss_of_margins_has_targets_of_both_signs(name: str) -> None:
    network = with_loss(MARGINS[name])
    np.testing.assert_array_equal(network.targets(np.array([2, 0])), [[-1, -1, 1], [1, -1, -1]])
    result = train(network, Settings(epochs=5, learning_rate=0.05))
    assert result.epochs[-1].accuracy > 0.9


def test_the_first_hinge_loss_is_that_of_the_signs() -> None:
    """max(0, 1 - t y) with t = 1 for the class and -1 elsewhere, by NumPy; t = 0 would give 1 for two of three."""
    network = with_loss("L = hinge(S, Y)")
    start, data = network.initial_parameters(0), blobs()
    loss, _ = network.step(start, data.images[:8], network.targets(data.labels[:8]), 0.1)
    scores = data.images[:8] @ start["W"] + start["b"]
    signs = np.where(np.arange(3) == data.labels[:8, None], 1, -1)
    assert loss == pytest.approx(np.maximum(0, 1 - signs * scores).mean(), rel=1e-12)


@pytest.mark.parametrize("name", NO_MARGINS)
def test_other_losses_have_one_hot_targets(name: str) -> None:
    np.testing.assert_array_equal(with_loss(NO_MARGINS[name]).targets(np.array([2, 0])), [[0, 0, 1], [1, 0, 0]])


def test_without_an_update_the_problem_is_trained_as_with_one() -> None:
    text = SOFTMAX_REGRESSION.replace("update: sgd\n", "")
    with_one, without = (train(Network(read_text(t), blobs()), Settings(epochs=1)) for t in (SOFTMAX_REGRESSION, text))
    assert without.losses == with_one.losses
    named = text.replace("X @ W + b", "X @ W + eta").replace("[K]}", "[K], eta: [K]}").replace("b: [K], ", "")
    named = named.replace("[W, b]", "[W, eta]")  # a quantity that is called as the learning rate usually is
    assert train(Network(read_text(named), blobs()), Settings(epochs=1)).losses == with_one.losses


def test_constants_have_their_numbers() -> None:
    text = SOFTMAX_REGRESSION.replace("**2)\n", "**2) + lam * sum(W**2)\n") + "constants: {lam: 0.25}\n"
    network = Network(read_text(text), blobs())
    start = network.initial_parameters(0)
    plain = Network(read_text(SOFTMAX_REGRESSION), blobs())
    images, targets = blobs().images[:4], network.targets(blobs().labels[:4])
    penalised, _ = network.step(start, images, targets, 0.1)
    expected, _ = plain.step(start, images, targets, 0.1)
    assert penalised == pytest.approx(expected + 0.25 * (start["W"] ** 2).sum(), rel=1e-12)


def test_a_symbol_gets_its_size() -> None:
    text = MLP.replace("7", "H")
    chosen = Network(read_text(text), blobs(), {"H": 7})
    assert {name: array.shape for name, array in chosen.initial_parameters(0).items()} == {
        "W_1": (7, 2), "b_1": (7,), "W_2": (3, 7), "b_2": (3,)
    }  # fmt: skip
    assert train(chosen, Settings(1)).losses == train(Network(read_text(MLP), blobs()), Settings(1)).losses


REFUSED = {
    "width": (MLP.replace("[D, 7, K]", "[5, 7, K]").replace("[N, D]", "[N, 5]"), {}, "`X` with a width of 5"),
    "no symbol": (MLP.replace("[N, ", "[4, "), {}, "a symbol for the number of samples"),
    "classes": (MLP.replace("K]", "4]"), {}, "`y` with a width of 4"),
    "one symbol for both": (MLP.replace("K]", "D]"), {}, "`D` for 2 and for 3 classes"),
    "columns": (
        MLP.replace("[N, D]", "[D, N]").replace("[N, K]", "[K, N]") + "conventions: {samples: columns}\n",
        {},
        "samples in columns",
    ),
    "a symbol without a size": (MLP.replace("7", "H"), {}, "no number for `H`"),
    "a size for nothing": (MLP, {"Q": 3}, "a size for `Q`"),
    "a size against the data": (MLP, {"D": 3}, "`D` for 3 and for 2 pixels"),
    "nothing to learn": (SOFTMAX_REGRESSION + "conventions: {frozen: [W, b]}\n", {}, "nothing to learn"),
    "no target": (SOFTMAX_REGRESSION.replace("target", "constants"), {}, "0 quantities as target"),
    "no number for a constant": (
        SOFTMAX_REGRESSION.replace("**2)\n", "**2) + lam * sum(W**2)\n").replace("b: [K]}", "b: [K], lam: []}")
        + "constants: [lam]\n",
        {},
        "no number for `lam`",
    ),
    "no prediction": (SOFTMAX_REGRESSION.replace("(P - Y)**2", "P**2"), {}, "no prediction"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_problem_that_does_not_fit_the_data_is_refused(name: str) -> None:
    text, sizes, expected = REFUSED[name]
    with pytest.raises(DeriveError, match=expected):
        Network(read_text(text), blobs(), sizes)


def test_a_loss_that_grows_beyond_all_bounds_is_told() -> None:
    text = SOFTMAX_REGRESSION.replace("P = softmax(S)", "P = S**3")
    with pytest.raises(DeriveError, match=r"no finite number, in epoch 1, batch \d+"):
        train(Network(read_text(text), blobs()), Settings(learning_rate=100.0))


def test_symbols_are_substituted_once_for_each_size_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes a loop fast: SymPy has no part in it after the first batch and the last, which is smaller."""
    import sympy

    network = Network(read_text(SOFTMAX_REGRESSION), blobs())
    calls = []
    subs = sympy.Basic.subs

    def counted(self, *words, **options):
        calls.append(self)
        return subs(self, *words, **options)

    monkeypatch.setattr(sympy.Basic, "subs", counted)
    train(network, Settings(epochs=1, batch_size=40))
    first = len(calls)
    assert first > 0
    train(network, Settings(epochs=3, batch_size=40))
    assert len(calls) == first
