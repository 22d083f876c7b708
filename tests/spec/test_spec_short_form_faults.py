"""The short form: what does not fit together is told with its layer, what was found and what was expected."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from derive.errors import Fault

Refuse = Callable[[str], tuple[Fault, ...]]


def network(architecture: str, activations: str, loss: str = "mse", more: str = "") -> str:
    return f"architecture: {architecture}\nactivations: {activations}\nloss: {loss}\n{more}"


SMALL = "input: {x: [1, 2]}\ntarget: {t: [1]}\n"


@pytest.mark.parametrize(
    ("more", "path", "found", "expected", "hint"),
    [
        (
            SMALL + "parameters: {W_1: [[1, 2], [3, 4], [5, 6]], W_2: [[1], [2], [3]]}",
            "parameters.W_2",
            "`W_2` of shape [3, 1]",
            "[1, 3] in layer 2 (3 inputs, 1 outputs)",
            "conventions: {weights: in_out}",
        ),
        (
            SMALL + "conventions: {weights: in_out}\nparameters: {W_1: [[1, 2, 3], [3, 4, 5]], W_2: [[1, 2, 3]]}",
            "parameters.W_2",
            "`W_2` of shape [1, 3]",
            "[3, 1] in layer 2",
            "conventions: {weights: out_in}",
        ),
        (
            SMALL + "parameters: {W_1: [[1, 2], [3, 4], [5, 6]], W_2: [1, 2, 3]}",
            "parameters.W_2",
            "`W_2` of shape [3]",
            "[1, 3]",
            "a matrix of one row is written [[...]]",
        ),
        (
            SMALL + "parameters: {W_1: [[1, 2], [3, 4], [5, 6]], W_2: [[1, 2, 3]], b_1: [1, 2], b_2: [1]}",
            "parameters.b_1",
            "`b_1` of shape [2]",
            "[3] in layer 1 (2 inputs, 3 outputs)",
            "",
        ),
        (
            "input: {x: [[1, 2, 3], [4, 5, 6]]}\ntarget: {t: [1, 2, 3]}",
            "input.x",
            "`x` of shape [2, 3]",
            "[N, 2]",
            "conventions: {samples: columns}",
        ),
        ("input: {x: [1, 2, 3]}\ntarget: {t: [1]}", "input.x", "`x` of shape [3]", "[2]", ""),
        ("input: {x: [1, 2]}\ntarget: {t: [1, 2]}", "target.t", "`t` of shape [2]", "[1]", ""),
        (
            "input: {x: [[1, 2], [3, 4]]}\ntarget: {t: [1, 2, 3]}",
            "target.t",
            "N is 3 here, but 2 in `x`",
            "the same number for N everywhere",
            "",
        ),
        ("input: {x: [1, 2]}", "target", "no target", "`target: {t: [...]}`", ""),
        ("target: {t: [1]}\nparameters: {W_1: [[1, 2]]}", "input", "no input", "`input: {x: [...]}`", ""),
        ("input: [x, u]", "input", "`x`, `u`", "one input in the short form", "write `forward:`"),
        (SMALL + "constants: {c: 1}", "constants.c", "the constant `c`", "no constants", "`forward:`"),
        (SMALL + "parameters: {W_1: , W_3: }", "parameters.W_3", "the unknown parameter `W_3`", "`W_2`", "`W_2`"),
        (SMALL + "parameters: {W_1: , b_1: }", "parameters", "no `W_2`, `b_2`", "all of `W_1`", ""),
        (
            SMALL + "bias: false\nparameters: [W_1, b_1, W_2]",
            "parameters.b_1",
            "unknown parameter `b_1`",
            "",
            "no biases",
        ),
        (SMALL + "bias: true\nparameters: [W_1, W_2]", "parameters", "no `b_1`, `b_2`", "", ""),
        (
            SMALL + "parameters: {W_1: [[1, 2]]}\nshapes: {W_1: [3, 2]}",
            "parameters.W_1",
            "numbers of shape [1, 2]",
            "[3, 2], as `shapes.W_1` says",
            "",
        ),
        ("forward: y = x", "forward", "both `architecture:` and `forward:`", "one of the two forms", ""),
    ],
)
def test_what_does_not_fit(more: str, path: str, found: str, expected: str, hint: str, refuse: Refuse) -> None:
    faults = {fault.path: fault for fault in refuse(network("[2, 3, 1]", "[tanh, identity]", more=more))}
    assert path in faults
    assert found in faults[path].found
    assert expected in faults[path].expected
    assert hint in faults[path].hint
    assert faults[path].where.startswith("file.yaml:")


@pytest.mark.parametrize(
    ("text", "path", "found", "expected"),
    [
        (network("[2, 1]", "[tahn]"), "activations[0]", "the unknown activation `tahn`", "`tanh`"),
        (network("[2, 1]", "[tanh, relu]"), "activations", "2 activations for 1 layers", "one activation for each"),
        (network("[2, 1]", "[relu]", "mes"), "loss", "the unknown loss `mes`", "`mse`"),
        (network("[2, 1]", "[{elu: {beta: 1}}]"), "activations[0].elu.beta", "the unknown option `beta`", "`alpha`"),
        (network("[2, 1]", "[{tanh: {beta: 1}}]"), "activations[0].tanh.beta", "the unknown option", "no options"),
        (network("[2, 1]", "[{elu: {alpha: one}}]"), "activations[0].elu.alpha", "`one`", "a number"),
        (network("[2, 1]", "[{elu: {alpha: '1'}}]"), "activations[0].elu.alpha", "in quotes", "without quotes"),
        (network("[2, 1]", "[relu]", "{mse: {reduction: max}}"), "loss.mse.reduction", "`max`", "`sum` or `mean`"),
        (network("[2, 1]", "[relu]", "{mse: {factor: mean}}"), "loss.mse.factor", "`mean`", "a number"),
        ("architecture: [2, 1]\nloss: mse", "architecture", "without `activations:`", "one activation"),
        ("architecture: [2, 1]\nactivations: [relu]", "architecture", "without `loss:`", "one of `mse`"),
        ("activations: [relu]", "activations", "`activations:` without `architecture:`", "only beside"),
        ("title: a", "", "no network", "`architecture:`"),
        (
            network("[2, 3]", "[softmax]", "cross_entropy", "input: {x: [1, 2]}\ntarget: {c: 3}"),
            "target.c",
            "the class index 3",
            "whole numbers from 0 to 2",
        ),
    ],
)
def test_what_is_no_network(text: str, path: str, found: str, expected: str, refuse: Refuse) -> None:
    faults = {fault.path: fault for fault in refuse(text)}
    assert path in faults
    assert found in faults[path].found
    assert expected in faults[path].expected


def test_numbers_that_fit_neither_their_shape_nor_the_network(refuse: Refuse) -> None:
    faults = refuse(network("[2, D]", "[identity]", more="input: {x: [[1, 2]]}\ntarget: [t]\nshapes: {x: [2]}"))
    assert faults[0].found == "numbers of shape [1, 2]"
    assert refuse(network("[2, 1]", "[identity]", more="parameters: {W_1: [1, 2]}\nshapes: {W_1: [1, 2]}"))


def test_a_wrong_shape_brings_no_further_faults(refuse: Refuse) -> None:
    more = SMALL + "parameters: {W_1: [[1, 2]], W_2: [[1, 2, 3]]}"
    assert len(refuse(network("[2, 3, 1]", "[tanh, identity]", more=more))) == 1
