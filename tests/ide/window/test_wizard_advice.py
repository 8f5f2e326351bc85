"""The advice for a new project: every wish has an answer, and something that can be made now."""

from __future__ import annotations

import pytest

from ide.wizard_advice import KINDS, WISHES, Wish, advise, free_name, makeable
from toolchains import scaffold


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: wish.id)
def test_every_wish_leads_to_a_kind_a_reason_and_something_that_can_be_made(wish: Wish) -> None:
    advice = advise(wish)
    assert str(advice.reason).endswith(".")
    assert advice.now.template in scaffold.templates()
    if advice.now is not advice.kind:
        assert advice.kind.template is None
        assert "comes with firmware projects" in str(advice.later)
        assert str(advice.now.title) in str(advice.later)
    else:
        assert advice.later is None


def test_the_wishes_that_the_owner_named_lead_where_they_must() -> None:
    proposed = {wish.id: wish.proposed for wish in WISHES}
    assert proposed["python"] == "python"
    assert proposed["timing"] == "module"
    assert proposed["numbers"] == "module"
    assert proposed["protected"] == "module"
    assert proposed["flash"] == "frozen"
    assert proposed["chip"] == "user_module"
    assert {kind for kind in KINDS if kind != "user_module"} - set(proposed.values()) == set()


def test_every_template_can_be_chosen_and_each_only_once() -> None:
    assert sorted(kind.template or "" for kind in makeable()) == sorted(scaffold.templates())


def test_wishes_have_different_names_and_short_sentences() -> None:
    assert len({wish.id for wish in WISHES}) == len({str(wish.title) for wish in WISHES}) == len(WISHES)
    assert max(len(str(wish.reason)) for wish in WISHES) < 120


def test_a_new_name_is_one_that_no_folder_has() -> None:
    assert free_name(frozenset()) == "my_module"
    assert free_name(frozenset({"my_module", "my_module2"})) == "my_module3"
