from __future__ import annotations

from exlib.history.sqlite import open_store
from tests.history.processes import Process
from tests.history.story import NEW_YEAR, Story, rows


def test_a_resume_settles_what_was_lost(db: str) -> None:
    writer = Process(
        f"story = Story(open_store({db!r}), ['a', 'b', 'c', 'd']); story.runs('a')\n"
        "story.starts('c'); story.retries('c', 7); story.starts('d'); story.retries('d', 7); story.starts('d', 2)\n"
        "story.starts('b'); say(1); wait()"
    )
    writer.heard()
    writer.kill()
    store = open_store(db)
    story = Story(store, ["a", "b"], resumed=1, start=NEW_YEAR + 60)
    assert (story.run, story.attempt) == (1, 2)
    dead, alive = store.attempts_of_run(1)
    assert (dead.status, dead.completed, dead.failed, dead.ended) == ("lost", 1, 3, NEW_YEAR + 12)
    assert dead.reason is not None
    assert "ended without a word" in dead.reason
    assert alive.status == "running"
    assert rows(db, "SELECT job_id, status FROM job_history ORDER BY 1") == [
        ("a", "success"),
        ("b", "lost"),
        ("c", "lost"),
        ("d", "lost"),
    ]
    assert rows(db, "SELECT job_id, number, status FROM retry_history ORDER BY 1, 2") == [
        ("a", 1, "success"),
        ("b", 1, "lost"),
        ("c", 1, "failed"),
        ("d", 1, "failed"),
        ("d", 2, "lost"),
    ]
    store.close()
