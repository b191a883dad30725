"""Draw the gallery: every design in every format in six languages, with a photo and without.

Writes small sheets beside this file and every card at full size to build/gallery, to be looked at. `make gallery`
"""

from __future__ import annotations

from pathlib import Path

from campaign import cards
from campaign.cards import preview

HERE = Path(__file__).resolve().parent
FULL = HERE.parents[1] / "build" / "gallery"
SMALL = 140  # px of a card's height in docs/gallery


def main() -> None:
    """Draw all sheets and print what a person should know of each card."""
    for design in cards.designs():
        for photo in (True, False):
            if (photo and design in preview.WITHOUT_PHOTO) or (not photo and design == "photo"):
                continue
            name = design if photo or design in preview.WITHOUT_PHOTO else f"{design}-without-photo"
            drawn = preview.tried(design, photo=photo)
            (HERE / f"{name}.jpg").write_bytes(preview.sheet(drawn, SMALL))
            _keep_whole(name, drawn)


def _keep_whole(name: str, drawn: tuple[preview.Tried, ...]) -> None:
    folder = FULL / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sheet.jpg").write_bytes(preview.sheet(drawn))
    for each in drawn:
        if each.card:
            (folder / f"{each.sample}-{each.form}.jpg").write_bytes(each.card.data)
        for remark in each.remarks:
            print(f"{name}, {each.form}, {each.sample}: {remark}")


if __name__ == "__main__":
    main()
