"""Whatever nobody speaks of is dropped by name, on a line of its own or within one."""

from __future__ import annotations

from exlib.convert.account import UNREAD, Account
from exlib.convert.jenkins.ledger import Ledger, comment_text
from exlib.convert.jenkins.parser import Parsed
from exlib.convert.jenkins.syntax import Call
from exlib.convert.source import Source

TEXT = "a { b 'x'; c { d() }; e = 1 }\nf {\n  g()\n}\n// h\n"


def ledger(account: Account) -> Ledger:
    source = Source(TEXT.encode(), "Jenkinsfile")
    return Ledger(source, Parsed(source), account)


def test_what_nobody_spoke_of_is_dropped() -> None:
    account = Account()
    made = ledger(account)
    first, _ = made.parsed.statements
    assert isinstance(first, Call)
    assert first.body
    made.head("exact", first.at, "a", "a")
    made.say("exact", first.body.statements[0].at, "a.b", "b")
    made.head("exact", first.body.statements[1].at, "a.c", "c")
    made.settle()
    dropped = [(each.construct, each.place.line, each.place.text) for each in account.entries if each.fate == "dropped"]
    assert dropped == [
        ("d", 1, "d()"), ("assignment", 1, "e = 1"), ("f", 2, "f {\n  g()\n}"), ("line", 5, "// h"),
    ]  # fmt: skip
    assert {each.reason for each in account.entries if each.fate == "dropped"} == {UNREAD}


def test_the_same_is_said_once() -> None:
    account = Account()
    made = ledger(account)
    for reason in ("one", "one", "two"):
        made.say("manual", made.parsed.statements[0].at, "a", "a", reason)
    assert [each.reason for each in account.entries] == ["one", "two"]


def test_what_a_comment_says() -> None:
    source = Source(b"// a \n/** b\n * c\n */\n//d\nx // e\n y()")
    made = Ledger(source, Parsed(source), Account())
    assert [comment_text(each) for each in made.parsed.comments] == ["a", "b\nc", "d", "e"]
    first, second = made.parsed.statements
    assert [comment_text(each) for each in made.above(first.at)] == ["a", "b\nc", "d"]
    assert made.above(second.at) == []
