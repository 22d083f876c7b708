"""Oracles: each line held against a route that does not read it."""

from derive.check.report import Finding, all_passed

__all__ = ["Finding", "all_passed"]
