"""Channels that speak to simulated services, whatever account and server they have in the config."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pkgutil import resolve_name

from campaign import store
from campaign.app import App
from campaign.config import Channel, Config, Secret
from campaign.config.outside import CREDENTIAL
from campaign.platforms.base import Limits
from campaign.rehearsal.copy import FOLDER
from campaign.rehearsal.services import SERVICES
from campaign.rehearsal.services.base import Service
from campaign.rehearsal.services.natures import ListingService
from campaign.rehearsal.transport import Net


def speaks(channel: Channel) -> bool:
    """Whether a channel calls a platform: it is no folder, and no person serves it."""
    return channel.mode == "api" and channel.platform != FOLDER


def without_simulator(config: Config) -> list[str]:
    """Return the platforms of the config for which a generic service has to stand in."""
    return sorted({channel.platform for channel in config.channels.values() if speaks(channel)} - SERVICES.keys())


def serve(net: Net, config: Config, limits: Callable[[str], Limits], seed: int) -> dict[str, Service]:
    """Put a service on the net for each channel that speaks to one; `limits` are those its posts were made for."""
    return {
        key: _service(channel, net, limits(key), seed) for key, channel in config.channels.items() if speaks(channel)
    }


def _service(channel: Channel, net: Net, limits: Limits, seed: int) -> Service:
    kind: type[Service] = resolve_name(SERVICES[channel.platform]) if channel.platform in SERVICES else ListingService
    host, token = f"{channel.key}.simulated.example.org", f"simulated-token-of-{channel.key}"
    return kind(net, host, token=token, seed=seed, **kind.options(channel.settings, limits))


def pointed_at(config: Config, services: Mapping[str, Service]) -> Config:
    """Return the config with each of these channels at its service."""
    return replace(
        config,
        channels={
            key: _pointed(channel, services[key]) if key in services else channel
            for key, channel in config.channels.items()
        },
    )


def _pointed(channel: Channel, service: Service) -> Channel:
    known = channel.settings if channel.platform in SERVICES else {}  # a stand-in knows no keys of the platform's own
    kept = {name: value for name, value in known.items() if not isinstance(value, Secret)}  # of the real account
    keys = {name: Secret(value) if CREDENTIAL.search(name) else value for name, value in service.settings().items()}
    return replace(channel, settings={**kept, **keys})


def let_speak(app: App, services: Mapping[str, Service]) -> list[str]:
    """Log the channels in and enable every channel; return those that were silent, for whatever reason."""
    app.sync_channels()
    for key, service in services.items():
        if tokens := service.tokens():
            app.tokens(key).save(tokens)
    silent = []
    with app.writing() as db:
        for key, state in store.channel_states(db).items():
            if key in app.config.channels:
                silent += [key] if state.blocked or state.held_until or not state.enabled else []
                state.enabled, state.blocked, state.held_until, state.token_deaths = True, "", None, 0
                db.add(state)
    return silent
