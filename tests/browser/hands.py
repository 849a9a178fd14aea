"""Two ways to work a page: with a pointer or a finger, and by keyboard alone, where every stop is looked at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any

from playwright.sync_api import Locator, Page, expect

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
MOST_STOPS = 200
MOST_OPTIONS = 700  # so many time zones there are

LOOK = """target => {
  const at = document.activeElement;
  const isBefore = target.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING;
  const found = { where: at === target ? "there" : isBefore ? "before" : "after", inEditor: at.isContentEditable };
  if (at === document.body || at.tabIndex < 0) return { ...found, faults: [] };
  const faults = [];
  const box = at.getBoundingClientRect();
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  if (left >= right || top >= bottom) faults.push("out of sight");
  else {
    const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (seen && !at.contains(seen) && !seen.contains(at)) faults.push(`behind ${seen.outerHTML.slice(0, 80)}`);
  }
  let [around, isMarked] = [at, false];
  for (let level = 0; around && level < 4 && !isMarked; level += 1, around = around.parentElement) {
    isMarked = getComputedStyle(around).outlineStyle !== "none";
  }
  if (!isMarked) faults.push("not marked");
  return { ...found, faults: faults.map(fault => `${fault}: ${at.outerHTML.slice(0, 120)}`) };
}"""
"""Whether the focus is on the target, or before or after it; and what is wrong with the stop where it is."""
CHOSEN = "field => field.selectedOptions[0].label"


class Hands(ABC):
    """What people do on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @abstractmethod
    def press(self, target: Locator) -> None:
        """A link, a button, or what opens a part of the page."""

    @abstractmethod
    def write(self, field: Locator, text: str) -> None:
        """In place of what stands there."""

    @abstractmethod
    def write_at_end(self, editor: Locator, text: str) -> None:
        """Behind what stands there."""

    @abstractmethod
    def choose(self, field: Locator, words: str) -> None:
        """One of the options of a list."""

    @abstractmethod
    def tick(self, field: Locator) -> None:
        """A box, or one of several circles."""

    @abstractmethod
    def set_moment(self, field: Locator, moment: str) -> None:
        """A date and a time, in ISO's form."""

    @abstractmethod
    def approach(self, target: Locator) -> None:
        """Everything but the press."""

    def follow(self, target: Locator) -> None:
        """Press what leads to another page, and wait for it."""
        self.approach(target)
        with self.page.expect_navigation():
            self.press(target)
        self.page.wait_for_load_state()

    def link(self, name: str) -> None:
        """Follow the first link of this name in the page's content."""
        self.follow(self.page.get_by_role("main").get_by_role("link", name=name).first)

    def button(self, name: str) -> None:
        """Press the last button of exactly this name, which leads on."""
        self.follow(self.page.get_by_role("button", name=name, exact=True).last)


class Pointer(Hands):
    """A mouse or a finger, and a keyboard for what is typed."""

    def approach(self, target: Locator) -> None:
        target.scroll_into_view_if_needed()

    def press(self, target: Locator) -> None:
        target.click()

    def write(self, field: Locator, text: str) -> None:
        field.fill(text)

    def write_at_end(self, editor: Locator, text: str) -> None:
        editor.click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)

    def choose(self, field: Locator, words: str) -> None:
        field.select_option(label=words)

    def tick(self, field: Locator) -> None:
        field.check()

    def set_moment(self, field: Locator, moment: str) -> None:
        field.fill(moment)


class Keyboard(Hands):
    """Tab and Shift+Tab, Enter, the space bar, the arrows, and letters. Each stop is marked and in sight."""

    def reach(self, target: Locator) -> None:
        """Walk to it from where the focus is; at the head of a page the first link skips to its content."""
        expect(target).to_be_visible()
        if self.page.evaluate("document.activeElement === document.body"):
            self.page.keyboard.press("Tab")
            if target.evaluate("target => document.activeElement.matches('.skip') && target.closest('main') !== null"):
                self.page.keyboard.press("Enter")
                expect(self.page.get_by_role("main")).to_be_focused()
        for _ in range(MOST_STOPS):
            seen = target.evaluate(LOOK)
            assert seen["faults"] == []
            if seen["where"] == "there":
                return
            if seen["inEditor"]:
                self.page.keyboard.press("Escape")  # as the hint below it says
            self.page.keyboard.press("Shift+Tab" if seen["where"] == "before" else "Tab")
        raise AssertionError(f"cannot be reached: {target}")

    def approach(self, target: Locator) -> None:
        self.reach(target)  # the link that skips to the content is a navigation, too

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        self.reach(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)
        expect(field).to_have_value(text)

    def write_at_end(self, editor: Locator, text: str) -> None:
        self.reach(editor)
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)

    def choose(self, field: Locator, words: str) -> None:
        self.reach(field)
        # This finds it, unless another one begins so or the letters come slowly.
        self.page.keyboard.type(words.split(maxsplit=1)[0])
        if field.evaluate(CHOSEN) == words:
            return
        self.page.keyboard.press("Home")
        for _ in range(MOST_OPTIONS):
            if field.evaluate(CHOSEN) == words:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no option {words}")

    def tick(self, field: Locator) -> None:
        if field.get_attribute("type") == "checkbox":
            self.reach(field)
            self.page.keyboard.press("Space")
        else:
            self._turn_to(field)
        expect(field).to_be_checked()

    def _turn_to(self, circle: Locator) -> None:
        """Of several circles the Tab key stops at one only, and the arrows turn to the others."""
        group = self.page.locator(f'[type=radio][name="{circle.get_attribute("name")}"]')
        chosen = group.and_(self.page.locator(":checked"))
        self.reach(chosen if chosen.count() else group.first)
        if not chosen.count():
            self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if circle.is_checked():
                return
            self.page.keyboard.press("ArrowDown")

    def set_moment(self, field: Locator, moment: str) -> None:
        """As the field of an English browser takes it: month, day, year, and the hours of half a day."""
        at = datetime.fromisoformat(moment)
        self.reach(field)
        self.page.keyboard.type(at.strftime("%m%d%Y"))
        self.page.keyboard.press("ArrowRight")  # a year may have more digits
        self.page.keyboard.type(at.strftime("%I%M%p"))
        expect(field).to_have_value(moment)
