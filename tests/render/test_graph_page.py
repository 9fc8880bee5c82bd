"""The page of a graph in a real browser: what it shows, what it does when asked, and that no text of a job is run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from exlib.render.graph_page import FLUENT, graph_page
from exlib.render.palette import LOOKS
from exlib.render.picture import DETAILS, Arrow, Box, Picture
from tests.browser import opened
from tests.corpus import place
from tests.render import scenes

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LIT = "[...document.querySelectorAll('.job.lit')].map((job) => jobs[job.dataset.number].id).sort()"
DIMMED = "drawing.classList.contains('dim')"
RESTED = "!gliding && !drawn"
"""Nothing glides any more."""

Shown = Callable[..., Any]


@pytest.fixture
def shown(browser: Any, tmp_path: Path) -> Iterator[Shown]:
    """Opens the page of a picture; at its end the page must have logged nothing and asked nobody."""

    @contextmanager
    def show(picture: Picture, **window: Any) -> Iterator[Any]:
        file = tmp_path / "graph.html"
        file.write_text(graph_page(picture), encoding="utf-8", errors="backslashreplace")
        with opened(browser, file, **window) as page:
            yield page

    return show


def until(page: Any, condition: str) -> None:
    """Waits for what the page's own script says; Playwright's waiting would evaluate text, which our policy forbids."""
    page.evaluate(
        f"""() => new Promise((done, fail) => {{
          const late = setTimeout(() => fail(new Error("waited in vain")), 20000);
          const look = () => {{ if ({condition}) {{ clearTimeout(late); done(); }} else requestAnimationFrame(look); }};
          look();
        }})"""
    )


def release(**options: Any) -> Picture:
    return scenes.of_document(EXAMPLES / "release.json", **options)


def job(page: Any, name: str) -> Any:
    return page.locator(f".job[data-number='{page.evaluate('(name) => numberOf.get(name)', name)}']")


def test_every_job_and_every_arrow_is_drawn(shown: Shown) -> None:
    picture = release(ended=True)
    with shown(picture) as page:
        assert page.locator(".job .title").all_text_contents() == [box.title for box in picture.boxes]
        assert page.locator("#count").text_content() == "9 jobs, 10 arrows"
        entered = {arrow.target for arrow in picture.arrows}
        heads = page.evaluate(
            "[...document.querySelectorAll('.heads.plain path')].map((path) => path.getAttribute('d')).join('')"
        )
        assert heads.count("M") == len(entered)


def test_a_box_says_its_status_by_mark_and_outline_too(shown: Shown) -> None:
    with shown(scenes.every_status()) as page:
        for name, look in LOOKS.items():
            assert job(page, name).locator(".mark").text_content() == look.mark
            assert job(page, name).get_attribute("data-outline") == look.outline
            assert job(page, name).get_attribute("aria-label").startswith(f"{name}, {name}, ")
        assert page.locator("#legend .chip").all_text_contents() == [
            f"{look.mark} {name} 1" for name, look in LOOKS.items()
        ]


def test_hovering_lights_what_a_job_needs_and_what_needs_it(shown: Shown) -> None:
    with shown(release()) as page:
        job(page, "PR_104719").hover()
        until(page, DIMMED)
        assert page.evaluate(LIT) == ["PR_104699", "PR_104719", "PR_104740", "backup", "lock_users", "unlock_users"]
        plain = "getComputedStyle(document.querySelector('.edges.%s')).stroke"
        assert page.evaluate(plain % "plain") != page.evaluate(plain % "lit")
        frame = "(name) => getComputedStyle(shapes[numberOf.get(name)].querySelector('.frame')).fill"
        assert page.evaluate(frame, "PR_105001") != page.evaluate(frame, "backup")
        page.locator("h1").hover()
        until(page, f"!{DIMMED}")
        assert page.evaluate(LIT) == []


def test_a_click_tells_all_that_is_known(shown: Shown) -> None:
    known = {
        "description": "what it does", "command": "run --fast", "tags": ["a tag"], "env": ["A_NAME"],
        "checks": ["after: check_log"], "waits": ["file_present"], "timeout": 90, "retries": 3, "typical": 75,
        "start": 3600, "slack": 0.25, "started": "2026-11-19T02:00:12.031+00:00", "duration": 12.34, "attempts": 2,
        "reason": "exit code 7", "log": "logs/it.log", "tail": "a last line",
    }  # fmt: skip
    assert known.keys() == DETAILS.keys()
    boxes = [
        Box("first", "first", [], 0),
        Box("it", "it", [], 1, "failed", True, (), known),
        Box("last", "last", [], 2),
    ]
    with shown(Picture("p", boxes, [Arrow(0, 1), Arrow(1, 2)])) as page:
        job(page, "it").click()
        panel = page.locator("#panel")
        text = panel.inner_text()
        for said in (
            "what it does", "run --fast", "a tag", "A_NAME", "after: check_log", "file_present", "1 min 30 s", "3",
            "1 min 15 s", "1 h", "250 ms", "2026-11-19 02:00:12+00:00", "12.3 s", "2 attempts", "exit code 7",
            "logs/it.log",
            "a last line", "✗ failed", "critical path", "Depends on 1 job", "Needed by 1 job",
        ):  # fmt: skip
            assert said in text, said
        panel.locator(".link", has_text="last").click()
        assert panel.locator("h2").text_content() == "last"
        page.keyboard.press("Escape")
        assert panel.is_hidden()


def test_a_job_of_which_nothing_is_known_can_be_opened(shown: Shown) -> None:
    with shown(Picture("p", [Box("it", "it", [], 0)], [])) as page:
        job(page, "it").click()
        assert page.locator("#panel h2").text_content() == "it"
        assert page.locator("#panel h3").count() == 0


def test_search_counts_marks_and_goes_from_one_to_the_next(shown: Shown) -> None:
    with shown(release(ended=True)) as page:
        page.keyboard.press("/")
        page.keyboard.type("pr_1050")
        found = page.locator("#found")
        assert found.text_content() == "2"
        assert page.locator(".job.match").count() == 2
        said = []
        for key in ("Enter", "Enter", "Enter", "Shift+Enter"):
            page.keyboard.press(key)
            here = page.locator(".job.here").get_attribute("aria-label")
            said.append((found.text_content(), here.split(",")[0]))
        assert said == [
            ("1 of 2", "PR_105001"),
            ("2 of 2", "PR_105002"),
            ("1 of 2", "PR_105001"),
            ("2 of 2", "PR_105002"),
        ]
        page.keyboard.press("ArrowDown")
        assert page.evaluate("jobs[document.activeElement.dataset.number].id") == "PR_105002"
        page.locator("#search").fill("nothing of the kind")
        assert (found.text_content(), page.locator(".match").count()) == ("none", 0)
        page.locator("#search").press("Escape")
        assert (found.text_content(), page.locator("#search").input_value()) == ("", "")


@pytest.mark.parametrize("wanted", ["Rename the archive", "drop table", "safety"])
def test_search_finds_by_description_command_and_tag(shown: Shown, wanted: str) -> None:
    with shown(release()) as page:
        page.locator("#search").fill(wanted)
        assert page.locator(".job.match").count() == {"safety": 3}.get(wanted, 1)


def test_a_status_of_the_legend_finds_its_jobs_and_no_others(shown: Shown) -> None:
    boxes = [Box("on_failed", "on_failed", [], 0, "success"), Box("it", "it", [], 0, "failed")]
    with shown(Picture("p", boxes, [])) as page:
        page.locator("#legend [data-status=failed]").click()
        assert page.locator(".job.match").get_attribute("aria-label").startswith("it, ")
        page.locator("#legend [data-status=failed]").click()
        assert page.locator(".job.match").count() == 0


def test_all_can_be_reached_by_keyboard(shown: Shown) -> None:
    focused = "(jobs[document.activeElement.dataset.number] || document.activeElement).id"
    with shown(release()) as page:
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate(focused) == "backup":
                break
        way = []
        for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp", "ArrowUp", "ArrowUp"):
            page.keyboard.press(key)
            way.append(page.evaluate(focused))
        assert way[0] == "lock_users"
        assert {way[1], way[2]} < {"PR_104699", "PR_104739", "PR_105001"}
        assert way[3:] == ["lock_users", "backup", "backup"]
        assert len(page.evaluate(LIT)) == 9
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.textContent") == "backup"
        page.keyboard.press("Escape")
        assert page.evaluate(focused) == "backup"
        assert page.locator("#panel").is_hidden()


def test_what_is_focused_is_seen(shown: Shown) -> None:
    with shown(scenes.of_random(200, 300)) as page:
        page.locator(".job").first.focus()
        page.keyboard.press("ArrowDown")
        until(page, RESTED)
        number = page.evaluate("Number(document.activeElement.dataset.number)")
        box = page.locator(f".job[data-number='{number}'] .frame").bounding_box()
        view = page.locator("#view").bounding_box()
        assert view["x"] <= box["x"]
        assert box["x"] + box["width"] <= view["x"] + view["width"]
        assert view["y"] <= box["y"]
        assert box["y"] + box["height"] <= view["y"] + view["height"]
        assert box["height"] > 20
        width = "getComputedStyle(document.activeElement.querySelector('.frame')).strokeWidth"
        assert page.evaluate(width) == "3.5px"


def test_wheel_keys_and_buttons_zoom_and_a_drag_pans(shown: Shown) -> None:
    sight = "({...sight})"
    with shown(release()) as page:
        begun = page.evaluate(sight)
        page.mouse.move(300, 300)
        page.mouse.wheel(0, -200)
        until(page, f"sight.scale > {begun['scale']}")
        page.keyboard.press("0")
        until(page, f"sight.scale === {begun['scale']}")
        page.locator("#in").click()
        until(page, f"sight.scale > {begun['scale'] * 1.3}")
        page.locator("#fit").click()
        until(page, f"sight.scale === {begun['scale']}")
        page.keyboard.press("ArrowRight")
        until(page, f"sight.x === {begun['x']} - 80")
        page.mouse.move(100, 200)
        page.mouse.down()
        page.mouse.move(160, 240, steps=4)
        page.mouse.up()
        assert page.evaluate(sight)["y"] == pytest.approx(begun["y"] + 40)
        assert page.locator("#panel").is_hidden()


def test_two_fingers_pinch(shown: Shown) -> None:
    with shown(release()) as page:
        begun = page.evaluate("sight.scale")
        touch = page.context.new_cdp_session(page)
        for kind, points in (
            ("touchStart", [(300, 300)]),
            ("touchStart", [(300, 300), (400, 300)]),
            ("touchMove", [(280, 300), (430, 300)]),
            ("touchMove", [(250, 300), (500, 300)]),
            ("touchEnd", []),
        ):
            fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
        until(page, f"sight.scale > {begun * 1.8} && sight.scale < {begun * 3}")
        assert page.evaluate("pointers.size") == 0


def test_a_drag_that_begins_on_a_job_opens_nothing(shown: Shown) -> None:
    with shown(release()) as page:
        job(page, "lock_users").hover()
        page.mouse.down()
        page.mouse.move(200, 200, steps=4)
        page.mouse.up()
        assert page.locator("#panel").is_hidden()


def test_switches_are_there_for_what_the_picture_has(shown: Shown) -> None:
    names = "[...document.querySelectorAll('[data-switch]')].map((button) => button.dataset.switch)"
    with shown(Picture("p", [Box("it", "it", [], 0)], [])) as page:
        assert page.evaluate(names) == []
        assert page.locator("#legend").count() == 0
    with shown(release(ended=True, levels=True)) as page:
        assert page.evaluate(names) == ["critical", "status", "levels"]
        for name, element in (("critical", ".edges.critical"), ("status", ".mark"), ("levels", ".bands")):
            button, part = page.locator(f"[data-switch={name}]"), page.locator(element).first
            hidden = "(part) => getComputedStyle(part).display === 'none'"
            assert not part.evaluate(hidden)
            button.click()
            assert button.get_attribute("aria-pressed") == "false"
            assert part.evaluate(hidden)
            button.click()
            assert not part.evaluate(hidden)


def test_bands_say_how_many_jobs_may_run_at_the_same_time(shown: Shown) -> None:
    for direction in ("TB", "LR"):
        with shown(release(levels=True, direction=direction)) as page:
            said = page.locator(".bands text").all_text_contents()
            assert said == [
                "Level 01 job",
                "Level 11 job",
                "Level 23 jobs",
                "Level 32 jobs",
                "Level 41 job",
                "Level 51 job",
            ]


def test_the_critical_path_is_thicker(shown: Shown) -> None:
    width = "(name) => parseFloat(getComputedStyle(document.querySelector('.edges.' + name)).strokeWidth)"
    with shown(release()) as page:
        assert page.evaluate(width, "critical") > page.evaluate(width, "plain")
        assert page.locator(".halo").count() == page.locator(".job.critical").count() == 6


def test_the_address_names_the_job_and_a_link_opens_on_it(shown: Shown) -> None:
    heading = "document.querySelector('#panel h2')?.textContent"
    with shown(release()) as page:
        job(page, "PR_104739").click()
        assert page.evaluate("location.hash") == "#job=PR_104739"
        page.evaluate("location.hash = '#job=backup'")
        until(page, f"{heading} === 'backup'")
        page.reload()
        until(page, f"{heading} === 'backup'")
        page.keyboard.press("Escape")
        assert page.evaluate("location.hash") == ""
        page.evaluate("location.hash = '#job=of%another'")
        page.evaluate("location.hash = '#elsewhere'")
        assert page.locator("#panel").is_hidden()


@pytest.mark.parametrize("number", range(len(scenes.HOSTILE)))
def test_hostile_text_is_shown_and_not_run(shown: Shown, number: int) -> None:
    with shown(scenes.hostile()) as page:
        page.evaluate("(number) => show(number, {centred: true})", number)
        until(page, RESTED)
        expected = page.evaluate("(number) => plain(jobs[number].id)", number)
        assert page.locator("#panel h2").text_content() == expected
        assert page.locator("#panel pre").first.text_content() == expected
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", expected)
        shape = page.locator(f".job[data-number='{number}']")
        frame = shape.locator(".frame").bounding_box()
        for text in shape.locator("text").all():
            box = text.bounding_box()
            assert box["x"] >= frame["x"] - 1
            assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 1
        shape.locator(".frame").hover()
        until(page, DIMMED)
        assert page.evaluate("(number) => shapes[number].querySelector('title').textContent", number).startswith(
            expected
        )
        assert page.locator("img, iframe, body script ~ script ~ script").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        address = page.evaluate("location.hash")
        page.keyboard.press("Escape")
        page.evaluate("(address) => { location.hash = address; }", address)
        if "\ud800" not in scenes.HOSTILE[number]:  # half a letter has no address
            until(page, f"open === {number}")


def test_the_hostile_texts_are_data_as_they_are() -> None:
    text = graph_page(scenes.hostile())
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)[1])  # type: ignore[index]
    assert [job["id"] for job in data["jobs"]] == scenes.HOSTILE
    assert text.count("</script>") == 2


@pytest.mark.parametrize("direction", ["TB", "LR", "BT", "RL"])
def test_arrowheads_touch_the_boxes_they_point_to(shown: Shown, direction: str) -> None:
    with shown(release(direction=direction)) as page:
        tips = page.evaluate(
            "edges.map((edge) => [edge[1], ...head(edge).match(/M(-?[\\d.]+) (-?[\\d.]+)/).slice(1).map(Number)])"
        )
        for number, x, y in tips:
            left, top, width, height = page.evaluate(f"boxes[{number}]")
            side = {"TB": y - top, "BT": top + height - y, "LR": x - left, "RL": left + width - x}[direction]
            assert abs(side) <= 1
            assert left - 1 <= x <= left + width + 1
            assert top - 1 <= y <= top + height + 1


def test_cycles_merged_arrows_and_collapsed_jobs_are_drawn(shown: Shown) -> None:
    with shown(scenes.strange()) as page:
        assert page.locator("#count").text_content() == "18 jobs in 7 boxes, 6 arrows"
        assert page.locator(".edges.turned path").count() == 2
        assert page.locator(".counts text").all_text_contents() == ["×12", "×3"]
        assert job(page, "load_*").locator(".behind").count() == 1
        job(page, "load_*").click()
        assert page.locator("#panel .links").first.locator("li").all_text_contents() == [f"load_{n}" for n in range(12)]
        job(page, "odd").click()
        assert "bewitched" in page.locator("#panel").inner_text()
        job(page, "b").hover()
        until(page, DIMMED)
        assert page.evaluate(LIT) == ["a", "b", "c", "load_*", "odd"]


def test_nothing_to_draw_is_no_error(shown: Shown) -> None:
    with shown(Picture("nothing", [], [], note="No job is left.")) as page:
        assert page.locator("#count").text_content() == "0 jobs, 0 arrows"
        assert page.locator("#notes").text_content() == "No job is left."


@pytest.mark.parametrize("dark", [False, True])
def test_it_is_light_or_dark(shown: Shown, dark: bool) -> None:
    ground = ["rgb(246, 247, 249)", "rgb(20, 23, 26)"]
    with shown(release(ended=True), dark=dark) as page:
        assert page.evaluate("getComputedStyle(view).backgroundColor") == ground[dark]
        page.locator("#theme").click()
        assert page.evaluate("getComputedStyle(view).backgroundColor") == ground[not dark]


def test_a_narrow_window_keeps_everything_in_reach(shown: Shown) -> None:
    with shown(release(ended=True), width=380, height=700) as page:
        job(page, "backup").click()
        for part in ("#panel .close", "#search", "#fit", "[data-switch=critical]", "#theme"):
            box = page.locator(part).bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 380
            assert box["y"] + box["height"] <= 700
        assert page.locator("#view").bounding_box()["height"] > 150


def test_nothing_glides_for_who_wants_no_motion(shown: Shown) -> None:
    with shown(release()) as page:
        page.emulate_media(reduced_motion="reduce")
        assert (
            page.evaluate(
                "(() => { const before = sight.scale; zoom(1.4, 10, 10, true); return sight.scale / before; })()"
            )
            > 1.39
        )


def test_what_is_printed_is_the_whole_graph_with_its_names(shown: Shown) -> None:
    with shown(scenes.of_random(300, 450)) as page:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        assert page.locator(".job .title").count() == 300
        assert page.evaluate("getComputedStyle(drawing).transform") == "none"
        assert page.locator("#panel").is_hidden()
        assert page.locator("#search").is_hidden()
        assert len(re.findall(rb"/Type /Page\n", page.pdf(landscape=True))) == 1


@pytest.mark.parametrize("path", place.documents("wfinstances"))
def test_recorded_executions_are_drawn(shown: Shown, path: Path) -> None:
    picture = scenes.of_recording(path, ended=True)
    with shown(picture) as page:
        assert page.locator(".job").count() == len(picture.boxes)
        page.evaluate("show(jobs.length - 1)")
        assert page.locator("#panel h2").text_content() == picture.boxes[-1].id


@pytest.mark.parametrize("jobs", [FLUENT, FLUENT + 1])
def test_many_jobs_load_and_answer_and_say_what_is_left_out(shown: Shown, jobs: int) -> None:
    with shown(scenes.of_random(jobs, 3 * jobs, ended=True)) as page:
        assert page.locator(".job").count() == jobs
        left_out = jobs > FLUENT
        note = page.locator("#notes").text_content()
        assert ("More than 2,000 jobs" in note) == left_out
        assert page.locator("#map svg").count() == (not left_out)
        assert page.locator(".title").count() == 0
        page.locator("#search").fill(f"job_{jobs - 1:05}")
        page.keyboard.press("Enter")
        until(page, RESTED)
        until(page, "document.querySelectorAll('.title').length > 0")
        assert page.locator(".title").count() < jobs
        page.locator(".job.here .frame").click()
        assert page.locator("#panel h2").text_content() == f"job_{jobs - 1:05}"
        until(page, DIMMED)
