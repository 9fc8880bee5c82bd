"""What a proposal says in words, whatever the format."""

from collections.abc import Iterator

from exlib.console import plural, span
from exlib.optimize.advice import Timeout
from exlib.optimize.proposal import Proposal


def done(proposal: Proposal) -> Iterator[str]:
    """What became of the document, a line a thing; that nothing did is a line too."""
    order, found = proposal.order, []
    if order.redundant or proposal.duplicates:
        removed = len(order.redundant) + len(proposal.duplicates)
        kinds = [f"{len(order.redundant):,} implied by others"] if order.redundant else []
        kinds += [f"{len(proposal.duplicates):,} repeated"] if proposal.duplicates else []
        found.append(f"{plural(removed, 'dependency', 'dependencies')} removed: {', '.join(kinds)}")
    if order.unjustified:
        given_up = plural(len(order.unjustified), "dependency", "dependencies")
        line = f"{given_up} given up, as the data does not justify {'it' if len(order.unjustified) == 1 else 'them'}"
        if order.added:
            line += f"; {plural(len(order.added), 'dependency', 'dependencies')} added for what they ordered"
        found.append(line)
    elif proposal.aggressive:
        found.append("no order given up: the data justifies it, or is not stated by both jobs")
    if "timeouts" in proposal.applied:
        found.append(f"{plural(len(proposal.timeouts), 'timeout')} set")
    if "retries" in proposal.applied:
        found.append(f"{plural(len(proposal.retries), 'job')} given retries")
    if not (order.redundant or proposal.duplicates):
        yield "nothing to remove: every dependency says something"
    yield from found


def pair(proposal: Proposal, later: int, earlier: int) -> str:
    """``load reads what extract writes: out/*.csv``: two jobs that share data, in no order."""
    one, other = proposal.ids[later], proposal.ids[earlier]
    found = proposal.data.shared(earlier, later)
    if found is None:
        raise ValueError(f"{one} and {other} share nothing")
    paths = found.second if found.first == found.second else f"{found.second}, {found.first}"
    return f"{one} {found.how.format(other)}: {paths}"


def reason(found: Timeout) -> str:
    """Why a timeout is suggested."""
    if found.why == "none":
        return "has none"
    now = span(found.now or 0)
    if found.why == "default":
        return f"the default of {now}"
    return f"{now} is too {found.why}"
