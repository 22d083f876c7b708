"""The summary at the end of a solution: each parameter before the step, its gradient, and the parameter after it."""

from __future__ import annotations

from pylatex import NoEscape, Tabular

from derive.render.latex import Latex
from derive.sheet.model import SummaryRow


def summary_latex(rows: tuple[SummaryRow, ...], latex: Latex, heads: tuple[str, str, str]) -> str:
    """The table; empty without rows."""
    if not rows:
        return ""
    table = Tabular("@{}l@{\\qquad}c@{\\qquad}c@{\\qquad}c@{}", booktabs=True, row_height=1.3)
    table.escape = False
    table.add_row(["", *(NoEscape(rf"\text{{{head}}}") for head in heads)])
    table.add_hline()
    for row in rows:
        printed_like = (row.before, row.gradient, row.before)  # a gradient may be a row where its quantity is a column
        cells = (latex.decimals(*pair)[0] for pair in zip(row.values, printed_like, strict=True))
        table.add_row([NoEscape(f"${cell}$") for cell in (latex.notation.symbol(row.before.name), *cells)])
        table.append(NoEscape(r"\addlinespace[3pt]"))
    return str(table.dumps())
