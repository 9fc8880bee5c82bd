"""Values that hold the value of a secret, which no file is to hold."""

from __future__ import annotations

from exlib.convert.outgoing import Outgoing
from exlib.environment import REFERENCE, is_secret, layered
from exlib.masking import Mask


def concealed(outgoing: Outgoing, text: str) -> bool:
    """Whether the value of a secret, of the workflow or of a job, is in a text."""
    whole = outgoing.workflow
    values = []
    for layer in (whole.env, *(job.job.env for job in outgoing.jobs)):
        full = layered({}, whole.env, layer)
        values += [full[name] for name in layer if is_secret(name, whole.secrets) and REFERENCE.sub("", full[name])]
    return Mask(values).text(text) != text
