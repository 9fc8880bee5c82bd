"""What the targets of a Taskfile reach becomes one document."""

from __future__ import annotations

import os
from collections.abc import Iterator

from exlib.convert.account import Account
from exlib.convert.draft import Draft
from exlib.convert.source import Source
from exlib.convert.taskfile.commands import here
from exlib.convert.taskfile.files import File, Task, Taskfile
from exlib.convert.taskfile.plan import Plan
from exlib.convert.taskfile.scope import Book, Scope
from exlib.convert.wishes import Wishes
from exlib.errors import UsageError

_TOP = {
    "silent": "ex-run prints no commands", "run": "", "set": "", "shopt": "",
}  # fmt: skip
_NO_WORD = {
    "output": "each job has a log of its own", "method": "nothing is compared: each job runs each time",
    "interval": "nothing watches files", "use_gitignore": "nothing is compared: each job runs each time",
}  # fmt: skip


def read(source: Source, wishes: Wishes, account: Account) -> list[Draft]:
    """The document. Raises InputError for what is no Taskfile, UsageError for a target that there is not."""
    files = Taskfile(source, account)
    book = Book(account)
    draft = Draft(_name(source), "taskfile")
    draft.settings |= {"parallel": True, "max_workers": 1, "default_timeout": None}
    plan = Plan(files, draft, book, Scope(book, wishes.variables))
    done: list[str] = []
    for name in _targets(files, wishes):
        done = plan.call(name, {}, done if wishes.targets else [], None)
    if not draft.jobs:
        _refuse_elsewhere(plan)
    for file in files.files:
        _say_top(book, file)
    book.close()
    _say_rest(files, plan, account)
    _comments(files, draft, account)
    for file in files.files:
        file.tree.settle(account)
    draft.settings["max_workers"] = max(1, min(len(draft.jobs), 10_000))
    return [draft] if draft.jobs else []


def _refuse_elsewhere(plan: Plan) -> None:
    """Say why there are no jobs, where the tasks that are reached are not for this system."""
    for name in plan.reached:
        task = plan.files.find(name)
        platforms = task.get("platforms") if task is not None else None
        if platforms is not None and not here(platforms):
            said = ", ".join(one.text for one in platforms.items)
            raise platforms.refuse(f"the task {name} runs on {said} alone: nothing of it runs here")


def _name(source: Source) -> str:
    stem = os.path.basename(source.name).rsplit(".", 1)[0].strip("<>")
    folder = os.path.basename(os.path.dirname(source.name))
    return folder if stem.lower() in ("taskfile", "taskfile.dist") and folder else stem or "workflow"


def _targets(files: Taskfile, wishes: Wishes) -> list[str]:
    """The tasks that are asked for, else the default one, else all that may be called."""
    if wishes.targets:
        for name in wishes.targets:
            task = files.find(name)
            if task is None or task.internal:
                from difflib import get_close_matches

                close = get_close_matches(name, files.tasks, n=1)
                raise UsageError(f'there is no task "{name}"', mend=f"did you mean {close[0]}?" if close else None)
        return list(wishes.targets)
    if (default := files.find("default")) is not None:
        return [default.name]
    names = [name for name, task in files.tasks.items() if not task.internal and "*" not in name]
    if not names:
        raise files.main.root.refuse("there are no tasks in it")
    called = {task.file.full(name) for task in files.tasks.values() for name in _called(task)}
    return [name for name in names if name not in called] or names


def _called(task: Task) -> Iterator[str]:
    """The names of the tasks that a task calls, as they stand there."""
    deps, cmds = task.get("deps"), task.get("cmds")
    for one in deps.items if deps is not None else ():
        yield one.text if one.is_scalar else (one.get("task") or one).text
    for one in cmds.items if cmds is not None else ():
        if (name := one.get("task")) is not None:
            yield name.text


def _say_top(book: Book, file: File) -> None:
    for key, node in file.root.members.items():
        if key in _TOP:
            book.say("exact", node, key, _TOP[key])
        elif key in _NO_WORD:
            book.say("dropped", node, key, _NO_WORD[key])
        elif key == "dotenv":
            book.say("manual", node, key, "give ex-run its files: --env-file FILE")


def _say_rest(files: Taskfile, plan: Plan, account: Account) -> None:
    """Tasks and variables that no target reaches."""
    for name, task in files.tasks.items():
        if name not in plan.reached:
            account.dropped(task.node.whole, "task", f"no target reaches it: name it with --target {name}")


def _comments(files: Taskfile, draft: Draft, account: Account) -> None:
    """Comments are kept with the task above which or in which they stand, else with the document."""
    for file in files.files:
        tree = file.tree
        left = []
        for comment in tree.comments:
            if comment.text:
                left.append(comment.text)
                account.exact(tree.place(comment), "comment", "kept in x-source")
        if left:
            draft.kept["comments"] = [*draft.kept.get("comments", []), *left]
