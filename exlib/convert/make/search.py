"""Which rule makes a target: an explicit one, else a pattern whose prerequisites there are, as make looks for it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from exlib.convert.account import Place
from exlib.convert.make.functions import fill, split_pattern, stem_of
from exlib.convert.make.rules import RecipeLine, Rule
from exlib.convert.make.unknown import is_known

if TYPE_CHECKING:
    from exlib.convert.make.parse import Makefile

_CHAIN = 4
_BUILT_IN = (
    ("%.o", "%.c", "$(COMPILE.c) $(OUTPUT_OPTION) $<"),
    ("%.o", "%.cc", "$(COMPILE.cc) $(OUTPUT_OPTION) $<"),
    ("%.o", "%.cpp", "$(COMPILE.cpp) $(OUTPUT_OPTION) $<"),
    ("%.o", "%.C", "$(COMPILE.C) $(OUTPUT_OPTION) $<"),
    ("%", "%.o", "$(LINK.o) $^ $(LOADLIBES) $(LDLIBS) -o $@"),
    ("%", "%.c", "$(LINK.c) $^ $(LOADLIBES) $(LDLIBS) -o $@"),
    ("%", "%.cc", "$(LINK.cc) $^ $(LOADLIBES) $(LDLIBS) -o $@"),
    ("%", "%.cpp", "$(LINK.cpp) $^ $(LOADLIBES) $(LDLIBS) -o $@"),
)


@dataclass
class Made:
    """How a target is made: by the recipe of ``rule``, if it has one, from its prerequisites."""

    target: str
    rule: Rule | None = None
    rules: list[Rule] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    order_only: list[str] = field(default_factory=list)
    implicit: list[str] = field(default_factory=list)
    stem: str = ""
    together: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    guessed: bool = False
    second: list[tuple[str, str]] = field(default_factory=list)


class Search:
    """Finds rules. What exists is asked of the folder of the makefile, as it is now."""

    def __init__(self, makefile: Makefile) -> None:
        self._makefile = makefile
        self.explicit: dict[str, list[Rule]] = {}
        self._patterns: list[Rule] = []
        self._mentioned: set[str] = set()
        self._exists: dict[str, bool] = {}
        for rule in makefile.rules:
            self._sort_in(rule)
        if makefile.suffixes and makefile.flags.built_in:
            self._patterns += [_built_in(*one) for one in _BUILT_IN]

    def _sort_in(self, rule: Rule) -> None:
        suffix = self._suffix_rule(rule)
        if suffix is not None:
            self._patterns.append(suffix)
        elif rule.is_pattern:
            same = [(set(old.targets), old.prerequisites) for old in self._patterns]
            key = (set(rule.targets), rule.prerequisites)
            if key in same:
                self._patterns.pop(same.index(key))
            if rule.recipe is not None:
                self._patterns.append(rule)
        elif rule.targets != [".DEFAULT"]:
            for target in rule.targets:
                self.explicit.setdefault(target, []).append(rule)
            self._mentioned.update(rule.prerequisites, rule.order_only)

    def _suffix_rule(self, rule: Rule) -> Rule | None:
        """``.c.o:`` as ``%.o: %.c``, ``.c:`` as ``%: %.c``."""
        if rule.prerequisites or rule.recipe is None or len(rule.targets) != 1 or rule.second:
            return None
        name, known = rule.targets[0], self._makefile.suffixes
        for old in known:
            if name == old or (name.startswith(old) and name[len(old) :] in known):
                made = Rule([f"%{name[len(old) :]}"], [f"%{old}"], [], rule.place, recipe=rule.recipe)
                made.reasons, made.origin, made.said = rule.reasons, rule, True
                return made
        return None

    def exists(self, name: str) -> bool:
        """Whether there is such a file now."""
        if name not in self._exists:
            path = os.path.join(self._makefile.folder, name)
            self._exists[name] = is_known(name) and "\0" not in name and len(name) < 4096 and os.path.exists(path)
        return self._exists[name]

    def made(self, target: str, phony: bool) -> Made:
        """How a target is made."""
        rules = self.explicit.get(target, [])
        made = Made(target, rules=list(rules))
        with_recipe = [rule for rule in rules if rule.recipe is not None]
        if with_recipe:
            made.rule = with_recipe[-1]
        for rule in sorted(rules, key=lambda rule: rule is not made.rule):
            self._add(made, rule)
        if made.rule is None and not phony:
            self._implicit(made)
        return made

    def double(self, target: str) -> list[Made]:
        """Each of the ``::`` rules of a target."""
        found = []
        for rule in self.explicit.get(target, []):
            if rule.double:
                made = Made(target, rule, [rule])
                self._add(made, rule)
                found.append(made)
        return found

    def _add(self, made: Made, rule: Rule) -> None:
        stem = ""
        if rule.stem_pattern is not None:
            found = stem_of(rule.stem_pattern, made.target)
            if found is None:
                made.reasons.append(f"{made.target} does not fit {rule.stem_pattern}")
                return
            stem = found
        if rule is made.rule:
            made.stem = stem
            if rule.grouped:
                made.together = list(rule.targets)
        if rule.second is not None:
            made.second.append((rule.second, stem))
        static = rule.stem_pattern is not None
        made.needs += [fill(name, stem) if static else name for name in rule.prerequisites]
        made.order_only += [fill(name, stem) if static else name for name in rule.order_only]
        made.reasons += rule.reasons

    def _implicit(self, made: Made) -> None:
        if not is_known(made.target) or (made.target in self._makefile.special.get(".PHONY", [])):
            return
        if not made.rules and self.exists(made.target) and not self._candidates(made.target):
            return
        found = self._search(made.target, frozenset(), _CHAIN)
        if found is None and not self.exists(made.target):
            found = self._likely(made)
        if found is None:
            return
        rule, stem, needs, order = found
        made.rule, made.stem, made.implicit = rule, stem, needs
        made.needs = [*needs, *made.needs]
        made.order_only = [*order, *made.order_only]
        made.reasons += rule.reasons
        if len(rule.targets) > 1:
            whole = _core(stem, made.target, rule)
            made.together = [_placed(target, stem, whole) for target in rule.targets]

    def _candidates(self, target: str) -> list[tuple[Rule, str]]:
        """The patterns that fit a target, the shortest stem first."""
        found: list[tuple[int, Rule, str]] = []
        for rule in self._patterns:
            for pattern in rule.targets:
                stem = _matched(pattern, target)
                if stem:
                    found.append((len(stem), rule, stem))
                    break
        specific = [one for one in found if "%" not in one[1].targets]
        chosen = [one for one in found if "%" in one[1].targets]
        ordered = [*sorted(specific, key=lambda one: one[0]), *chosen]
        return [(rule, stem) for _, rule, stem in ordered]

    def _search(self, target: str, used: frozenset[int], chain: int) -> tuple[Rule, str, list[str], list[str]] | None:
        candidates = [one for one in self._candidates(target) if id(one[0]) not in used]
        if chain < _CHAIN:
            candidates = [one for one in candidates if "%" not in one[0].targets]
        for deep in (False, True):
            for rule, stem in candidates:
                if deep and (rule.double or chain == 0):
                    continue
                needs = self._filled(rule.prerequisites, stem, target, rule)
                order = self._filled(rule.order_only, stem, target, rule)
                if all(self._there(name, deep, used | {id(rule)}, chain) for name in [*needs, *order]):
                    return rule, stem, needs, order
        return None

    def _there(self, name: str, deep: bool, used: frozenset[int], chain: int) -> bool:
        if name in self.explicit or name in self._mentioned or self.exists(name):
            return True
        return deep and self._search(name, used, chain - 1) is not None

    def _likely(self, made: Made) -> tuple[Rule, str, list[str], list[str]] | None:
        """A pattern of the makefile's own, where the files that it needs are not there now."""
        own = [one for one in self._candidates(made.target) if not one[0].built_in and "%" not in one[0].targets]
        if not own:
            return None
        rule, stem = own[0]
        made.guessed = True
        if len(own) > 1:
            made.reasons.append("several patterns fit it, and which one counts depends on files that are not here")
        needs = self._filled(rule.prerequisites, stem, made.target, rule)
        return rule, stem, needs, self._filled(rule.order_only, stem, made.target, rule)

    def _filled(self, patterns: list[str], stem: str, target: str, rule: Rule) -> list[str]:
        core = _core(stem, target, rule)
        return [_placed(pattern, stem, core) if "%" in pattern else pattern for pattern in patterns]


def _matched(pattern: str, target: str) -> str | None:
    """The stem of a target, with its directory where the pattern has none."""
    if split_pattern(pattern) is None:
        return None
    if "/" in pattern or "/" not in target:
        return stem_of(pattern, target)
    folder, _, name = target.rpartition("/")
    stem = stem_of(pattern, name)
    return None if not stem else f"{folder}/{stem}"


def _core(stem: str, target: str, rule: Rule) -> tuple[str, str]:
    """The directory that a stem brought along, and the stem without it."""
    slashless = all("/" not in pattern for pattern in rule.targets)
    if slashless and "/" in stem:
        folder, _, name = stem.rpartition("/")
        return f"{folder}/", name
    return "", stem


def _placed(pattern: str, stem: str, core: tuple[str, str]) -> str:
    return core[0] + fill(pattern, core[1]) if core[0] else fill(pattern, stem)


def _built_in(target: str, source: str, command: str) -> Rule:
    place = Place("", 0)
    return Rule([target], [source], [], place, built_in=True, recipe=[RecipeLine(command, place)], said=True)
