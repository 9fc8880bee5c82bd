"""What jobs take from others: ``extends``, and ``!reference``, in this order, as GitLab does it."""

from __future__ import annotations

from exlib.convert.gitlab.parts import UNREAD, Part, merged

_DEEPEST = 10
_MOST_PARTS = 400_000


class Inheritance:
    """The entries of a configuration with all that they inherit; ``unread`` if files of it could not be read."""

    def __init__(self, config: Part, *, unread: bool) -> None:
        self._config = config
        self._unread = unread
        self._parts = 0
        self._extended: dict[str, Part] = {}
        self.missing: dict[str, list[str]] = {}
        """What each entry takes from files that were not read."""
        self.taken: list[Part] = []
        """The ``extends`` and the like that led to something."""

    def entry(self, name: str) -> Part:
        """An entry with its parents and references in place. Raises InputError for a circle or what is not there."""
        return self._settled(self._extend(name, ()), name, ())

    def settled(self, part: Part, name: str) -> Part:
        """A part of the top with its references in place."""
        return self._settled(part, name, ())

    def _extend(self, name: str, trail: tuple[str, ...]) -> Part:
        if name in self._extended:
            return self._extended[name]
        part = self._config.members[name]
        parents = part.get("extends") if part.is_map else None
        if parents is None:
            return part
        if name in trail or len(trail) > _DEEPEST:
            why = f"extends leads back to itself: {' > '.join((*trail, name))}" if name in trail else "extends too deep"
            raise parents.refuse(why)
        below: Part | None = None
        for parent in parents.items if parents.is_list else [parents]:
            if not isinstance(parent.value, str):
                raise parents.refuse("extends must be a name or a list of names")
            if parent.text not in self._config.members:
                if not self._unread:
                    raise parent.refuse(f"there is no {parent.text} to extend")
                self.missing.setdefault(name, []).append(parent.text)
                continue
            inherited = self._extend(parent.text, (*trail, name))
            self.missing.setdefault(name, []).extend(self.missing.get(parent.text, ()))
            if not inherited.is_map:
                raise parent.refuse(f"{parent.text} is no map, and cannot be extended")
            below = merged(below, _without_extends(inherited))
        self.taken.append(parents)
        self._extended[name] = merged(below, part) if below is not None else part
        return self._extended[name]

    def _settled(self, part: Part, name: str, trail: tuple[str, ...]) -> Part:
        if part.kind == "reference":
            return self._referred(part, name, trail)
        if not part.members and not part.items:
            return part
        self._parts += 1 + len(part.members) + len(part.items)
        if self._parts > _MOST_PARTS:
            raise part.refuse("what it inherits stands for more values than a workflow has", "write out what is meant")
        result = part.copied()
        result.members = {key: self._settled(value, name, trail) for key, value in part.members.items()}
        result.items = [self._settled(item, name, trail) for item in part.items]
        return result

    def _referred(self, part: Part, name: str, trail: tuple[str, ...]) -> Part:
        steps = [item.text for item in part.items]
        key = "\0".join(steps)
        if key in trail or len(trail) > _DEEPEST:
            raise part.refuse("the reference leads back to itself" if key in trail else "references too deep")
        if not steps:
            raise part.refuse("a reference names nothing")
        found = self._extend(steps[0], ()) if steps[0] in self._config.members else None
        for step in steps[1:]:
            found = _below(found, step)
        if found is None:
            if not self._unread:
                raise part.refuse(f"there is no {' '.join(steps)} to refer to")
            self.missing.setdefault(name, []).append(" ".join(steps))
            return Part(part.node, UNREAD)
        result = self._settled(found, name, (*trail, key)).copied()
        result.through = [part.node, *result.through]
        return result


def _below(part: Part | None, step: str) -> Part | None:
    if part is not None and part.is_list and step.isdigit() and int(step) < len(part.items):
        return part.items[int(step)]
    return part.get(step) if part is not None else None


def _without_extends(part: Part) -> Part:
    result = part.copied()
    result.members.pop("extends", None)
    return result
