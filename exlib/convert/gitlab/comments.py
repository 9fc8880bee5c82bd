"""Comments: those above a job describe it, those in it stay with it, the others stay with the document."""

from __future__ import annotations

from typing import Any

from exlib.convert.draft import ALLOWED, Draft
from exlib.convert.gitlab.gather import Gathered
from exlib.convert.gitlab.keywords import BY_HAND, NOTED
from exlib.convert.gitlab.plan import Planned
from exlib.convert.notes import read_note
from exlib.convert.shell.carried import restore_meaning
from exlib.convert.yaml.tree import Comment, Tree


class About:
    """What comments say of one job."""

    def __init__(self, description: str, comments: list[str], note: dict[str, Any]) -> None:
        self.description = description
        self.comments = comments
        self.note = note

    def put(self, made: dict[str, Any]) -> None:
        """Put it into the job."""
        if self.description:
            made["description"] = self.description
        if self.comments:
            made.setdefault("x-source", {})["comments"] = self.comments
        reason = self.note.get("allowed")
        if reason is not None and made.get("x-source", {}).get("rules") == BY_HAND:
            del made["x-source"]["rules"]
            if not made["x-source"]:
                del made["x-source"]
        for key, value in self.note.items():
            if key in NOTED:
                made[key] = value
        if (beyond := restore_meaning(made, self.note, made["command"]).get("env_variables")) is not None:
            made.setdefault("x-source", {})["in_script"] = list(beyond)
        for check in made.get("pre_checks", ()):
            if check["name"] == ALLOWED and isinstance(reason, str):
                check["params"]["reason"] = reason


class Comments:
    """The comments of all files of a configuration."""

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered
        self._used: set[tuple[str, int]] = set()
        self._about: dict[str, About] = {}

    def of_document(self) -> dict[str, Any]:
        """What notes before the jobs say of the document."""
        tree = self._gathered.trees[0]
        found: dict[str, Any] = {}
        for comment in tree.comments:
            note = read_note(comment.text) if comment.alone else None
            if note is not None and not self._within_a_job(comment.line):
                found |= note
                self._take(tree, comment, "note")
        return found

    def _within_a_job(self, line: int) -> bool:
        members = self._gathered.trees[0].root.members.values()
        return any(node.key_line <= line <= node.end_line for node in members)

    def of_job(self, job: Planned) -> About:
        """What comments say of a job."""
        if job.entry in self._about:
            return self._about[job.entry]
        tree = self._tree_of(job)
        node = tree.root.members.get(job.entry) if tree is not None else None
        if tree is None or node is None:
            return About("", [], {})
        above = [comment for comment in tree.above(node) if (tree.source.name, comment.line) not in self._used]
        inside = [comment for comment in tree.within(node) if comment.text and self._is_inside(tree, comment)]
        note: dict[str, Any] = {}
        comments = []
        for comment in inside:
            if (found := read_note(comment.text)) is not None:
                note |= found
            else:
                comments.append(comment.text)
            self._take(tree, comment, "comment", job.name)
        for comment in above:
            self._take(tree, comment, "comment", job.name)
        text = "\n".join(comment.text for comment in above)
        self._about[job.entry] = About(text.strip("\n"), comments, note)
        return self._about[job.entry]

    def _is_inside(self, tree: Tree, comment: Comment) -> bool:
        """Whether a comment stands in a job, and not only between its lines."""
        return not comment.alone or tree.source.lines[comment.line - 1][0] in " \t"

    def settle(self, draft: Draft) -> None:
        """Keep what is left with the document."""
        if not draft.jobs:
            return
        rest = []
        for tree in self._gathered.trees:
            for comment in tree.comments:
                if comment.text and (tree.source.name, comment.line) not in self._used:
                    rest.append(comment.text)
                    self._gathered.account.approximated(
                        tree.place(comment), "comment", "it moves to the whole document"
                    )
        if rest:
            draft.kept["comments"] = rest

    def _tree_of(self, job: Planned) -> Tree | None:
        file = job.part.node.place.file
        return next((tree for tree in self._gathered.trees if tree.source.name == file), None)

    def _take(self, tree: Tree, comment: Comment, construct: str, job: str | None = None) -> None:
        if (tree.source.name, comment.line) not in self._used:
            self._used.add((tree.source.name, comment.line))
            if comment.text:
                self._gathered.account.exact(tree.place(comment), construct, job=job)
