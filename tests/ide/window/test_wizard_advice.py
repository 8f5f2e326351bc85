"""The advice for a new project: every wish has an answer, and something that can be made now."""

from __future__ import annotations

from ide.wizard_advice import KINDS, PORT, WISHES, advise, free_name, makeable
from toolchains import scaffold


def test_every_wish_leads_to_a_kind_that_can_be_made_and_a_reason() -> None:
    for wish in WISHES:
        assert str(wish.reason).endswith(".")
        assert advise(wish).template in (*scaffold.templates(), PORT)


def test_the_wishes_that_the_owner_named_lead_where_they_must() -> None:
    proposed = {wish.id: wish.proposed for wish in WISHES}
    assert proposed["python"] == "python"
    assert proposed["timing"] == "module"
    assert proposed["numbers"] == "module"
    assert proposed["protected"] == "module"
    assert proposed["flash"] == "frozen"
    assert proposed["chip"] == "user_module"
    assert proposed["firmware"] == "user_module"
    assert set(KINDS) == set(proposed.values())


def test_every_template_can_be_chosen_and_each_only_once() -> None:
    assert sorted(kind.template or "" for kind in makeable()) == sorted((*scaffold.templates(), PORT))


def test_wishes_have_different_names_and_short_sentences() -> None:
    assert len({wish.id for wish in WISHES}) == len({str(wish.title) for wish in WISHES}) == len(WISHES)
    assert max(len(str(wish.reason)) for wish in WISHES) < 120


def test_a_new_name_is_one_that_no_folder_has() -> None:
    assert free_name(frozenset()) == "my_module"
    assert free_name(frozenset({"my_module", "my_module2"})) == "my_module3"
