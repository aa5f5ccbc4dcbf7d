"""A person in front of the portal: opens pages, fills in forms, reads mail, looks at each page for accessibility."""

from __future__ import annotations

import re
import time
from urllib.parse import urljoin

from playwright.sync_api import BrowserContext, Locator, Page, expect

from stemportal.testing.portal import Portal
from tests.browser.eyes import complaints

PASSWORD = "stemportal-demo"


class Visitor:
    """One browser with one person. ``look`` checks the page that is open, in both colour schemes."""

    def __init__(self, portal: Portal, context: BrowserContext, *, javascript: bool = True) -> None:
        self.portal = portal
        self.javascript = javascript
        self.page: Page = context.new_page()
        self.loads = 0
        self.problems: list[str] = []
        self.page.on("console", lambda message: self._heard(message.type, message.text))
        self.page.on("response", lambda response: self._answered(response.status, response.url))
        self.page.on("load", lambda _page: self._count())

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:
            self.problems.append(text)

    def _answered(self, status: int, url: str) -> None:
        if status >= 500:
            self.problems.append(f"{status} {url}")

    def _count(self) -> None:
        self.loads += 1

    def open(self, path: str) -> Visitor:
        self.page.goto(self.portal.base_url + path)
        return self.look()

    def look(self) -> Visitor:
        """Run axe on the open page in both colour schemes; zero violations, and nothing complained in the console."""
        if self.javascript:
            words = complaints(self.page)
            assert not words, "\n".join(words)
        assert not self.problems, f"{self.page.url}: {self.problems}"
        return self

    def click(self, name: str, *, role: str = "button", exact: bool = False, within: str = "main") -> Visitor:
        """Click the first button or link with this name inside the main part of the page."""
        self.page.locator(within).get_by_role(role, name=name, exact=exact).first.click()  # type: ignore[arg-type]
        self.page.wait_for_load_state()
        return self

    def fill(self, **fields: str) -> Visitor:
        """Fill in fields by their names."""
        for name, value in fields.items():
            self.field(name).fill(value)
        return self

    def field(self, name: str) -> Locator:
        return self.page.locator(f"main [name='{name}']").first

    def sees(self, text: str | re.Pattern[str]) -> Visitor:
        expect(self.page.locator("main")).to_contain_text(text)
        return self

    def log_in(self, email: str, password: str = PASSWORD) -> Visitor:
        """Log in with a password through the portal's own login, without the browser that shows its form.

        The session is this visitor's own, and the page that opens is the one that the form leads to.
        """
        login, request = self.portal.base_url + "/en/account/login/", self.page.context.request
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', request.get(login).text())
        assert token, "the login page has no form"
        form = {"csrfmiddlewaretoken": token.group(1), "login": email, "password": password}
        answer = request.post(login, form=form, max_redirects=0)  # type: ignore[arg-type]
        assert answer.status == 302, answer.text()
        self.page.goto(urljoin(login, answer.headers["location"]))
        return self._is_in()

    def log_in_by_form(self, email: str, password: str = PASSWORD) -> Visitor:
        """Log in with a password, as a person with one would."""
        self.open("/en/account/login/")
        if not self.page.locator("main [name='password']").first.is_visible():
            self.page.locator("main details summary").first.click()
        form = self.page.locator("main form:has([name='password'])")
        form.locator("[name='login']").fill(email)
        form.locator("[name='password']").fill(password)
        form.get_by_role("button").last.click()
        self.page.wait_for_load_state()
        return self._is_in()

    def _is_in(self) -> Visitor:
        assert "/login" not in self.page.url, self.page.locator("main").inner_text()
        return self

    def log_in_with_code(self, email: str) -> Visitor:
        """Log in with a mailed code."""
        before = len(self.portal.read_mails(email))
        self.open("/en/account/login/code/")
        self.field("email").fill(email)
        self.page.locator("main form:has([name='email']) button").first.click()
        self.page.wait_for_load_state()
        return self.type_code(email, after=before)

    def type_code(self, email: str, *, after: int) -> Visitor:
        """Type the code of the newest mail into the page that waits for it."""
        mail = self.portal.wait_for_mail(email, count=after + 1)
        code = re.search(r": ([A-Z0-9]{3,}-?[A-Z0-9]+)$", str(mail["Subject"]))
        assert code, mail["Subject"]
        self.look()
        self.field("code").fill(code.group(1))
        self.page.locator("main form:has([name='code']) button").first.click()
        self.page.wait_for_load_state()
        return self

    def wait_for_mail(self, email: str, subject: str, *, seconds: float = 30):  # type: ignore[no-untyped-def]
        """Return the newest mail to the address whose subject has these words."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = [mail for mail in self.portal.read_mails(email) if subject in str(mail["Subject"])]
            if found:
                return found[-1]
            time.sleep(0.2)
        raise AssertionError(f"no mail with {subject!r}: {[str(m['Subject']) for m in self.portal.read_mails(email)]}")
