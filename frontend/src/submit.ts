// A form goes out once: the second click of a double click is swallowed.
// The server keeps the same promise by the idempotency key; this only saves the trip.

export function startSubmits(page: Document): void {
  for (const form of page.querySelectorAll<HTMLFormElement>("form[data-once]")) {
    let sent = false;
    form.addEventListener("submit", (event) => {
      if (sent) event.preventDefault();
      sent = true;
      for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
    });
    // A page that comes back from the browser's cache can be sent again.
    window.addEventListener("pageshow", () => {
      sent = false;
      for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
    });
  }
  // Within a search that stands in a larger form, Enter searches.
  for (const search of page.querySelectorAll<HTMLElement>("fieldset[data-enter]")) {
    search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
      event.preventDefault();
      search.querySelector<HTMLButtonElement>("button")?.click();
    });
  }
  for (const form of page.querySelectorAll<HTMLFormElement>("form[data-continue]")) form.requestSubmit();
}
