"""Problems that broke something once: numbers at kinks, zeros, single entries, values that round to 0 or 1."""

from __future__ import annotations

from textwrap import dedent

import pytest

from derive.evaluate import DomainError
from derive.solution import solve_problem
from derive.spec import read_text

AWKWARD = {
    "a linear batch": """
        architecture: [1, 2]
        activations: [identity]
        loss: mse
        bias: false
        parameters: {W_1: [[1], [2]]}
        input: {X: [[2], [3], [4]]}
        target: {T: [[0, 1], [1, 1], [0, 0]]}
        ask: [dy/dX]
        """,
    "no dependence": """
        forward: |
          a = w*x
          h = w + x
          L = h**2 + a
        parameters: {w: 1}
        input: {x: 2}
        ask: [dh/da]
        """,
    "a tie of two": "forward: 'f = max(w, x)'\nparameters: {w: 1}\ninput: {x: 1}\n",
    "a weight of zero below an absolute value": "forward: 'L = sum(abs(W))'\nparameters: {W: [[0, 1]]}\n",
    "powers of ten": """
        architecture: [2, 1]
        activations: [identity]
        loss: mse
        parameters: {W_1: [[1e-3, 1]]}
        input: {x: [2, 1]}
        target: {t: [1]}
        """,
    "a fraction squared": "forward: 'f = v**2'\nparameters: {v: 1/3}\n",
    "a slice of everything": """
        forward: |
          H = Z[0:2]
          L = sum(H**2)
        parameters: {Z: [1, 2]}
        """,
    "a single entry": """
        forward: |
          z = tanh(w*x)
          h = z + x
          L = sum(h)
        parameters: {w: [0.5]}
        input: {x: [0.4]}
        ask: [dh/dx]
        """,
    "a factor of zero": """
        forward: |
          s = w*x + w
          f = (x**2 - s)*w
        parameters: {w: 0}
        input: {x: 0.7}
        """,
    "two paths": """
        forward: |
          z = tanh(w*x)
          y = w*z
          L = (y - t)**2
        parameters: {w: 0.5}
        input: {x: 2}
        target: {t: 1}
        """,
    "one class": """
        architecture: [2, 1]
        activations: [softmax]
        loss: mse
        parameters: {W_1: [[0.5, 0.25]], b_1: [0.1]}
        input: {x: [1, 0.5]}
        target: {t: [0.99995]}
        """,
    "targets that do not sum to 1": """
        architecture: [2, 2]
        activations: [softmax]
        loss: cross_entropy
        parameters: {W_1: [[0.5, 0.25], [1, -1]], b_1: [0.1, 0]}
        input: {x: [1, 0.5]}
        target: {t: [0.5, 0.2]}
        """,
}


@pytest.mark.parametrize("name", AWKWARD)
def test_it_is_solved_and_checked(name: str) -> None:
    solution = solve_problem(read_text(dedent(AWKWARD[name])))
    assert [finding for finding in solution.all_findings if not finding.passed] == []
    for kind in ("solution", "worksheet", "key"):
        assert r"\end{document}" in solution.tex(kind)
    assert '"passed": true' in solution.to_json()


def test_a_kink_is_told() -> None:
    solution = solve_problem(read_text(AWKWARD["a weight of zero below an absolute value"]))
    notes = {finding.note for finding in solution.findings if finding.note}
    assert notes == {"L at a kink: the derivative is a convention there"}


@pytest.mark.parametrize("target", ["3", "-1", "1.5"])
def test_a_class_that_is_none_is_refused(target: str) -> None:
    text = """
        forward: |
          s = W @ x
          E = cross_entropy_logits(s, y)
        parameters: {W: [[0.2, -0.1], [0.4, 0.3], [-0.5, 0.1]]}
        input: {x: [1, -2]}
        target: {y: TARGET}
        """.replace("TARGET", target)
    with pytest.raises(DomainError, match=f"the class index {target}"):
        solve_problem(read_text(dedent(text)))


def test_a_probability_that_rounds_to_one_is_told() -> None:
    text = """
        architecture: [1, 1]
        activations: [sigmoid]
        loss: bce
        parameters: {W_1: [[3]]}
        input: {x: [2]}
        target: {t: [0]}
        rounding: {places: 2, carry: rounded}
        """
    with pytest.raises(DomainError, match="more places may help"):
        solve_problem(read_text(dedent(text)))
