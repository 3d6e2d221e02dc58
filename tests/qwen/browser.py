"""A headless Chromium that shows a page, and is asked and pressed by short words."""

from __future__ import annotations

import os
import shutil
from base64 import b64decode
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import JsonValue
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service as Driver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.qwen.lab import Json

MISSING = (
    "the page is tested in Chromium: apt-get install chromium chromium-driver "
    "(make quick leaves these tests out)"
)
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)
LONG = 20.0


@dataclass(slots=True)
class Browser:
    """A browser that shows the page."""

    chrome: Chrome

    def at(self, name: str) -> WebElement:
        """The element of an id."""
        return self.chrome.find_element(By.ID, name)

    def all(self, selector: str) -> list[WebElement]:
        return self.chrome.find_elements(By.CSS_SELECTOR, selector)

    def press(self, name: str) -> None:
        self.at(name).click()

    def text(self, name: str) -> str:
        return self.at(name).text

    def shows(self, name: str) -> bool:
        return self.at(name).is_displayed()

    def write(self, name: str, text: str) -> None:
        field = self.at(name)
        field.clear()
        field.send_keys(text)

    def slide(self, name: str, value: float) -> None:
        """Set a slider as a hand would, with its event."""
        self.run(
            "arguments[0].value = arguments[1];"
            "arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
            self.at(name),
            value,
        )

    def run(self, script: str, *arguments: object) -> object:
        found: object = self.chrome.execute_script(script, *arguments)  # pyright: ignore[reportUnknownMemberType]: half typed in selenium
        return found

    def until(self, is_so: Callable[[], object], what: str) -> None:
        # What was found may be drawn anew just then; it is looked for again.
        stale = [StaleElementReferenceException]
        WebDriverWait(self.chrome, LONG, 0.02, stale).until(lambda _: is_so(), what)

    def until_shown(self, name: str) -> None:
        self.until(lambda: self.shows(name), f"{name} is shown")

    def resize(self, width: int, height: int) -> None:
        """The page's own size, whatever the window adds to it."""
        self._tell(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def prefer(self, scheme: str) -> None:
        """Light or dark."""
        feature: Json = {"name": "prefers-color-scheme", "value": scheme}
        self._tell("Emulation.setEmulatedMedia", {"features": [feature]})

    def picture(self, file: Path) -> None:
        """Save what the whole page looks like."""
        shot = self._tell("Page.captureScreenshot", {"captureBeyondViewport": True})
        assert isinstance(shot, dict)
        file.write_bytes(b64decode(str(shot["data"])))

    def _tell(self, command: str, details: Json) -> JsonValue:
        """Say something that only Chromium understands."""
        told: JsonValue = self.chrome.execute_cdp_cmd(command, details)  # pyright: ignore[reportUnknownMemberType]: half typed in selenium
        return told


@contextmanager
def browser(folder: Path, language: str = "en-US") -> Generator[Browser]:
    """A browser with a fresh profile; a missing one fails with what to install."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.fail(MISSING)
    options = ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={folder}", f"--lang={language}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"intl.accept_languages": language})  # pyright: ignore[reportUnknownMemberType]: half typed in selenium
    environment = {**os.environ, "no_proxy": "127.0.0.1,localhost"}
    chrome = Chrome(options, Driver(driver, env=environment))
    try:
        yield Browser(chrome)
    finally:
        chrome.quit()
