"""`make screenshots`: start the portal with its demo world and take the pictures of README.md."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402  # after the path is set

from stemportal.testing.chromium import FLAGS, find_or_explain  # noqa: E402
from stemportal.testing.portal import Portal  # noqa: E402

PICTURES = {"front.png": "/", "activity.png": "/activities/1/"}
TARGET = ROOT / "docs" / "screenshots"


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="portal-pictures-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_or_explain(), args=FLAGS)
        with Portal(Path(folder) / "var") as portal:
            page = browser.new_page(viewport={"width": 1280, "height": 960}, locale="nb-NO")
            for name, path in PICTURES.items():
                page.goto(portal.base_url + path)
                page.screenshot(path=TARGET / name)
                print(TARGET / name)
        browser.close()


if __name__ == "__main__":
    main()
