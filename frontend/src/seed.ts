// The seed switch of the bank: a changed number shows its variant without a button, and a slider changes it.

export function startSeeds(page: Document): void {
  for (const form of page.querySelectorAll<HTMLFormElement>("form[data-seed]")) {
    const number = form.elements.namedItem("seed");
    for (const slider of form.querySelectorAll<HTMLInputElement>("input[data-slide]")) {
      slider.hidden = false;
      slider.addEventListener("input", () => {
        if (number instanceof HTMLInputElement) number.value = slider.value;
      });
    }
    form.addEventListener("change", () => form.requestSubmit());
  }
}
