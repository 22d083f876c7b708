r"""The wrong and sloppy lines of the source documents, put into our sheets: the check refuses each by its step."""

from __future__ import annotations

import pytest

from derive.check import check_document
from derive.render.document import render
from tests.seeds.bank import solved

DELTAS = "augmented-minibatch-symbols"
ENTROPY = "tanh-sigmoid-cross-entropy"
RELU = "three-relu-regression"
Y = r"\tilde{\boldsymbol{y}}"
ONES_Z = r"\begin{bmatrix} \mathbf{1} & Z_{1} \end{bmatrix}"
ONES_X = r"\begin{bmatrix} \mathbf{1} & X \end{bmatrix}"
D_LAST = rf"\frac{{\partial {Y}}}{{\partial \boldsymbol{{s}}_2}}"

LINES = {  # what is printed there: the problem, our line, theirs, the step at which it is refused
    "a sum over the samples in the gradient at one of them": (
        DELTAS,
        r"\equals{\frac{1}{N}\,(Z_{2} - Y)}",
        r"\equals{\frac{1}{N}\,\sum_{i=1}^{N} (Z_{2,i} - Y_{i})}",
        "dL_sq/dZ_2",
    ),
    "a sum over the columns of the weights": (
        DELTAS,
        r"\sum_{i=1}^{N} (Z_{2,i} - Y_{i})^{2}",
        r"\sum_{i=1}^{2} (Z_{2,i} - Y_{i})^{2}",
        "L_sq",
    ),
    "a slope half in Z and half in U, with the wrong quantity": (
        DELTAS,
        r"\equals{Z_{2} \odot (1 - Z_{2})}",
        r"\equals{Z_{2} \odot (1 - \sigma(Z_{2}))}",
        "dZ_2/dU_2",
    ),
    "no transpose of the inputs": (
        DELTAS,
        rf"\equals{{{ONES_Z}^{{\top}}\,\delta_2}}",
        rf"\equals{{{ONES_Z}\,\delta_2}}",
        "dL_sq/dW_2",
    ),
    "delta [1 Z] in the order that does not fit": (
        DELTAS,
        rf"\equals{{{ONES_Z}^{{\top}}\,\delta_2}}",
        rf"\equals{{\delta_2\,{ONES_Z}}}",
        "dL_sq/dW_2",
    ),
    "the gradient of the other layer": (
        DELTAS,
        rf"\equals{{{ONES_X}^{{\top}}\,\delta_1}}",
        rf"\equals{{{ONES_X}^{{\top}}\,\delta_2}}",
        "dL_sq/dW_1",
    ),
    "no transpose of the weights": (
        DELTAS,
        r"\equals{\delta_2\,W_{2}[1{:}]^{\top}}",
        r"\equals{\delta_2\,W_{2}[1{:}]}",
        "dL_sq/dZ_1",
    ),
    "the row of the bias left in": (
        DELTAS,
        r"\equals{\delta_2\,W_{2}[1{:}]^{\top}}",
        r"\equals{\delta_2\,W_{2}^{\top}}",
        "dL_sq/dZ_1",
    ),
    "a step along the gradient": (
        DELTAS,
        r"W_{1} - \alpha\,\frac",
        r"W_{1} + \alpha\,\frac",
        "W_1'",
    ),
    "-y~/y~ + (1 - y~)/(1 - y~), which is zero": (
        ENTROPY,
        rf"(-\boldsymbol{{y}} \oslash {Y} + (1 - \boldsymbol{{y}}) \oslash (1 - {Y}))^{{\top}}",
        rf"(-{Y} \oslash {Y} + (1 - {Y}) \oslash (1 - {Y}))^{{\top}}",
        "dC/dy_tilde",
    ),
    "the other sign of -y/y~": (
        ENTROPY,
        rf"(-\boldsymbol{{y}} \oslash {Y} + ",
        rf"(\boldsymbol{{y}} \oslash {Y} + ",
        "dC/dy_tilde",
    ),
    "the slope of the sigmoid as a vector": (
        ENTROPY,
        rf"\equals{{\operatorname{{diag}}({Y} \odot (1 - {Y}))}}",
        rf"\equals{{{Y} \odot (1 - {Y})}}",
        "dy_tilde/ds_2",
    ),
    "the slope of tanh of a matrix that is none": (
        ENTROPY,
        r"\begin{cases} 1 - \boldsymbol{a}_{1,i}^{2} & i = j",
        r"\begin{cases} 1 - \boldsymbol{a}_{1,i}^{2} & i < j",
        "da_1/ds_1",
    ),
    "a prediction without a transpose": (
        ENTROPY,
        r"\sigma(\boldsymbol{W}_2^{\top}\,\tanh(",
        r"\sigma(\boldsymbol{W}_2\,\tanh(",
        "express",
    ),
    "3 ReLU left over from the question before": (
        ENTROPY,
        r"\equals{\boldsymbol{a}_1\,\frac{\partial C}{\partial \boldsymbol{s}_2}}",
        r"\equals{3\,\operatorname{ReLU}(\boldsymbol{s}_1)\,\frac{\partial C}{\partial \boldsymbol{s}_2}}",
        "dC/dW_2",
    ),
    "1 for the identity matrix": (RELU, r"\equals{I_{K}}", r"\equals{1}", "dy_tilde/ds_2"),
    "the other sign in a case": (
        RELU,
        r"3 & i = j,\ \boldsymbol{s}_{1,i} > 0",
        r"3 & i = j,\ \boldsymbol{s}_{1,i} < 0",
        "da_1/ds_1",
    ),
    "1 for 3 in a case": (RELU, r"\begin{cases} 3 & i = j", r"\begin{cases} 1 & i = j", "da_1/ds_1"),
    "a column where it is a row": (
        RELU,
        r"\equals{2\,(\tilde{\boldsymbol{y}} - \boldsymbol{y})^{\top}}",
        r"\equals{2\,(\tilde{\boldsymbol{y}} - \boldsymbol{y})}",
        "dC/dy_tilde",
    ),
    "h for its Jacobian": ("jacobian-of-a-sum-shared", r"\equals{2\,W}", r"\equals{2\,W\,x}", "dh/dx"),
    "a square of entries for a product": (
        "jacobian-of-a-composition-shared",
        r"\equals{W\,W}",
        r"\equals{W \odot W}",
        "dh/dx",
    ),
    "softmax for the maximum itself": (
        "softargmax",
        r"\equals{\operatorname{softmax}(u)}",
        r"\equals{\max(u)}",
        "p",
    ),
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_documents_is_refused(line: str) -> None:
    name, right, wrong, step = LINES[line]
    solution = solved(name)
    tex = render(solution.sheet())
    assert right in tex
    before = check_document(solution.reading(), tex)
    assert [finding for finding in before if not finding.passed] == []
    after = check_document(solution.reading(), tex.replace(right, wrong, 1))
    refused = {finding.step for finding in after if not finding.passed}
    assert any(step in found for found in refused), refused
