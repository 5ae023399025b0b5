"""Targets: which networks they may be in, and how long what they answered is remembered."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from likeness.config import load
from likeness.errors import UnusableSettings


def test_networks_of_targets_are_none_unless_they_are_named() -> None:
    assert load({}).target_networks == ()
    named = load({"LIKENESS_TARGET_NETWORKS": "10.0.0.0/8, fd00::/8"}).target_networks
    assert named == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    with pytest.raises(UnusableSettings, match="LIKENESS_TARGET_NETWORKS"):
        load({"LIKENESS_TARGET_NETWORKS": "intranet"})


def test_deliveries_are_remembered_for_a_month() -> None:
    assert load({}).deliveries_kept == timedelta(days=30)
    assert load({"LIKENESS_DELIVERIES_KEPT": "1d"}).deliveries_kept == timedelta(days=1)
