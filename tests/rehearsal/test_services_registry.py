"""Every simulated service is one that a platform of the program speaks to."""

from __future__ import annotations

from importlib import import_module

import pytest

from campaign.rehearsal.services import SERVICES
from campaign.rehearsal.services.base import Service


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_the_name_of_its_platform(name: str) -> None:
    module, _, kind = SERVICES[name].partition(":")
    service = getattr(import_module(module), kind)

    assert issubclass(service, Service)
    assert service.name == name
