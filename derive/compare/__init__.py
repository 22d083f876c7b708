"""Two problems side by side: which steps and numbers change when an activation or the loss changes."""

from derive.compare.document import comparison_tex
from derive.compare.files import FORMATS, write_comparison
from derive.compare.rows import Comparison, NumberRow, Row, compare, compare_programs
from derive.compare.texts import comparison_data, decimals_text, differences

__all__ = [
    "FORMATS",
    "Comparison",
    "NumberRow",
    "Row",
    "compare",
    "compare_programs",
    "comparison_data",
    "comparison_tex",
    "decimals_text",
    "differences",
    "write_comparison",
]
