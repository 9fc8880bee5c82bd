"""The plan beside the naive scheduler, step by step: the same jobs could start at each moment, in the same order."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from exlib.engine.plan import Plan
from exlib.engine.states import FINAL, State
from exlib.graph import Graph
from tests.engine.fakes import job
from tests.engine.naive import Naive

ENDS = st.sampled_from([State.FAILED, State.TIMEOUT, State.CANCELLED])
PICKS = st.integers(0, 99)


class PlanBesideNaive(RuleBasedStateMachine):
    """Every move that the scheduler may make, on both."""

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        count = data.draw(st.integers(1, 9))
        places = data.draw(st.permutations(range(count)))  # a dependency may stand behind what depends on it
        needs = {
            place: data.draw(st.lists(st.sampled_from(places[:n]), max_size=3, unique=True)) if n else []
            for n, place in enumerate(places)
        }
        priorities = data.draw(st.lists(st.integers(-1, 1), min_size=count, max_size=count))
        self.jobs = [job(n, f"j{n}", [f"j{other}" for other in needs[n]], priority=priorities[n]) for n in range(count)]
        ends = st.sampled_from([State.SUCCESS, State.SKIPPED])
        settled = data.draw(st.dictionaries(st.integers(0, count - 1), ends, max_size=count))
        graph = Graph([one.id for one in self.jobs], [one.dependencies for one in self.jobs])
        self.plan = Plan(graph, priorities)
        self.naive = Naive(self.jobs, settled)
        self.running: list[int] = []
        self.retrying: list[int] = []
        self.left_out = {node for node, state in settled.items() if state is State.SKIPPED}
        self.plan.start(settled.items())
        for node, state in settled.items():
            if state is State.SUCCESS:
                self.naive.end(self.jobs[node].id, "success")

    def ready(self) -> list[int]:
        return [self.plan.graph.index[name] for name in self.naive.ready()]

    @precondition(lambda self: self.ready())
    @rule()
    def next_starts(self) -> None:
        wanted = self.ready()[0]
        assert self.plan.next() == wanted
        self.plan.move(wanted, State.RUNNING)
        self.naive.begin(self.jobs[wanted].id)
        self.running.append(wanted)

    @precondition(lambda self: self.ready())
    @rule()
    def next_has_to_wait(self) -> None:
        """It is taken and comes back: the order is as it was."""
        wanted = self.ready()[0]
        assert self.plan.next() == wanted
        self.plan.put_back(wanted)

    @precondition(lambda self: self.running)
    @rule(pick=PICKS)
    def succeeds(self, pick: int) -> None:
        node = self.running.pop(pick % len(self.running))
        self.plan.succeed(node)
        self.naive.end(self.jobs[node].id, "success")

    @precondition(lambda self: self.running)
    @rule(pick=PICKS)
    def is_to_be_retried(self, pick: int) -> None:
        node = self.running.pop(pick % len(self.running))
        self.plan.move(node, State.RETRYING)
        self.retrying.append(node)

    @precondition(lambda self: self.retrying)
    @rule(pick=PICKS)
    def is_tried_again(self, pick: int) -> None:
        node = self.retrying.pop(pick % len(self.retrying))
        self.plan.move(node, State.RUNNING)
        self.running.append(node)

    @precondition(lambda self: self.running)
    @rule(pick=PICKS, state=ENDS)
    def fails(self, pick: int, state: State) -> None:
        node = self.running.pop(pick % len(self.running))
        skipped = self.plan.fail(node, state)
        self.naive.end(self.jobs[node].id, state.value)
        doomed = {one for one in range(len(self.jobs)) if self.naive.is_open(self.jobs[one].id)}
        doomed = {one for one in doomed if self.naive.is_cut_off(self.jobs[one].id)}
        assert {one for one, _ in skipped} == doomed
        for one, cause in skipped:
            assert self.jobs[cause].id in self.jobs[one].dependencies
            assert self.plan.states[one] is State.SKIPPED
            self.naive.end(self.jobs[one].id, "skipped")

    @rule()
    def gives_up(self) -> None:
        expected = [one for one in range(len(self.jobs)) if self.naive.is_open(self.jobs[one].id)]
        assert self.plan.give_up() == expected
        for node in expected:
            assert self.plan.states[node] is State.CANCELLED
            self.naive.end(self.jobs[node].id, "cancelled")

    @invariant()
    def the_same_could_start(self) -> None:
        ready = self.ready()
        first = self.plan.next()
        assert first == (ready[0] if ready else None)
        if first is not None:
            self.plan.put_back(first)
        queued = {node for node, state in enumerate(self.plan.states) if state is State.QUEUED}
        assert queued == set(ready)

    @invariant()
    def what_is_unfinished_is_counted(self) -> None:
        unfinished = [node for node, state in enumerate(self.plan.states) if state not in FINAL]
        assert self.plan.unfinished == len(unfinished)
        waiting = [one for one in range(len(self.jobs)) if self.naive.is_open(self.jobs[one].id)]
        assert set(unfinished) - self.left_out == {*self.running, *self.retrying, *waiting}


PlanBesideNaive.TestCase.settings = settings(max_examples=150, stateful_step_count=25)
TestPlanBesideNaive = PlanBesideNaive.TestCase
