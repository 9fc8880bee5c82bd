"""Whether a job is in the pipeline, and how: ``rules``, ``only``, ``except`` and ``when``.

Each condition is true, false or not known. What can come of them is followed to the end: if all that can come is one
thing, that is decided; else the job waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from exlib.convert.gitlab.expressions import BadExpression, Lookup, Unknown, as_pattern, decide
from exlib.convert.gitlab.parts import Part, Teller

WHENS = ("on_success", "on_failure", "always", "manual", "delayed", "never")
_SOURCES = (
    "api", "chat", "external", "external_pull_request", "merge_request", "parent_pipeline", "pipeline", "push",
    "schedule", "trigger", "web",
)  # fmt: skip
_REFS = ("CI_COMMIT_BRANCH", "CI_COMMIT_TAG", "CI_COMMIT_REF_NAME")
_RULE_KEYS = ("if", "changes", "exists", "when", "variables", "allow_failure", "needs", "start_in", "interruptible")


class Way(NamedTuple):
    """A way in which a job can be in the pipeline: by which rule, if by one, and when it runs."""

    when: str
    rule: Part | None = None

    def get(self, key: str) -> Part | None:
        """What the rule sets for the job."""
        return self.rule.get(key) if self.rule is not None else None


class Verdict(NamedTuple):
    """All the ways that are left; one is a decision. ``open`` says what could not be decided."""

    ways: tuple[Way, ...]
    open: str = ""


def by_rules(rules: Part, when: str, lookup: Lookup, teller: Teller, job: str | None) -> Verdict:
    """What a list of rules comes to; without one that holds the job is not in the pipeline."""
    ways: list[Way] = []
    why: list[str] = []
    decided = False
    for rule in _flat(rules):
        if not rule.is_map:
            raise rule.refuse("a rule must be a map")
        for key in rule.members:
            if key not in (*_RULE_KEYS, "auto_cancel"):
                raise rule.members[key].refuse(f"a rule has no key {key}", f"there are {', '.join(_RULE_KEYS)}")
        if decided:
            teller.tell(rule, "exact", "rule", "a rule before it holds already", job)
            continue
        holds, reason = rule_holds(rule, lookup)
        stated = rule.get("when")
        way = Way(_when(stated) if stated is not None else when, rule)
        if holds is False:
            teller.tell(rule, "exact", "rule", "decided while converting: it does not hold", job)
            continue
        ways.append(way)
        if holds:
            decided = True
            fate, said = ("manual", "it decides only if those before it do not hold") if why else ("exact", "it holds")
            teller.tell(rule, "exact" if fate == "exact" else "manual", "rule", said, job)
        else:
            why.append(reason)
            teller.manual(rule, "rule", f"it cannot be decided: {reason}", job)
    if not decided:
        ways.append(Way("never"))
    return Verdict(_distinct(ways), "; ".join(dict.fromkeys(why)))


def rule_holds(rule: Part, lookup: Lookup) -> tuple[bool | None, str]:
    """Whether all conditions of a rule hold, and why that is not known."""
    holds, why = True, []
    condition = rule.get("if")
    if condition is not None and not condition.is_null:
        answer = holding(condition, lookup)
        if answer is False:
            return False, ""
        if answer is None:
            holds = False
            why.append(_asked(condition, lookup))
    for key in ("changes", "exists"):
        if rule.get(key) is not None:
            holds = False
            why.append("which files changed is not known" if key == "changes" else "no file is looked for")
    return (True, "") if holds else (None, ", ".join(why))


def holding(condition: Part, lookup: Lookup) -> bool | None:
    """Whether an expression holds. Raises InputError for what is none."""
    try:
        return decide(condition.text, lookup).holds
    except BadExpression as error:
        raise condition.refuse(f"this is no expression: {error}") from None


def _asked(condition: Part, lookup: Lookup) -> str:
    missing = decide(condition.text, lookup).missing
    names = ", ".join(missing) or "a pattern"
    return f"{' '.join(condition.text.split())} hangs on {names}, which is not known"


def by_refs(
    only: Part | None, without: Part | None, when: str, lookup: Lookup, *, for_merge_request: bool = False
) -> Verdict:
    """What ``only`` and ``except`` come to."""
    asked: dict[str, None] = {}
    refs = _Refs(lookup, for_merge_request, asked)
    inside = True if only is None else refs.only(only)
    outside = False if without is None else refs.matches(without, every=False)
    if inside is False or outside is True:
        return Verdict((Way("never"),))
    if inside and outside is False:
        return Verdict((Way(when),))
    names = " and ".join(name for name, part in (("only", only), ("except", without)) if part is not None)
    return Verdict((Way(when), Way("never")), f"{names} cannot be decided: {_missing(asked)}")


def _missing(asked: Iterable[str]) -> str:
    """What is not known, in the words of who wrote the policy."""
    words = {"CI_PIPELINE_SOURCE": "the source"} | dict.fromkeys(_REFS, "the ref")
    found = list(dict.fromkeys(words.get(name, name) for name in asked)) or ["what it hangs on"]
    return f"{' and '.join(found)} {'is' if len(found) == 1 else 'are'} not known"


class _Refs:
    """The refs, sources and variables that policies name; ``asked`` is what was asked for and is not known."""

    def __init__(self, lookup: Lookup, for_merge_request: bool, asked: dict[str, None]) -> None:
        self._lookup = lookup
        self._for_merge_request = for_merge_request
        self._asked = asked

    def only(self, part: Part) -> bool | None:
        """Whether ``only`` holds; where it names no refs, branches and tags are meant."""
        answer = self.matches(part, every=True)
        if not part.is_map or "refs" in part.members:
            return answer
        return False if self._for_merge_request else answer

    def matches(self, part: Part, *, every: bool) -> bool | None:
        """Whether a policy holds: of ``only`` all its keys must, of ``except`` one."""
        if part.is_scalar and isinstance(part.value, str):
            return self._ref(part.text)
        if part.is_list:
            return _any([self._ref(item.text) for item in part.items])
        if not part.is_map:
            raise part.refuse("it must be a name, a list of names or a map")
        answers: list[bool | None] = []
        for key, below in part.members.items():
            if key == "refs":
                answers.append(self.matches(below, every=every))
            elif key == "variables":
                answers.append(_any([self._holding(item) for item in below.items or [below]]))
            elif key in ("changes", "kubernetes"):
                self._asked["which files changed" if key == "changes" else "the cluster"] = None
                answers.append(None)
            else:
                raise below.refuse(f"there is no {key} for jobs to hang on")
        return _all(answers) if every else _any(answers)

    def _find(self, name: str) -> str | Unknown | None:
        value = self._lookup(name)
        if isinstance(value, Unknown):
            self._asked[name] = None
        return value

    def _holding(self, condition: Part) -> bool | None:
        answer = holding(condition, self._lookup)
        if answer is None:
            names = decide(condition.text, self._lookup).missing
            self._asked |= dict.fromkeys(f"${name}" for name in names) or {"a pattern": None}
        return answer

    def _ref(self, name: str) -> bool | None:
        if "@" in name and not name.startswith("/"):
            self._asked["the project"] = None
            return None
        if any(name in (source, f"{source}s", f"{source}es") for source in _SOURCES):
            source = self._find("CI_PIPELINE_SOURCE")
            if isinstance(source, Unknown):
                return None
            stem = (source or "").removesuffix("_event")
            if name in (stem, f"{stem}s", f"{stem}es"):
                return True
        if self._for_merge_request:
            return False  # its ref is that of no branch and no tag
        if name in ("branches", "tags"):
            value = self._find("CI_COMMIT_TAG" if name == "tags" else "CI_COMMIT_BRANCH")
            return None if isinstance(value, Unknown) else bool(value)
        return self._named(name)

    def _named(self, name: str) -> bool | None:
        """Whether the ref is the one that is named, or matches the pattern."""
        if any(name in (f"{source}s", f"{source}es") for source in _SOURCES):
            return False
        ref = self._find("CI_COMMIT_REF_NAME")
        if isinstance(ref, Unknown):
            return None
        if not name.startswith("/"):
            return ref == name
        pattern = as_pattern(name)
        found = pattern.search(ref or "") if pattern is not None else None
        if found is None:
            self._asked["a pattern"] = None
        return found


def _any(answers: list[bool | None]) -> bool | None:
    return True if True in answers else None if None in answers else False


def _all(answers: list[bool | None]) -> bool | None:
    return False if False in answers else None if None in answers else True


def _flat(part: Part) -> list[Part]:
    if not part.is_list:
        raise part.refuse("rules must be a list")
    return [each for item in part.items for each in (_flat(item) if item.is_list else [item])]


def _when(part: Part) -> str:
    if part.text not in WHENS:
        raise part.refuse(f"when cannot be {part.text or 'nothing'}", f"there are {', '.join(WHENS)}")
    return part.text


def stated_when(part: Part | None) -> str:
    """The ``when`` of a job."""
    return "on_success" if part is None or part.is_null else _when(part)


def _distinct(ways: list[Way]) -> tuple[Way, ...]:
    """Each way once: rules that do the same count as one."""
    found: dict[tuple[str, str], Way] = {}
    for way in ways:
        sets = {key: part.plain() for key, part in way.rule.members.items()} if way.rule is not None else {}
        for key in ("if", "changes", "exists", "when"):
            sets.pop(key, None)
        found.setdefault((way.when, repr(sets)), way)
    return tuple(found.values())
