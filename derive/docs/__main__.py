"""`python -m derive.docs [--check]`: write the gallery of problems, or fail if it is out of date."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from derive.docs.gallery import missing_pictures, page, write_gallery

DOCUMENTS = Path(__file__).resolve().parents[2] / "docs"


def main(arguments: list[str] | None = None) -> int:
    """0 where the gallery is as it should be."""
    parser = argparse.ArgumentParser(prog="python -m derive.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if the gallery is out of date")
    if not parser.parse_args(arguments).check:
        write_gallery(DOCUMENTS)
        return 0
    gallery = DOCUMENTS / "gallery.md"
    stale = not gallery.is_file() or gallery.read_text(encoding="utf-8") != page()
    missing = missing_pictures(DOCUMENTS)
    if stale or missing:
        reason = f"no picture of {', '.join(missing)}" if missing else "the page differs from the problems"
        sys.stderr.write(f"{gallery} is out of date ({reason}); `make gallery` writes it anew\n")
    return int(stale or bool(missing))


if __name__ == "__main__":
    raise SystemExit(main())
