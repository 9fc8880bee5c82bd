"""All mutations, by the module that they break."""

from __future__ import annotations

from tests.mutations import keeping, processes, tools, turning
from tests.mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (*turning.MUTATIONS, *processes.MUTATIONS, *keeping.MUTATIONS, *tools.MUTATIONS)
