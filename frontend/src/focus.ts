// A page that answers a form says so at its head; whoever uses the keyboard or hears the page goes on from there,
// not from the top: at the first field at fault, else at the message.

export function startFocus(page: Document): void {
  const isTaken = page.querySelector("[autofocus], :target") || page.activeElement !== page.body;
  const [entry] = performance.getEntriesByType("navigation");
  if (isTaken || (entry as PerformanceNavigationTiming | undefined)?.type === "back_forward") return;
  const main = page.querySelector("main");
  const alert = main?.querySelector<HTMLElement>("[role=alert]");
  const isRefused = alert ?? main?.querySelector(".field-fault, .said-fault"); // a wrong answer is no such thing
  const field = isRefused && main?.querySelector<HTMLElement>(".input[aria-invalid=true], [aria-invalid=true] input");
  if (field) {
    field.focus();
    return;
  }
  const message = alert ?? main?.querySelector<HTMLElement>(".flashes .note");
  if (!message) return;
  message.tabIndex = -1;
  message.focus();
}
