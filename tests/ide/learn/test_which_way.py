"""Which way?: every wish has a whole answer, and numbers are those of the last race."""

from __future__ import annotations

from ide.board.race_kept import KeptRace, KeptWay
from ide.learn import which_way
from toolchains import scaffold


def test_every_want_puts_all_ways_in_order() -> None:
    for want in which_way.WANTS:
        assert sorted(want.order) == sorted(which_way.TITLES)
        assert all(one.measured == "" for one in which_way.propose(want, ()))
    assert set(which_way.TEMPLATES.values()) <= set(scaffold.templates())
    assert "no numbers yet" in str(which_way.source(()))


def test_the_numbers_are_those_of_the_last_race() -> None:
    ways = (KeptWay("Python", 0.02, 1, None, 300, 0, 0.004), KeptWay("in_c", 0.001, 20, 812, 1200, 0, None))
    new, old = (KeptRace(title, "f()", "a board", title == "new", 0, ways) for title in ("new", "old"))
    wants = {one.id: which_way.propose(one, (new, old)) for one in which_way.WANTS}
    assert next((one.way, one.measured) for one in wants["speed"]) == ("module", "20 times Python")
    assert {one.way: one.measured for one in wants["flash"]} == {
        "python": "", "frozen": "", "native": "", "viper": "", "user_module": "", "module": "812 B",
    }  # fmt: skip
    assert {one.way: one.measured for one in wants["start"]}["python"] == "4.0 ms"
    assert "simulated" in str(which_way.source((new,)))
    assert "simulated" not in str(which_way.source((old,)))
