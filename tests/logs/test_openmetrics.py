"""The exposition, read by the parser of Prometheus' own client."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from exlib.events import Event, RunStarted
from exlib.logs.openmetrics import openmetrics
from exlib.logs.summary import Summary
from tests.logs.story import NEW_YEAR, finished, raw, told, tried
from tests.logs.test_summary import good, summed


def families(text: str) -> dict[str, Any]:
    return {family.name: family for family in text_string_to_metric_families(text)}


def values(family: Any, suffix: str = "") -> dict[tuple[str, ...], float]:
    return {
        tuple(sample.labels.values()): sample.value for sample in family.samples if sample.name == family.name + suffix
    }


def test_what_prometheus_reads() -> None:
    found = families(openmetrics(summed(told(1), good(2, NEW_YEAR + 20), good(3, NEW_YEAR + 40))))
    runs = found["executioner_runs"]
    assert runs.type == "counter"
    assert values(runs, "_total") == {("hourly", "success"): 2, ("nightly", "failed"): 1}
    last = found["executioner_last_success_timestamp_seconds"]
    assert (last.type, last.unit, values(last)) == ("gauge", "seconds", {("hourly",): NEW_YEAR + 50})
    assert values(found["executioner_last_run_duration_seconds"]) == {("hourly",): 10, ("nightly",): 7}
    assert values(found["executioner_last_run_success"]) == {("hourly",): 1, ("nightly",): 0}
    failures = values(found["executioner_job_failures"], "_total")
    assert failures == {("hourly", "fetch"): 0, ("nightly", "extract"): 0, ("nightly", "load"): 1}
    assert values(found["executioner_job_retries"], "_total")["hourly", "fetch"] == 2
    assert values(found["executioner_job_wasted_seconds"], "_total")["hourly", "fetch"] == 2
    spans = found["executioner_job_duration_seconds"]
    assert (spans.type, spans.unit) == ("summary", "seconds")
    assert values(spans, "_sum")["hourly", "fetch"] == 20
    assert values(spans)["hourly", "fetch", "0.5"] == pytest.approx(10, rel=0.01)


def test_of_nothing_there_is_the_end_alone() -> None:
    assert openmetrics(Summary()) == "# EOF\n"
    assert not families("# EOF\n")


def test_a_run_under_way_is_in_no_counter() -> None:
    assert "executioner_runs" not in families(openmetrics(summed(told(1)[:-1])))


@example('a\\b"c\nd', "\\n")
@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_names_of_any_kind_come_back(application: str, job: str) -> None:
    at = NEW_YEAR
    begun = RunStarted(at, 1, 1, application, "x.json", 1, 1, "/srv", "/logs", 99)
    events: list[Event] = [begun, *tried(job, at, 1), finished(job, at + 1, at)]
    found = families(openmetrics(summed(events)))
    assert values(found["executioner_job_runs"], "_total") == {(application, job): 1}


def test_half_a_surrogate_is_made_visible() -> None:
    summary = Summary()
    summary.job(*_of("\ud800"))
    summary.end(_of("\ud800")[0])
    assert r'job="\\ud800"' in openmetrics(summary) or r'job="\ud800"' in openmetrics(summary)


def _of(job: str) -> Any:
    from exlib.logs.reading.events import read_events

    execution = read_events([raw(told())], "x").executions[0]
    found = execution.jobs[0]
    return execution.run, found._replace(record=found.record._replace(job=job))
