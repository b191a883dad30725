"""Publishing by way of a container, as Instagram and Threads have it: `platform` publishes, `reading` reads answers."""

from campaign.platforms.containers.platform import NOT_RENEWED, QUOTA_WAIT, ContainerPlatform, ContainerSettings
from campaign.platforms.containers.reading import Look, Missing, State, Uncounted, Unready

__all__ = [
    "NOT_RENEWED",
    "QUOTA_WAIT",
    "ContainerPlatform",
    "ContainerSettings",
    "Look",
    "Missing",
    "State",
    "Uncounted",
    "Unready",
]
