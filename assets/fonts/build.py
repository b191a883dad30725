"""Make `Inter.ttf`, the one font file of all cards, from Inter's own variable font.

Run once when Inter is updated; its output is committed. Needs fontTools and brotli, which the program does not:

    python assets/fonts/build.py path/to/InterVariable.woff2

`InterVariable.woff2` lies in the folder `variable/` of the npm package `inter-ui` (4.1.1) and in the release
archives of https://github.com/rsms/inter. The licence (OFL, no reserved font name) allows a subset under the same
name; it lies beside this file as `Inter-OFL.txt`.

`Ubuntu-B.ttf` is not built: it is the whole, unmodified Ubuntu Bold 0.83 (npm package `ubuntu-fontface` 0.1.13,
folder `original-pack`), because the Ubuntu Font Licence asks that an altered copy be renamed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

KEPT = (
    (0x0020, 0x024F),  # Latin with every European accent
    (0x02B0, 0x036F),  # modifier letters, combining accents
    (0x0370, 0x03FF),  # Greek
    (0x0400, 0x052F),  # Cyrillic
    (0x1E00, 0x1EFF),  # Latin Extended Additional (ẞ, Welsh, Irish)
    (0x1F00, 0x1FFF),  # polytonic Greek
    (0x2000, 0x206F),  # dashes, quotation marks, spaces
    (0x2070, 0x209F),  # superscripts (m², CO₂)
    (0x20A0, 0x20CF),  # currencies
    (0x2100, 0x218F),  # №, ™, fractions
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # minus, ≈, ≤
)


def build(source: Path, target: Path) -> None:
    """Write the subset of `source`, all weights and optical sizes, to `target`; same input, same bytes."""
    font = TTFont(source, recalcTimestamp=False)
    font.flavor = None
    options = Options()
    options.layout_features = ["*"]
    options.hinting = False
    options.notdef_outline = True
    options.recalc_timestamp = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in KEPT for code in range(first, last + 1)])
    subsetter.subset(font)
    font.save(target)


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(__file__).with_name("Inter.ttf"))
