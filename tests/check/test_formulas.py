"""The formulas in symbols are read again from the finished document: all of them agree."""

from __future__ import annotations

import pytest

from derive.check.printed import FORMULAS, local_jacobians
from tests.check.formulas import PROBLEMS, document, solved


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_formula_is_read_and_agrees(name: str) -> None:
    solution = solved(name)
    findings = solution.printed_findings
    assert [finding for finding in findings if not finding.passed] == []
    sheet = solution.sheet()
    formulas = sum((line.formula is not None) + (line.direct is not None) for line in sheet.lines)
    locals_ = [local for section in sheet.sections for entry in section.entries for local in entry.jacobians]
    parts = [part for line in local_jacobians(document(name)) for part in line.parts]
    assert len(parts) >= len(locals_)
    read = [finding for finding in findings if finding.route == FORMULAS]
    assert len(read) == formulas + len(parts)
    assert formulas >= len(solution.program.forward)


def test_the_count_of_formulas_stands_on_the_sheet() -> None:
    solution = solved("one sample")
    read = [finding for finding in solution.printed_findings if finding.route == FORMULAS]
    assert len(read) == 16 + 1
    assert f"{len(read)} formulas read again and evaluated" in solution.tex()
