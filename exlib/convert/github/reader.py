"""Reads a workflow of GitHub Actions: its jobs, or with ``--split-steps`` their steps, become those of a document.

What only a run of GitHub's knows is not guessed: a condition that depends on it makes its job wait for a person.
"""

from __future__ import annotations

import os
from typing import Any

from exlib.convert.account import Account
from exlib.convert.draft import Draft, depend, guard
from exlib.convert.github import contexts as known
from exlib.convert.github import kept, triggers
from exlib.convert.github.conditions import ALWAYS, FAILURE, NEVER, SUCCESS, UNKNOWN, skipped_world, undecided, when
from exlib.convert.github.jobs import House, Made, Outcome, defaults, needed, read_job
from exlib.convert.github.ledger import Ledger
from exlib.convert.github.needs import ancestors, needs_of, ordered
from exlib.convert.github.references import Naming, input_name, plain_value
from exlib.convert.github.scene import Scene, read_env
from exlib.convert.github.templates import scalar_text
from exlib.convert.github.values import Partial
from exlib.convert.notes import read_note
from exlib.convert.shell.carried import restore_meaning
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.convert.yaml.tree import Node, Tree

LIMIT = 360 * 60
"""Seconds that GitHub gives a job which states no limit."""
AT_ONCE = 20
"""Jobs that GitHub runs at the same time for an account without further rights."""
_UNSTATED = frozenset(["id", "command", "dependencies", "application_name", "jobs", "x-source", "run"])
"""Keys that no note of ours states."""


def read(source: Source, wishes: Wishes, account: Account) -> list[Draft]:
    """The document. Raises InputError for what GitHub would refuse too."""
    tree = Tree(source)
    root = tree.root
    jobs = root.get("jobs")
    if not root.is_map or jobs is None or not jobs.is_map or not jobs.members:
        raise (jobs or root).refuse("a workflow is a map with jobs, of which there is at least one", "add jobs:")
    ledger = Ledger()
    house, draft = _house(tree, wishes, ledger)
    outcomes = _outcomes(jobs, house)
    _fill(draft, tree, house, outcomes)
    _keep(draft, tree, wishes)
    ledger.settle(account)
    for comment in tree.comments:
        if comment.text:
            account.exact(tree.place(comment), "comment", "kept in x-source")
    tree.settle(account)
    account.entries.sort(key=lambda entry: entry.place.line)
    return [draft]


def _house(tree: Tree, wishes: Wishes, ledger: Ledger) -> tuple[House, Draft]:
    """What the jobs share, and the document with its settings."""
    root = tree.root
    title = root.get("name")
    name = title.text if title is not None and title.is_scalar else ""
    name = name or os.path.basename(tree.source.name).split(".")[0].strip("<>")
    draft = Draft(name, "github")
    ledger.exact(title, "name")
    on = _on(root)
    contexts = known.of_workflow(wishes.variables, name, on)
    event = triggers.event(on, wishes.variables)
    given = {input_name(key): value for key, value in triggers.inputs(on, event).items()}
    naming = Naming(_defined(root), given)
    scene = Scene("", contexts, naming, ledger, "", [])
    node = root.get("env")
    env = read_env(node, contexts, scene) if node is not None else ()
    values = {key: plain_value(pieces, naming) for key, pieces in env}
    shell, directory = defaults(root.get("defaults"), scene)
    draft.settings["parallel"] = True
    draft.settings["continue_on_error"] = True
    draft.settings["default_timeout"] = LIMIT
    plain = {key: value for key, value in values.items() if value is not None}
    draft.settings["env_variables"] = {**({} if "CI" in values else {"CI": "true"}), **plain}
    _say_top(root, ledger)
    unstarted = triggers.excluded(on, event, wishes.variables)
    if unstarted and on is not None:
        ledger.say("dropped", on, "on", f"there is no job that runs: {unstarted}")
    exports = tuple((key, pieces) for key, pieces in env if values[key] is None)
    guards = tuple(scene.guards)
    return House(
        name, contexts, naming, ledger, env, exports, shell or "", directory or [], guards, wishes.split_steps,
        scene.secrets, scene.wanted, unstarted,
    ), draft  # fmt: skip


def _on(root: Node) -> Node | None:
    return root.get("on") or root.get("true")


def _say_top(root: Node, ledger: Ledger) -> None:
    reasons = {
        "on": "kept in x-source: the document is started by hand, by cron or by a hook",
        "true": "kept in x-source: the document is started by hand, by cron or by a hook",
        "run-name": "kept in x-source",
        "permissions": "they are for GitHub's token, and kept in x-source",
    }
    for key, reason in reasons.items():
        if (node := root.get(key)) is not None:
            ledger.say("approximated", node, key, reason)
    if (node := root.get("concurrency")) is not None:
        ledger.say("dropped", node, "concurrency", "runs are not kept apart; kept in x-source")


def _defined(root: Node) -> dict[str, set[str]]:
    """The variables that the workflow sets anywhere, with their texts."""
    found: dict[str, set[str]] = {}
    pending = [root]
    for job in (root.get("jobs") or root).members.values():
        pending.append(job)
        steps = job.get("steps")
        pending += steps.items if steps is not None else []
    for node in pending:
        env = node.get("env")
        for name, value in (env.members if env is not None else {}).items():
            found.setdefault(name, set()).add(value.text.replace(" ", "") if "${{" in value.text else value.text)
    return found


