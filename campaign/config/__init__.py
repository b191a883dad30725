"""The config file: found, read, checked, and handed out as frozen words."""

from campaign.config.problems import unknown_key, unknown_name
from campaign.config.read import find, load
from campaign.config.sections import CHANNEL_KEYS
from campaign.config.values import parse_duration, parse_slot
from campaign.config.words import (
    Approval,
    Blackout,
    Campaign,
    Channel,
    Config,
    DaemonSettings,
    DisclaimerPlace,
    Folders,
    Funder,
    Names,
    Person,
    Planning,
    Project,
    Public,
    Region,
    Secret,
    WeeklySlot,
    in_language,
    revealed,
)

__all__ = [
    "CHANNEL_KEYS",
    "Approval",
    "Blackout",
    "Campaign",
    "Channel",
    "Config",
    "DaemonSettings",
    "DisclaimerPlace",
    "Folders",
    "Funder",
    "Names",
    "Person",
    "Planning",
    "Project",
    "Public",
    "Region",
    "Secret",
    "WeeklySlot",
    "find",
    "in_language",
    "load",
    "parse_duration",
    "parse_slot",
    "revealed",
    "unknown_key",
    "unknown_name",
]
