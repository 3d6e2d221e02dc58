"""The page in a headless Chromium: what a person sees, presses and is told."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Keys

from imageway.qwen.sizes import NATIVE
from tests.qwen.browser import Browser, browser
from tests.qwen.lab import Lab, served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

# Long enough that the wait of somebody in line can be seen.
UNHURRIED = 1.7


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def it() -> Iterator[Lab]:
    with served() as here:
        yield here


@pytest.fixture
def page(chromium: Browser, it: Lab) -> Iterator[Browser]:
    """The page in English, at a usual size; a test that leaves errors in the console fails."""
    open_page(chromium, it)
    yield chromium
    complaints = [entry["message"] for entry in chromium.chrome.get_log("browser")]  # type: ignore[no-untyped-call]  # untyped in selenium
    # Chromium writes every answer of 400 and above into the console.
    assert [each for each in complaints if "Failed to load resource" not in each] == []


def open_page(page: Browser, it: Lab, language: str = "en") -> None:
    page.resize(1280, 900)
    page.chrome.get(it.url)
    page.press(f"lang-{language}")
    page.until(lambda: page.text("model"), "the model is named")


def generate(page: Browser, prompt: str = "a red fox in snow") -> None:
    page.write("prompt", prompt)
    page.press("generate")


def seed_shown(page: Browser) -> int:
    return int(page.text("result-seed"))


def has_made(it: Lab, count: int) -> bool:
    return len(it.engine.tasks) == count


def counts(page: Browser, number: int) -> bool:
    return f"{number} of 5" in page.text("countdown")


def test_acceptance_15_a_picture_is_made_and_shown_with_how_it_was_made(
    page: Browser, it: Lab
) -> None:
    generate(page)
    page.until_shown("picture")
    task = it.engine.tasks[0]
    assert (task.prompt, task.steps, task.guidance) == ("a red fox in snow", 50, 4.0)
    assert task.negative_prompt.startswith("低分辨率")
    assert seed_shown(page) == task.seed
    assert page.run("return arguments[0].naturalWidth", page.at("picture")) == task.width
    name = str(page.at("download").get_attribute("download"))
    assert name.startswith(f"qwen-{task.seed}-req_")
    assert not page.shows("error")


def test_acceptance_15_the_wait_the_bar_and_the_preview_are_seen(chromium: Browser) -> None:
    with served(default_step_seconds=UNHURRIED) as it:
        open_page(chromium, it)
        first = it.engine.hold(0, "somebody else")
        second = it.engine.hold(25, "a red fox in snow")
        chromium.run(
            "return fetch('/api/generate', {method: 'POST', body: "
            "JSON.stringify({prompt: 'somebody else', async: true})})"
        )
        assert first.reached.wait(10)
        generate(chromium)
        chromium.until(lambda: chromium.text("waiting-big") == "1", "the place in line is shown")
        assert "about 1 min" in chromium.text("waiting-time")
        first.go.set()
        assert second.reached.wait(10)
        chromium.until(lambda: "Step 25 of 50" in chromium.text("bar"), "the steps are counted")
        chromium.until_shown("preview")
        assert chromium.run("return arguments[0].value", chromium.at("progress")) == 0.5
        assert not chromium.shows("picture")
        second.go.set()
        chromium.until_shown("picture")


def test_acceptance_15_what_runs_is_cancelled_and_the_engine_is_free(
    page: Browser, it: Lab
) -> None:
    hold = it.engine.hold(5)
    generate(page)
    assert hold.reached.wait(10)
    page.press("cancel")
    page.until(lambda: page.text("cancel") == "Cancelling…", "the wish to cancel is shown")
    hold.go.set()
    page.until_shown("empty")
    assert not page.shows("cancel")
    generate(page)
    page.until_shown("picture")


def test_acceptance_15_an_error_shows_what_may_help_and_its_number(page: Browser, it: Lab) -> None:
    it.engine.fails("nan", step=30)
    it.engine.fails("nan", step=30)
    page.slide("cfg", 9)
    generate(page)
    page.until_shown("error")
    assert page.text("error-message") == "The image could not be generated (4001)"
    assert page.text("error-list").splitlines() == [
        "reduce num_steps to 40",
        "try a different seed",
        "lower cfg_scale to 3.5-5",
    ]
    assert page.text("error-id").startswith("req_")
    page.press("retry")
    page.until_shown("picture")
    assert not page.shows("error")


def test_acceptance_15_everything_is_said_in_chinese_too(page: Browser, it: Lab) -> None:
    english = {each.text for each in page.all("[data-say]") if each.text}
    page.press("lang-zh")
    chinese = {each.text for each in page.all("[data-say]") if each.text}
    assert page.chrome.find_element("css selector", "html").get_attribute("lang") == "zh-CN"
    assert english.isdisjoint(chinese)
    assert [each for each in chinese if each.isascii()] == []
    page.press("generate")
    page.until_shown("error")
    assert page.text("error-message") == "提示词不能为空 (1001)"
    page.chrome.refresh()
    page.until(lambda: page.text("model"), "the page is back")
    assert page.text("generate").startswith("生成"), "the language is remembered"


def test_a_degraded_picture_says_what_was_changed(page: Browser, it: Lab) -> None:
    it.engine.fails("nan", step=30)
    generate(page)
    page.until_shown("picture")
    assert "40 instead of 50 steps" in page.text("degraded")


def has_seed(page: Browser, seed: int, same: bool) -> bool:
    return (seed_shown(page) == seed) is same


def test_the_same_seed_brings_the_same_picture_and_random_another(page: Browser, it: Lab) -> None:
    generate(page)
    page.until_shown("picture")
    first = seed_shown(page)
    for number, (button, same) in enumerate((("again", True), ("another", False)), 2):
        page.press(button)
        page.until(partial(has_made, it, number), "another is asked for")
        page.until_shown("picture")
        page.until(partial(has_seed, page, first, same), "the seed of the new picture")
        assert page.at("seed-keep").is_selected() is same


def test_a_seed_that_is_kept_is_sent(page: Browser, it: Lab) -> None:
    page.run("arguments[0].click()", page.at("seed-keep"))
    page.write("seed", "1234")
    generate(page)
    page.until_shown("picture")
    assert it.engine.tasks[0].seed == 1234


def test_every_control_reaches_the_service(page: Browser, it: Lab) -> None:
    page.run("arguments[0].click()", page.all("input[name=ratio]")[1])
    page.slide("steps", 33)
    page.slide("cfg", 2.5)
    page.press("clear")
    generate(page)
    page.until_shown("picture")
    task = it.engine.tasks[0]
    assert (task.steps, task.guidance, task.negative_prompt) == (33, 2.5, " ")
    assert (task.width, task.height) == it.service.settings.sizes["16:9"]


def test_seven_shapes_show_their_pixels(chromium: Browser) -> None:
    with served(sizes=NATIVE) as it:
        open_page(chromium, it)
        shown = [each.text.split() for each in chromium.all(".ratio")]
    assert shown == [[ratio, f"{width}×{height}"] for ratio, (width, height) in NATIVE.items()]


def test_too_long_a_prompt_is_counted_marked_and_never_cut(page: Browser, it: Lab) -> None:
    # The driver's keyboard has no emoji.
    page.run(
        "arguments[0].value = '🦊'.repeat(513);"
        "arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
        page.at("prompt"),
    )
    assert page.text("prompt-count") == "513/512"
    assert page.at("prompt").get_attribute("aria-invalid") == "true"
    page.press("generate")
    page.until_shown("error")
    assert "(1002)" in page.text("error-message")
    assert page.run("return document.activeElement.id") == "prompt"
    assert it.engine.tasks == []


def test_a_guidance_that_distorts_is_warned_of(page: Browser) -> None:
    page.slide("cfg", 7)
    assert "warn" not in str(page.at("cfg-hint").get_attribute("class"))
    page.slide("cfg", 7.5)
    assert "warn" in str(page.at("cfg-hint").get_attribute("class"))


def test_while_the_model_loads_it_counts_down_and_asks_again_by_itself(chromium: Browser) -> None:
    with served(opens=False) as it:
        it.service.loading.fraction = 0.999
        open_page(chromium, it)
        generate(chromium)
        chromium.until_shown("countdown")
        assert "(3001)" in chromium.text("error-message")
        assert "Trying again in" in chromium.text("countdown")
        assert "1 of 5" in chromium.text("countdown")
        it.engine.release()
        chromium.until_shown("picture")
        assert not chromium.shows("error")


def test_it_gives_up_after_five_tries(chromium: Browser) -> None:
    with served(queue_depth=0) as it:
        open_page(chromium, it)
        hold = it.engine.hold(1, "somebody else")
        chromium.run(
            "return fetch('/api/generate', {method: 'POST', body: "
            "JSON.stringify({prompt: 'somebody else', async: true})})"
        )
        assert hold.reached.wait(10)
        generate(chromium)
        for number in range(1, 6):
            chromium.until(partial(counts, chromium, number), "it counts")
            chromium.press("retry")
        chromium.until(lambda: "Gave up" in chromium.text("countdown"), "it gives up")
        hold.go.set()


def test_a_countdown_can_be_cancelled(chromium: Browser) -> None:
    with served(opens=False) as it:
        open_page(chromium, it)
        generate(chromium)
        chromium.until_shown("countdown")
        chromium.press("cancel")
        chromium.until_shown("empty")


def test_a_service_that_is_gone_is_said_to_be(chromium: Browser) -> None:
    with served() as it:
        open_page(chromium, it)
    generate(chromium)
    chromium.until_shown("error")
    assert chromium.text("error-message") == "The service cannot be reached"
    assert chromium.text("error-list")


def test_the_demo_says_so_all_the_time(page: Browser) -> None:
    assert "not by AI" in page.text("demo")
    generate(page)
    page.until_shown("picture")
    assert page.shows("demo")


def test_a_page_that_is_left_frees_the_engine(page: Browser, it: Lab) -> None:
    hold = it.engine.hold(5)
    generate(page)
    assert hold.reached.wait(10)
    turn = it.service.turn
    assert turn is not None
    page.chrome.get("about:blank")
    page.until(turn.job.stop.is_set, "the request is cancelled")
    hold.go.set()


def test_a_key_is_asked_for_and_then_used(chromium: Browser) -> None:
    with served(api_key="sesame") as it:
        chromium.resize(1280, 900)
        chromium.chrome.get(it.url)
        chromium.press("lang-en")
        generate(chromium)
        chromium.until_shown("error")
        assert "(1901)" in chromium.text("error-message")
        chromium.until_shown("key")
        chromium.write("key", "sesame")
        chromium.press("generate")
        chromium.until_shown("picture")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_cut_off_at_360_pixels(page: Browser, it: Lab, language: str) -> None:
    page.resize(360, 780)
    page.press(f"lang-{language}")
    it.engine.fails("nan", step=30)
    generate(page)
    page.until_shown("picture")
    assert page.run("return document.documentElement.scrollWidth") == 360
    too_wide = page.run(
        "return [...document.querySelectorAll('body *')].filter((each) => each.checkVisibility()"
        " && each.getBoundingClientRect().right > 360.5).map((each) => each.id || each.className)"
    )
    assert too_wide == []
    assert page.run("return arguments[0].getBoundingClientRect().top >= 0", page.at("stage"))


def test_all_of_it_works_by_keyboard(page: Browser, it: Lab) -> None:
    reached: list[str] = []
    page.run("document.body.focus()")
    keys = ActionChains(page.chrome)
    for _ in range(12):
        keys.send_keys(Keys.TAB).perform()
        focused = page.run("return document.activeElement.id || document.activeElement.name")
        reached.append(str(focused))
    # Where the hand was last.
    assert reached[:7] == [
        "lang-zh",
        "prompt",
        "preset",
        "clear",
        "negative",
        "ratio",
        "steps",
    ]
    assert {"cfg", "seed-random", "generate"} <= {*reached}
    page.at("prompt").send_keys("a red fox")
    page.all("input[name=ratio]")[0].send_keys(Keys.ARROW_RIGHT)
    page.at("steps").send_keys(Keys.ARROW_LEFT)
    page.at("prompt").send_keys(Keys.CONTROL, Keys.ENTER)
    page.until_shown("picture")
    task = it.engine.tasks[0]
    assert (task.steps, (task.width, task.height)) == (49, it.service.settings.sizes["16:9"])
    outline = page.run("return getComputedStyle(arguments[0]).outlineStyle", page.at("prompt"))
    assert outline == "solid", "where the keyboard is can be seen"


def test_a_screen_reader_is_told_what_happens(page: Browser, it: Lab) -> None:
    hold = it.engine.hold(5)
    generate(page)
    assert hold.reached.wait(10)
    page.until(
        lambda: (
            page.run("return arguments[0].textContent", page.at("heard"))
            == "The picture is being made"
        ),
        "it is said that work has begun",
    )
    hold.go.set()
    page.until_shown("picture")
    assert page.at("picture").get_attribute("alt") == "Picture: a red fox in snow"
    unnamed = page.run(
        "return [...document.querySelectorAll('input, textarea, button, progress')].filter("
        "(each) => !each.labels?.length && !each.getAttribute('aria-label') && "
        "!each.getAttribute('aria-labelledby') && !each.textContent.trim())"
        ".map((each) => each.id)"
    )
    assert unnamed == []


def test_a_missing_browser_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"), browser(tmp_path):
        pass


def test_the_sliders_of_a_model_of_few_steps_have_its_range(chromium: Browser) -> None:
    with served(profile="lightning") as it:
        open_page(chromium, it)
        found = [
            [chromium.at(name).get_attribute(each) for each in ("min", "max", "value")]
            for name in ("steps", "cfg")
        ]
        assert found == [["4", "8", "4"], ["1", "1", "1"]]
