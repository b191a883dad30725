"""The words that designs of cards may use."""

from __future__ import annotations

from campaign.config.words import Config
from campaign.render import links, words
from campaign.story import Content, Kind, Photo, Telling


def card_fields(
    config: Config, content: Content, language: str, telling: Telling, photo: Photo | None = None
) -> dict[str, str]:
    """Return the words that designs of cards may use, empty where the story has none, in the post's language."""
    regions = links.regions_of(config, content)
    said = words.words_in(config, language)
    quote = telling.quote
    fields = {
        "region": words.listed([region.named(language) for region in regions], said),
        "kind_label": words.kind_label(content.kind, said),
        "title": telling.title,
        "summary": telling.summary,
        "quote": quote.text if quote else "",
        "by": quote.by if quote else "",
        "role": quote.role if quote else "",
        "organisation": quote.organisation if quote else "",
        "credit": f"{said['photo']} {photo.credit}" if photo and photo.credit else "",
        "place": "",
        "badge_day": "",
        "badge_month": "",
    }
    occasion = telling.occasion if content.kind in (Kind.EVENT, Kind.VISIT) else None
    if occasion:
        zone = words.zone_of(config, regions[0] if regions else None)
        place = [occasion.place, said["online"] if occasion.online else ""]
        fields["place"] = words.listed([where for where in place if where], said)
        fields["badge_day"] = str(occasion.starts.astimezone(zone).day)
        fields["badge_month"] = words.month(occasion.starts, zone, said)
    return fields
