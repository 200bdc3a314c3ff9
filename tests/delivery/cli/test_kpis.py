"""`trackline kpis`."""

from __future__ import annotations

import pytest

from tests.delivery.cli.conftest import Shell

pytestmark = pytest.mark.django_db


def test_list_show_and_adopt(shell: Shell) -> None:
    assert "KPI-006" in shell("kpis", "list", "wallet").out
    assert "No KPI matches." in shell("kpis", "list", "nothing-like-it").out
    assert {item["domain"] for item in shell("kpis", "list", "--domain", "growth", "--json").json["items"]} == {
        "growth"
    }
    assert "stated by the source" in shell("kpis", "show", "kpi-016").out
    assert shell("kpis", "show", "KPI-067", "--json").json["metric"] is None
    assert "metric growth_over_24_months" in shell("kpis", "adopt", "KPI-067").out
    assert shell("kpis", "adopt", "KPI-067").code == 1
