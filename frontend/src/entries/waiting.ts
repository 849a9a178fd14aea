// Pages on which something is being worked out look again by themselves, unless a form is open on them.
// What had the focus has it again, and the end is said.

import { announce } from "../elements";

const PAUSE = 2000;
const KEPT = "waiting";
const STOPS = "a[href], button, input:not([type=hidden]), select, textarea, summary, .flashes [tabindex]";

function nameOf(stop: Element | null): string {
  return stop ? `${stop.tagName} ${stop.id} ${stop.textContent?.replace(/\s+/g, " ").trim() ?? ""}` : "";
}

function lookAgain(): void {
  if (document.querySelector("details[open]") || document.hidden) {
    window.setTimeout(lookAgain, PAUSE);
    return;
  }
  const focused = document.activeElement?.matches(STOPS) ? nameOf(document.activeElement) : "";
  sessionStorage.setItem(KEPT, JSON.stringify({ page: window.location.pathname, focused }));
  window.location.reload();
}

/** What the page said of itself when it looked again, if it is the one that did. */
function kept(): string | null {
  const text = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  const { page, focused } = JSON.parse(text ?? "{}") as { page?: string; focused?: string };
  return page === window.location.pathname ? (focused ?? "") : null;
}

const isWaiting = document.querySelector("[data-waiting]") !== null;
const focused = kept();
if (focused !== null) {
  const same = [...document.querySelectorAll<HTMLElement>(STOPS)].find((stop) => nameOf(stop) === focused);
  same?.focus({ preventScroll: true });
  const said = [...document.querySelectorAll("h1, .head .badge")].map((one) => one.textContent?.trim());
  if (!isWaiting) window.setTimeout(() => announce(said.join(": ")));
}
if (isWaiting) window.setTimeout(lookAgain, PAUSE);
