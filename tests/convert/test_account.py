"""The account: entries in their order, and what can be asked of them."""

from __future__ import annotations

from exlib.convert.account import FATES, Account, Place

HERE = Place("x", 2, 3, "a.b", "text")


def test_every_fate_is_noted_in_order() -> None:
    account = Account()
    account.exact(HERE, "key")
    account.approximated(HERE, "key", "nearly", job="a")
    account.dropped(HERE, "key", "no word for it")
    account.manual(HERE, "key", "set it", job="b")
    assert [entry.fate for entry in account.entries] == list(FATES)
    assert [entry.reason for entry in account.entries] == ["", "nearly", "no word for it", "set it"]
    assert [entry.job for entry in account.entries] == [None, "a", None, "b"]
    assert [account.count(fate) for fate in FATES] == [1, 1, 1, 1]


def test_it_is_lossless_as_long_as_all_is_exact() -> None:
    account = Account()
    assert account.lossless
    account.exact(HERE, "key")
    assert account.lossless
    account.approximated(HERE, "key", "nearly")
    assert not account.lossless


def test_covered_are_the_lines_of_its_places_in_that_file() -> None:
    account = Account()
    account.exact(HERE, "key")
    account.exact(Place("x", 7), "key")  # no last line is one line
    account.exact(Place("x"), "key")  # no line is none
    account.exact(Place("y", 9), "key")
    assert account.covered_lines("x") == {2, 3, 7}
    assert account.covered_lines("y") == {9}
