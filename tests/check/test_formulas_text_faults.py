"""A fault in a formula of the finished document is refused by the name of its line."""

from __future__ import annotations

import pytest

from tests.check.formulas import again, document, refused

AUGMENTED = "also: mini-batch with augmented inputs"

TEXT_FAULTS: dict[str, tuple[str, str, str, set[str]]] = {
    "lost transpose": (
        "one sample", r"W_{2}^{\top}\,\frac{\partial L}{\partial y}", r"W_{2}\,\frac{\partial L}{\partial y}",
        {"dL/dz"},
    ),
    "lost transpose of a vector": (
        "one sample", r"\frac{\partial L}{\partial a}\,x^{\top}", r"\frac{\partial L}{\partial a}\,x", {"dL/dW_1"},
    ),
    "lost transpose in symbols": (
        "symbols only", r"\equals{W_{2}^{\top}\,", r"\equals{W_{2}\,", {"dL/dz_1"},
    ),
    "sign flipped": (
        "one sample", r"W_{1} - \eta\,", r"W_{1} + \eta\,", {"W_1'"},
    ),
    "sign in front": (
        "class indices", r"-\sum_{i=1}^{2} q_{i}", r"\sum_{i=1}^{2} q_{i}", {"L"},
    ),
    "sign in symbols": (
        "symbols only", r"\equals{-t \oslash y}", r"\equals{t \oslash y}", {"dL/dy"},
    ),
    "parentheses dropped": (
        AUGMENTED, r"\frac{1}{N}\,(Z_{2} - Y)", r"\frac{1}{N}\,Z_{2} - Y", {"dL_sq/dZ_2"},
    ),
    "parentheses dropped, in symbols": (
        "symbols only",
        r"y \odot \left(\frac{\partial L}{\partial y} - y^{\top}\,\frac{\partial L}{\partial y}\,\mathbf{1}_{K}\right)",
        r"y \odot \frac{\partial L}{\partial y} - y^{\top}\,\frac{\partial L}{\partial y}\,\mathbf{1}_{K}",
        {"dL/da_2"},
    ),
    "a factor 2 dropped": (
        "penalty", r"2\,(y - t)", r"(y - t)", {"dL/dy"},
    ),
    "a fraction dropped": (
        AUGMENTED, r"\frac{1}{2\,N}\,\sum", r"\frac{1}{N}\,\sum", {"L_sq"},
    ),
    "an elementwise product as juxtaposition": (
        "one sample", r"\frac{\partial L}{\partial z} \odot \frac{\partial z}{\partial a}",
        r"\frac{\partial L}{\partial z}\,\frac{\partial z}{\partial a}", {"dL/da"},
    ),
    "an elementwise product of square matrices as juxtaposition": (
        "also: Jacobian of a batch", r"\frac{\partial L}{\partial Z} \odot \frac{\partial Z}{\partial A}",
        r"\frac{\partial L}{\partial Z}\,\frac{\partial Z}{\partial A}", {"dL/dA"},
    ),
    "wrong upper limit": (
        "batch in rows", r"\sum_{i=1}^{N} \left(\frac{\partial L}{\partial a}\right)_{i}",
        r"\sum_{i=1}^{2} \left(\frac{\partial L}{\partial a}\right)_{i}", {"dL/db_1"},
    ),
    "wrong upper limit in symbols": (
        "symbols only", r"\sum_{i=1}^{K}", r"\sum_{i=1}^{H}", {"L"},
    ),
    "wrong lower limit": (
        AUGMENTED, r"\sum_{i=1}^{N} (Z_{2,i}", r"\sum_{i=0}^{N} (Z_{2,i}", {"L_sq"},
    ),
    "indices exchanged": (
        "batch in rows", "y_{ij} - t_{ij}", "y_{ij} - t_{ji}", {"L"},
    ),
    "rows for columns": (
        "batch in columns", r"\left(\frac{\partial L}{\partial a}\right)_{{:,i}}",
        r"\left(\frac{\partial L}{\partial a}\right)_{i}", {"dL/db_1"},
    ),
    "another symbol": (
        "one sample", r"\frac{\partial L}{\partial y}\,z^{\top}", r"\frac{\partial L}{\partial y}\,a^{\top}",
        {"dL/dW_2"},
    ),
    "another symbol with the same numbers": (
        "one sample",
        r"\equals{\frac{\partial L}{\partial y}}", r"\equals{\frac{\partial L}{\partial b_{2}}}", {"dL/db_2"},
    ),
    "the ones of the bias left out": (
        AUGMENTED, r"\begin{bmatrix} \mathbf{1} & X \end{bmatrix}\,W_{1}", r"X\,W_{1}", {"U_1"},
    ),
    "the bias not taken out of the weights": (
        AUGMENTED, r"W_{2}[1{:}]^{\top}", r"W_{2}^{\top}", {"dL_sq/dZ_1"},
    ),
    "a Jacobian without its diagonal": (
        "softmax in two steps, entries", r"\operatorname{diag}(y) - y\,y^{\top}", r"y - y\,y^{\top}", {"dy/da_2"},
    ),
    "an entry of a Jacobian": (
        "softmax in two steps, entries",
        r"y_{1} - y_{1}\,y_{1} & -y_{1}\,y_{2}", r"y_{1} - y_{1}\,y_{1} & y_{1}\,y_{2}",
        {"dy/da_2"},
    ),
    "the wrong Jacobian": (
        "one sample",
        r"\local{\frac{\partial y}{\partial z} = W_{2}}", r"\local{\frac{\partial y}{\partial z} = W_{1}}", {"dy/dz"},
    ),
    "a function for another": (
        "leaky_relu and huber", r"\operatorname{LReLU}_{0.1}(a)", r"\operatorname{LReLU}_{0.1}'(a)", {"z"},
    ),
    "something unreadable": (
        "one sample", r"\equals{W_{1}\,x + b_{1}}", r"\equals{W_{1}\,x \uplus b_{1}}", {"a"},
    ),
    "a quantity that nobody knows": (
        "one sample", r"\equals{W_{1}\,x + b_{1}}", r"\equals{W_{3}\,x + b_{1}}", {"a"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", TEXT_FAULTS)
def test_a_fault_in_the_text_is_refused_by_the_name_of_the_line(fault: str) -> None:
    name, right, wrong, steps = TEXT_FAULTS[fault]
    tex = document(name)
    start, body = tex[: tex.index(r"\begin{document}")], tex[tex.index(r"\begin{document}") :]
    assert right in body
    assert refused(again(name, tex)) == set()
    assert refused(again(name, start + body.replace(right, wrong))) == steps


def test_a_local_jacobian_that_the_template_drops_is_refused() -> None:
    lines = document("one sample").splitlines()
    tex = "\n".join(line for line in lines if r"\local{\frac{\partial y}" not in line)
    assert refused(again("one sample", tex)) == {"template"}


def test_a_formula_that_the_template_drops_is_refused() -> None:
    tex = document("one sample").replace(r"\equals{\frac{\partial L}{\partial y}\,z^{\top}}%", "%")
    assert "dL/dW_2" in refused(again("one sample", tex))
