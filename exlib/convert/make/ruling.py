"""The rules of a makefile as they are read: targets, what they need, their recipes and the comments above them."""

from __future__ import annotations

import glob
from typing import TYPE_CHECKING

from exlib.convert.account import Place
from exlib.convert.make.assignments import Assignment, assignment_of
from exlib.convert.make.lines import Line, find_outside, joined, without_comment
from exlib.convert.make.rules import SPECIAL, RecipeLine, Rule, Setting, file_words
from exlib.convert.make.unknown import is_known
from exlib.convert.make.variables import Scope

if TYPE_CHECKING:
    from exlib.convert.make.parse import Makefile


class Ruling:
    """Takes rules for a makefile. A recipe goes on over blank lines and comments, and ends with any other line."""

    def __init__(self, makefile: Makefile) -> None:
        self._makefile = makefile
        self._rule: Rule | None = None
        self._open = False
        self._scopes: dict[str, Scope] = {}
        self._doubles: dict[str, bool] = {}
        self._above: list[tuple[str, Place]] = []
        self._note: dict[str, object] | None = None
        self._note_place: Place | None = None

    @property
    def takes_recipe(self) -> bool:
        """Whether a line that begins as one of a recipe is one."""
        return self._open

    def leave(self) -> None:
        """The rule ends, and with it what a comment above would belong to."""
        self._rule, self._open = None, False
        self.blank()

    def blank(self) -> None:
        """A comment with nothing below it is the makefile's own."""
        make = self._makefile
        for text, place in self._above:
            make.comments.append(text)
            make.account.exact(place, "comment")
        self._above = []
        if self._note is not None and self._note_place is not None:
            make.note |= self._note
            make.account.exact(self._note_place, "note")
        self._note = None

    def comment(self, text: str, note: dict[str, object] | None) -> None:
        """A line that is a comment."""
        place = self._makefile.place()
        if note is not None:
            self._note, self._note_place = note, place
            return
        self._above.append((text.lstrip("#").removeprefix(" ").rstrip(), place))

    def recipe_line(self, line: Line, prefix: str) -> None:
        """A line of the recipe of the rule that is open."""
        text = line.raw[1:].replace(f"\n{prefix}", "\n")
        place = self._makefile.place(line)
        rule = self._rule
        if rule is None:
            if text.strip():
                self._makefile.account.dropped(place, "recipe", "it belongs to no target that is made")
            return
        if rule.recipe is None:
            rule.recipe = []
        if text.strip():
            rule.recipe.append(RecipeLine(text, place))

    def rule(self, line: Line, text: str, told: bool) -> None:
        """A line that is a rule, a variable of targets, or a call that expands to nothing."""
        make = self._makefile
        head, inline, comment = self._parts(line)
        expanded_left, separator, right = self._split(head)
        if not separator:
            self._no_rule(expanded_left, inline, told)
            return
        if not is_known(expanded_left):
            make.unsure.append(f"which targets {_one_line(head)} makes, only the run knows")
        targets = self._globbed(expanded_left)
        if line.raw.startswith("\t"):
            raise make.refuse("a recipe begins before any target")
        raw = joined(line.raw).lstrip(" \t")
        setting = assignment_of(raw[self._colon(line) :] if find_outside(raw, ":") >= 0 else right)
        if setting is not None and separator != "&:":
            if not setting.name:
                raise make.refuse("a variable needs a name")
            self._setting(targets, setting, told)
            return
        if not targets:
            self.leave()
            self._rule, self._open = None, True
            make.tell_if(told, "dropped", "rule", "it has no target")
            return
        rule = Rule(targets, [], [], make.place(line), separator == "::", separator == "&:")
        within = self._needs(rule, right)
        if within is not None:
            inline = within if inline is None else f"{within};{inline}"
        if inline is not None:
            rule.recipe = [RecipeLine(inline, rule.place)] if inline.strip() else []
        self._refuse_mixed(rule)
        self._note_unknown(rule, head)
        self._take(rule, comment, told)

    def _parts(self, line: Line) -> tuple[str, str | None, str | None]:
        """The rule itself, the recipe behind a ``;`` and the comment."""
        at = find_outside(line.raw, ";#")
        if at >= 0 and line.raw[at] == ";":
            return without_comment(joined(line.raw[:at]))[0], line.raw[at + 1 :].lstrip(" \t"), None
        head, comment = without_comment(joined(line.raw))
        return head, None, comment

    def _colon(self, line: Line) -> int:
        """Where what follows the colon begins, in the line as one."""
        text = joined(line.raw).lstrip(" \t")
        at = find_outside(text, ":")
        return len(text) if at < 0 else at + (2 if text[at : at + 2] == "::" else 1)

    def _split(self, head: str) -> tuple[str, str, str]:
        """The targets, expanded; the sign; what follows it, as it stands, or expanded if the sign was in a variable."""
        make = self._makefile
        at = find_outside(head, ":")
        if at < 0:
            head = make.expander.expand(head, make.scope)
            at = find_outside(head, ":")
            if at < 0:
                return head, "", ""
        left, right = head[:at], head[at + 1 :]
        sign = ":"
        if left.endswith("&"):
            left, sign = left[:-1], "&:"
        if right.startswith(":"):
            right, sign = right[1:], "::"
        return make.expander.expand(left, make.scope), sign, right

    def _no_rule(self, expanded: str, inline: str | None, told: bool) -> None:
        make = self._makefile
        notes = make.notes
        expanded = expanded.replace("\\\n", " ").replace(";", " ")
        if expanded.strip() and is_known(expanded):
            mend = "lines of a recipe begin with a tab" if make.line.raw.startswith(" ") else None
            raise make.refuse("this is neither a rule nor a variable: a separator is missing", mend)
        self.leave()
        if expanded.strip() or notes.shells:
            make.unsure.append(f"what {_one_line(make.line.text)} adds is not known")
            make.tell_if(told, "manual", "call", "what it does, only the run knows: all jobs wait for a person")
        elif notes.prints:
            make.tell_if(told, "dropped", "message", "it is printed while make reads")
        else:
            make.tell_if(told, "exact", "call", "taken up where it stands")

    def _setting(self, targets: list[str], found: Assignment, told: bool) -> None:
        make = self._makefile
        self.leave()
        value = without_comment(found.value)[0]
        name = make.expander.expand(found.name, make.scope)
        operator = found.operator
        if operator == "!=":
            value = make.output_of(make.expander.expand(value, make.scope), f"$({name})", make.scope).replace("$", "$$")
            operator = ":="
        if make.undecided:
            value, operator = make.unknowns.mark("opaque", f"$({name})", f"$({name})"), ":="
        for target in targets:
            given = self._set(target, name, operator, value, found)
            make.settings.append(Setting(target, name, operator, given, found.private, found.override, found.exported))
        shells = make.notes.shells
        if shells:
            make.tell_if(told, "manual", "variable of a target", "make runs a command for it, which is not run here")
        else:
            make.tell_if(told, "exact", "variable of a target")

    def _set(self, target: str, name: str, operator: str, value: str, found: Assignment) -> str:
        """Set a variable of a target as far as it is read; what is to be expanded at once is, and comes back."""
        make = self._makefile
        scope = self._scopes.setdefault(target, Scope(make.scope))
        there = scope.own.get(name)
        if operator in (":=", "::=", ":::=") or (operator == "+=" and there is not None and there.simple):
            value = make.expander.expand(value, scope).replace("$", "$$")
        make.set(scope, name, operator, value, found.override)
        return value

    def _refuse_mixed(self, rule: Rule) -> None:
        for target in rule.targets:
            double = self._doubles.setdefault(target, rule.double)
            if double != rule.double:
                raise self._makefile.refuse(f"{target} has rules with : and with ::")

    def _needs(self, rule: Rule, right: str) -> str | None:
        """What a rule needs; a pattern before another colon makes it one static pattern rule.

        Returns the recipe behind a ``;`` that came out of a variable.
        """
        make = self._makefile
        if ".SECONDEXPANSION" in make.special:
            rule.second = make.expander.expand(right, make.scope)
            if "$" not in rule.second:
                rule.second = None
            else:
                at = find_outside(rule.second, ":")
                if at >= 0:
                    rule.stem_pattern, rule.second = rule.second[:at].strip(), rule.second[at + 1 :]
                return None
        text = make.expander.expand(right, make.scope)
        text, semicolon, recipe = text.partition(";")
        at = find_outside(text, ":")
        if at >= 0:
            rule.stem_pattern = text[:at].strip()
            text = text[at + 1 :]
        needs, _, order = text.partition("|")
        rule.prerequisites, rule.order_only = self._globbed(needs), self._globbed(order)
        return recipe.lstrip(" \t") if semicolon else None

    def _note_unknown(self, rule: Rule, head: str) -> None:
        make = self._makefile
        for unknown in make.unknowns.within(" ".join([*rule.prerequisites, *rule.order_only, *rule.targets])):
            if not unknown.by_shell:
                rule.reasons.append(f"its prerequisites hold {_one_line(unknown.shown)}, which only the run knows")
        if make.undecided:
            rule.undecided = True
            rule.reasons.append(f"it depends on {_one_line(make.undecided)}, which only the run can decide")

    def _globbed(self, text: str) -> list[str]:
        """The names in a text; those with a wildcard become the files that are there now."""
        make = self._makefile
        names: list[str] = []
        for name in file_words(text):
            if name.startswith("~/"):
                name = make.expander.value("HOME", make.scope) + name[1:]
            if any(sign in name for sign in "*?[") and is_known(name) and make.is_beside(name):
                found = sorted(glob.glob(name, root_dir=make.folder))
                make.note_files(name)
                names += found or [name]
            else:
                names.append(name)
        return names

    def _take(self, rule: Rule, comment: str | None, told: bool) -> None:
        make = self._makefile
        first = rule.targets[0]
        if first in SPECIAL and not rule.double:
            self._special(first, rule, told)
            return
        if comment is not None and comment.startswith("#"):
            rule.description = comment.lstrip("#").strip()
        rule.comments, self._above = self._above, []
        if self._note is not None and self._note_place is not None:
            rule.note, self._note = self._note, None
            make.account.exact(self._note_place, "note")
        rule.said = not told
        make.rules.append(rule)
        self._rule, self._open = rule, True

    def _special(self, name: str, rule: Rule, told: bool) -> None:
        make = self._makefile
        above, note = self._above, self._note
        self._above, self._note = [], None
        self.leave()
        self._above, self._note = above, note
        make.special.setdefault(name, []).extend(rule.prerequisites)
        if name == ".SUFFIXES":
            make.suffixes = [*make.suffixes, *rule.prerequisites] if rule.prerequisites else []
        if name == ".DEFAULT":
            make.rules.append(rule)
            self._rule, self._open = rule, True
            return
        self._rule, self._open = None, True
        if name == ".EXPORT_ALL_VARIABLES":
            make.export_all = True
        if name == ".INTERMEDIATE":
            make.tell_if(told, "approximated", "special target", "these files are kept")
        elif name in (".POSIX", ".LOW_RESOLUTION_TIME"):
            make.tell_if(told, "approximated", "special target", "its minor rules are not followed")
        else:
            make.tell_if(told, "exact", "special target", SPECIAL[name])


def _one_line(text: str) -> str:
    first = " ".join(text.split())
    return first if len(first) < 80 else f"{first[:77]}…"
