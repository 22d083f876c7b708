"""Program and values -> sheet. Knows no format: expressions and decimals, with words named by key."""

from derive.sheet.compose import compose
from derive.sheet.model import Blank, Entry, Graph, Line, Local, Section, Sheet, Shown

__all__ = ["Blank", "Entry", "Graph", "Line", "Local", "Section", "Sheet", "Shown", "compose"]
