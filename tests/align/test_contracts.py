"""Contracts that nobody gave a reference."""

from __future__ import annotations

import pytest

from tests.factories import make, make_account

pytestmark = pytest.mark.django_db


def test_a_contract_needs_only_its_account() -> None:
    account = make_account("Okada")
    assert [make("contract", account=account.pk).ref for _ in range(2)] == ["Contract 1", "Contract 2"]
    assert make("contract", account=account.pk, ref="MSA-7").ref == "MSA-7"
