// The seed switch of the bank: a changed number shows its variant without a button.

export function startSeeds(page: Document): void {
  for (const form of page.querySelectorAll<HTMLFormElement>("form[data-seed]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }
}
