r"""Notation presets: how books and courses write the same network, as tables of symbols and conventions.

A preset changes what is printed, never how a quantity is called: names stay `W_1`, `dL/dW_1`, `y`. In a pattern `<k>`
stands for the number of the layer as names count it (`W_1` is the first), `<k-1>` and `<k+1>` for the numbers beside
it. What a source leaves open is said in `open`, with what is chosen here.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from derive.spec.symbols import Layout, Preset, SquaredError, Symbols

_HALF = Fraction(1, 2)
_RELU = "the slope of relu at 0: 0"

PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "bishop",
            "Bishop, Pattern Recognition and Machine Learning (2006), chapter 5; Bishop and Bishop, Deep Learning "
            "(2024), chapters 6 and 8",
            Symbols(
                input=r"\mathbf{x}",
                weights=r"\mathbf{W}^{(<k>)}",
                bias=r"\mathbf{b}^{(<k>)}",
                pre_activation=r"\mathbf{a}^{(<k>)}",
                activation=r"\mathbf{z}^{(<k>)}",
                output=r"\mathbf{y}",
                target=r"\mathbf{t}",
                loss="E",
                learning_rate=r"\eta",
                delta=r"\boldsymbol{\delta}^{(<k>)}",
            ),
            Layout(),
            SquaredError(_HALF, "sum"),
            batch={
                "input": r"\mathbf{X}",
                "pre_activation": r"\mathbf{A}^{(<k>)}",
                "activation": r"\mathbf{Z}^{(<k>)}",
                "output": r"\mathbf{Y}",
                "target": r"\mathbf{T}",
                "classes": r"\mathbf{c}",
                "delta": r"\boldsymbol{\Delta}^{(<k>)}",
            },
            open=(
                "a symbol for the vector of biases, which are the weights w_j0: b",
                "matrices of pre-activations, activations and deltas of a batch: capital letters",
                "the layout of derivatives by vectors: mixed",
                _RELU,
            ),
        ),
        Preset(
            "nyu",
            "LeCun and Canziani, NYU Deep Learning (DS-GA 1008), lectures and homework on backpropagation",
            Symbols(
                input=r"\boldsymbol{x}",
                weights=r"\boldsymbol{W}_{<k>}",
                bias=r"\boldsymbol{b}_{<k>}",
                pre_activation=r"\boldsymbol{s}_{<k>}",
                activation=r"\boldsymbol{a}_{<k>}",
                output=r"\tilde{\boldsymbol{y}}",
                target=r"\boldsymbol{y}",
                loss="C",
                learning_rate=r"\eta",
            ),
            Layout(weights="in_out", derivatives="numerator"),
            SquaredError(reduction="sum"),
            batch={
                "input": r"\boldsymbol{X}",
                "pre_activation": r"\boldsymbol{S}_{<k>}",
                "activation": r"\boldsymbol{A}_{<k>}",
                "output": r"\tilde{\boldsymbol{Y}}",
                "target": r"\boldsymbol{Y}",
                "classes": r"\boldsymbol{c}",
            },
            open=(
                "the letters, which differ between years: those of the homework, s, a and a tilde for the output",
                "W x + b or W^T x + b, which differ between lectures and homework: W^T x + b",
                "the cost of a batch, a sum or a mean: the sum",
                f"{_RELU}, as in PyTorch",
            ),
        ),
        Preset(
            "cs231n",
            "Stanford CS231n, Convolutional Neural Networks for Visual Recognition, notes and assignments",
            Symbols(
                input="x",
                weights="W_{<k>}",
                bias="b_{<k>}",
                pre_activation="z_{<k>}",
                activation="h_{<k>}",
                last_affine="s",
                output="p",
                target="y",
                loss="L",
                learning_rate=r"\eta",
            ),
            Layout(weights="in_out", vectors="rows"),
            SquaredError(),
            batch={"input": "X"},
            open=(
                "a symbol for hidden pre-activations: z",
                "a symbol for the learning rate, `step_size` in the code: eta",
                "capital letters for batches other than X: none",
            ),
        ),
        Preset(
            "udl",
            "Prince, Understanding Deep Learning (2023), chapters 4 and 7",
            Symbols(
                input=r"\mathbf{x}",
                weights=r"\boldsymbol{\Omega}_{<k-1>}",
                bias=r"\boldsymbol{\beta}_{<k-1>}",
                pre_activation=r"\mathbf{f}_{<k-1>}",
                activation=r"\mathbf{h}_{<k>}",
                last_affine=r"\mathbf{f}_{<k-1>}",
                output=r"\hat{\mathbf{y}}",
                target=r"\mathbf{y}",
                loss="L",
                learning_rate=r"\alpha",
            ),
            Layout(samples="columns", bias="first", derivatives="denominator"),
            SquaredError(reduction="sum"),
            batch={
                "input": r"\mathbf{X}",
                "pre_activation": r"\mathbf{F}_{<k-1>}",
                "activation": r"\mathbf{H}_{<k>}",
                "last_affine": r"\mathbf{F}_{<k-1>}",
                "output": r"\hat{\mathbf{Y}}",
                "target": r"\mathbf{Y}",
                "classes": r"\mathbf{c}",
            },
            open=(
                "a symbol for the output behind a softmax or sigmoid: y with a hat",
                "matrices of a whole batch in the chapters on backpropagation: capital letters",
            ),
        ),
        Preset(
            "d2l",
            "Zhang, Lipton, Li and Smola, Dive into Deep Learning (2023), sections 5.1 to 5.3",
            Symbols(
                input=r"\mathbf{x}",
                weights=r"\mathbf{W}^{(<k>)}",
                bias=r"\mathbf{b}^{(<k>)}",
                pre_activation=r"\mathbf{z}^{(<k>)}",
                activation=r"\mathbf{h}^{(<k>)}",
                last_affine=r"\mathbf{o}",
                output=r"\hat{\mathbf{y}}",
                target=r"\mathbf{y}",
                loss="L",
                learning_rate=r"\eta",
            ),
            Layout(weights="in_out", vectors="rows"),
            SquaredError(_HALF),
            batch={
                "input": r"\mathbf{X}",
                "pre_activation": r"\mathbf{Z}^{(<k>)}",
                "activation": r"\mathbf{H}^{(<k>)}",
                "last_affine": r"\mathbf{O}",
                "output": r"\hat{\mathbf{Y}}",
                "target": r"\mathbf{Y}",
                "classes": r"\mathbf{c}",
            },
            open=(
                "one sample, which is W x in section 5.3 and a row of X elsewhere: a row",
                "the layout of derivatives, which `prod` hides: mixed",
            ),
        ),
        Preset(
            "nielsen",
            "Nielsen, Neural Networks and Deep Learning (2015), chapters 1 and 2",
            Symbols(
                input="x",
                weights="w^{<k+1>}",
                bias="b^{<k+1>}",
                pre_activation="z^{<k+1>}",
                activation="a^{<k+1>}",
                output="a^{<k+1>}",
                target="y",
                loss="C",
                learning_rate=r"\eta",
                delta=r"\delta^{<k+1>}",
            ),
            Layout(samples="columns"),
            SquaredError(_HALF),
            batch={"input": "X"},
            open=(
                "capital letters for mini-batches other than X: none",
                "the layout of derivatives by vectors: mixed",
                _RELU,
            ),
        ),
        Preset(
            "goodfellow",
            "Goodfellow, Bengio and Courville, Deep Learning (2016), sections 6.5.4 and 5.1.4",
            Symbols(
                input=r"\boldsymbol{x}",
                weights=r"\boldsymbol{W}^{(<k>)}",
                bias=r"\boldsymbol{b}^{(<k>)}",
                pre_activation=r"\boldsymbol{a}^{(<k>)}",
                activation=r"\boldsymbol{h}^{(<k>)}",
                output=r"\hat{\boldsymbol{y}}",
                target=r"\boldsymbol{y}",
                loss="J",
                learning_rate=r"\epsilon",
            ),
            Layout(bias="first"),
            SquaredError(),
            batch={
                "input": r"\boldsymbol{X}",
                "pre_activation": r"\boldsymbol{A}^{(<k>)}",
                "activation": r"\boldsymbol{H}^{(<k>)}",
                "output": r"\hat{\boldsymbol{Y}}",
                "target": r"\boldsymbol{Y}",
                "classes": r"\boldsymbol{c}",
            },
            open=(
                "batches, which are X W in section 6.5.6 and W h for one sample: the weights of one sample",
                "the slope of relu at 0, one of the one-sided derivatives: 0",
            ),
        ),
        Preset(
            "augmented",
            "course hand-outs with a one in front of every input, so that the bias is the first row of the weights",
            Symbols(
                input="X",
                weights="W_{<k>}",
                bias=None,
                pre_activation="U_{<k>}",
                activation="Z_{<k>}",
                output="Z_{<k>}",
                target="Y",
                loss="L",
                squared=r"L_{\mathrm{sq}}",
                learning_rate=r"\alpha",
                delta=r"\delta_{<k>}",
            ),
            Layout(weights="in_out", vectors="rows", bias="augmented", bias_index=0),
            SquaredError(_HALF),
            open=("the layout of derivatives by vectors: mixed", _RELU),
        ),
    )
}
