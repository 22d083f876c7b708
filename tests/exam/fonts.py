"""A font for tests: each letter is a rectangle whose place and size are known."""

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

UNITS = 1000


def make_font(path, boxes, style="Regular"):
    """`boxes` has left, bottom, right and top of each letter, in thousandths of the size."""
    names = [".notdef", *(f"letter{ord(letter)}" for letter in boxes)]
    glyphs = {".notdef": TTGlyphPen(None).glyph()}
    for letter, (left, bottom, right, top) in boxes.items():
        pen = TTGlyphPen(None)
        pen.moveTo((left, bottom))
        for corner in ((left, top), (right, top), (right, bottom)):
            pen.lineTo(corner)
        pen.closePath()
        glyphs[f"letter{ord(letter)}"] = pen.glyph()
    font = FontBuilder(UNITS, isTTF=True)
    font.setupGlyphOrder(names)
    font.setupCharacterMap({ord(letter): f"letter{ord(letter)}" for letter in boxes})
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics(
        {".notdef": (UNITS, 0), **{f"letter{ord(letter)}": (UNITS, box[0]) for letter, box in boxes.items()}}
    )
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": f"Test {path.stem}", "styleName": style})
    font.setupOS2()
    font.setupPost()
    font.save(path)
    return path
