"""Every worked case of every rule, and that every rule has some."""

from __future__ import annotations

import pytest

from tests.core.playbook.cases import DAY, Case, all_cases, unlike
from trackline.core.playbook import Rule, RunRefused, rulebook, run
from trackline.core.playbook.data import check_source

CASES = list(all_cases())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case) -> None:
    if case.refused:
        with pytest.raises(RunRefused) as refusal:
            run(case.rule, case.inputs, as_of=case.as_of, parameters=case.parameters)
        assert [tuple(error["loc"]) for error in refusal.value.errors] == list(case.refused)
        return
    explained = run(case.rule, case.inputs, as_of=case.as_of, parameters=case.parameters)
    assert list(unlike(case, explained)) == []


def test_every_rule_has_cases_with_a_source() -> None:
    covered = {case.rule for case in CASES}
    assert [rule.id for rule in rulebook() if rule.id not in covered] == []
    assert covered <= {rule.id for rule in rulebook()}
    for case in CASES:
        check_source(case.source)


@pytest.mark.parametrize("rule", [rule for rule in rulebook() if rule.data.example], ids=lambda rule: rule.id)
def test_examples_show_a_value(rule: Rule) -> None:
    assert rule(rule.data.example, as_of=DAY).value is not None
