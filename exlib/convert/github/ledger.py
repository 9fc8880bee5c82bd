"""What is said of a construct that is read several times, once for each combination of a matrix: the worst counts."""

from __future__ import annotations

from exlib.console import printable
from exlib.convert.account import FATES, Account, Fate
from exlib.convert.yaml.tree import Node

_ORDER: tuple[Fate, ...] = ("exact", "approximated", "dropped", "manual")


class Ledger:
    """Fates by the paths of constructs, handed to an account when all is read."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[Fate, str, dict[str, None], set[str], Node, bool]] = {}

    def say(
        self, fate: Fate, node: Node, construct: str, reason: str = "", *, job: str = "", whole: bool = True
    ) -> None:
        """Note what becomes of a construct; ``whole``: and of all below it of which nothing else is said.

        What either quotes of the source cannot drive a terminal.
        """
        construct, reason = printable(construct), printable(reason)
        if node.path in self._said:
            before, construct, reasons, jobs, _, wide = self._said[node.path]
            whole = whole or wide
            if _ORDER.index(before) > _ORDER.index(fate):
                fate, reason = before, ""
            elif before != fate:
                reasons = {}
        else:
            reasons, jobs = {}, set()
        if reason:
            reasons[reason] = None
        if job:
            jobs.add(job)
        self._said[node.path] = fate, construct, reasons, jobs, node, whole

    def exact(self, node: Node | None, construct: str, reason: str = "", *, job: str = "", whole: bool = True) -> None:
        """The result does the same; nothing is said of what is not there."""
        if node is not None:
            self.say("exact", node, construct, reason, job=job, whole=whole)

    def settle(self, account: Account) -> None:
        """Hand over what was said, in the order of the source."""
        for fate, construct, reasons, jobs, node, whole in sorted(self._said.values(), key=lambda one: one[4].key_line):
            place = node.whole if whole else node.place
            job = next(iter(jobs)) if len(jobs) == 1 else None
            if fate not in FATES:
                raise AssertionError(fate)
            getattr(account, fate)(place, construct, "; ".join(reasons), job=job)