def _outcomes(jobs: Node, house: House) -> dict[str, Outcome]:
    """What each job became, in the order of the source."""
    needs = {name: needs_of(node, jobs) for name, node in jobs.members.items()}
    found: dict[str, Outcome] = {}
    for name in ordered(needs, jobs):
        node = jobs.members[name]
        skipped = {other for other in ancestors(name, needs) if found[other].skipped}
        wanted = needed(needs[name], skipped, house.contexts)
        says = _says(name, node, wanted, bool(skipped), house)
        if house.unstarted:
            house.ledger.say("dropped", node, f"job {name}", house.unstarted)
        if says == NEVER or house.unstarted:
            found[name] = Outcome(name, node, needs[name], skipped=True)
        else:
            found[name] = read_job(name, node, wanted, house, says)
    return {name: found[name] for name in jobs.members}


def _says(name: str, node: Node, wanted: dict[str, Any], skipped: bool, house: House) -> str:
    """Whether a job runs, as far as its condition tells; the account is told."""
    found = node.get("if")
    say = house.ledger.say
    if (needed := node.get("needs")) is not None:
        say("exact", needed, "needs", job=name)
    available = {key: house.contexts[key] for key in ("vars", "inputs")}
    available["github"] = Partial({"job": name} | house.contexts["github"])
    available["needs"] = wanted
    if skipped and (runs := skipped_world(available, found)) is not True:
        more = ", and its condition is not decided" if runs is None else ""
        say("dropped", node, f"job {name}", f"a job that it needs is left out{more}")
        return NEVER
    word, paths = when(found, available)
    if found is None:
        return SUCCESS
    if word == UNKNOWN:
        say("manual", found, "if", undecided(paths), job=name)
        return UNKNOWN
    if word in (NEVER, FAILURE):
        why = "its condition is false" if word == NEVER else "it runs after a failure alone"
        say("dropped", node, f"job {name}", why)
        return NEVER
    if word == ALWAYS or paths:
        say("approximated", found, "if", "here it runs after success alone", job=name)
    else:
        say("exact", found, "if", "decided: it runs", job=name)
    return SUCCESS


def _fill(draft: Draft, tree: Tree, house: House, outcomes: dict[str, Outcome]) -> None:
    """Make the jobs, then what they wait for."""
    pairs: list[tuple[Outcome, dict[str, Any]]] = []
    comments = kept.comments(tree)
    for outcome in outcomes.values():
        said, note = _said(comments, outcome.node)
        for chain in outcome.chains:
            before: str | None = None
            for made in chain:
                job = _job(draft, made, said, note)
                if before is None:
                    if outcome.chained and outcome.tails:
                        depend(job, outcome.tails[-1:])
                    pairs.append((outcome, job))
                else:
                    depend(job, [before])
                before = job["id"]
            if before is not None:
                outcome.tails.append(before)
    for outcome, job in pairs:
        depend(job, _waits(outcome, outcomes))
    draft.settings["max_workers"] = max(1, min(AT_ONCE, len(draft.jobs)))
    given = {name: house.naming.defaults[name] for name in house.wanted if name in house.naming.defaults}
    draft.settings["env_variables"] |= given
    if house.secrets:
        draft.settings["secrets"] = sorted(house.secrets)
    said, note = _said(comments, next(iter(tree.root.members.values())))
    if said:
        draft.settings["description"] = said
    draft.settings |= {key: value for key, value in note.items() if key not in _UNSTATED}


def _waits(outcome: Outcome, outcomes: dict[str, Outcome]) -> list[str]:
    """The last jobs of what a job needs; of what is left out, those that it needed."""
    found: dict[str, None] = {}
    pending, seen = list(outcome.needs), set(outcome.needs)
    while pending:
        other = outcomes[pending.pop(0)]
        found.update(dict.fromkeys(other.tails))
        if other.skipped:
            pending += [name for name in other.needs if name not in seen]
            seen.update(other.needs)
    return list(found)


def _job(draft: Draft, made: Made, said: str, note: dict[str, Any]) -> dict[str, Any]:
    wanted = note.get("id") if isinstance(note.get("id"), str) else made.wanted
    title = "" if made.description == wanted else made.description
    job = draft.job(
        str(wanted), made.text.command, description="\n".join(part for part in (title, said) if part),
        timeout=_seconds(made.timeout), env_variables=dict(made.text.env), working_dir=made.text.working_dir,
        shell=made.text.shell, source=made.source,
    )  # fmt: skip
    for reason in made.guards:
        guard(job, reason)
    job |= {key: value for key, value in note.items() if key not in _UNSTATED}
    restore_meaning(job, note, made.text.command)
    return job


def _seconds(limit: float | None) -> float | None:
    return int(limit) if limit is not None and limit == int(limit) else limit


def _said(comments: dict[str, list[str]], node: Node) -> tuple[str, dict[str, Any]]:
    """The comments above a key or beside it, and what notes among them state."""
    lines = comments.get(node.path, [])
    notes = [read_note(line) for line in lines]
    plain = "\n".join(line for line, note in zip(lines, notes, strict=True) if note is None).strip()
    return plain, {key: value for note in notes if note for key, value in note.items()}


def _keep(draft: Draft, tree: Tree, wishes: Wishes) -> None:
    """What is needed to write the workflow again."""
    data = kept.plain(tree.root)
    draft.kept["workflow"] = {key: value for key, value in data.items() if key != "jobs"}
    draft.kept["jobs"] = data["jobs"]
    if said := kept.comments(tree):
        draft.kept["comments"] = said
    if wishes.split_steps:
        draft.kept["split_steps"] = True
    if told := {name: value for name, value in wishes.variables.items() if not known.is_hidden(name)}:
        draft.kept["variables"] = told
    if not (title := tree.root.get("name")) or not scalar_text(title):
        draft.kept["file"] = draft.name
