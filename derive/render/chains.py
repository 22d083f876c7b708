"""The chain rule by name in LaTeX: ∂L/∂a ∂a/∂W + lam W."""

from __future__ import annotations

from derive.render.latex import Latex
from derive.render.terms import added
from derive.sheet import Line


def chain_latex(line: Line, latex: Latex, loss: str) -> str:
    """The products of named factors, or what a symbol such as delta stands for; behind them the direct share."""
    notation = latex.notation
    chain = line.chain or notation.meaning(line.target.name, loss)
    products = [r"\,".join(notation.partial(*factor) for factor in path) for path in chain]
    return added(products if line.direct is None else [*products, latex.oriented(line.direct, line.target)])
