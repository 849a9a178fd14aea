// Marking by keyboard: ticked criteria add up in the points, Ctrl+Enter saves, digits tick, Alt+S skips.

const NUMBER = /^(\d+)(?:\/(\d+)|\.(\d+))?$/;

function value(text: string): number {
  const found = NUMBER.exec(text);
  if (!found) return 0;
  return found[2] ? Number(found[1]) / Number(found[2]) : Number(text);
}

function boxes(rubric: HTMLElement): HTMLInputElement[] {
  return [...rubric.querySelectorAll<HTMLInputElement>("input[type=checkbox]")];
}

function addUp(rubric: HTMLElement): void {
  const field = document.getElementById(rubric.dataset["rubric"] ?? "");
  if (!(field instanceof HTMLInputElement)) return;
  const sum = boxes(rubric)
    .filter((box) => box.checked)
    .reduce((total, box) => total + value(box.dataset["points"] ?? ""), 0);
  field.value = String(Math.round(sum * 1e6) / 1e6);
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && target.type !== "checkbox";
}

function startForm(form: HTMLFormElement): void {
  for (const rubric of form.querySelectorAll<HTMLElement>("[data-rubric]")) {
    rubric.addEventListener("change", () => addUp(rubric));
  }
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}

const forms = [...document.querySelectorAll<HTMLFormElement>("form[data-marking]")];
for (const form of forms) startForm(form);
for (const hint of document.querySelectorAll<HTMLElement>("[data-keys]")) hint.hidden = false;

document.addEventListener("keydown", (event) => {
  if (event.altKey && event.key.toLowerCase() === "s") {
    document.querySelector<HTMLAnchorElement>("a[data-skip]")?.click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || forms.length !== 1) return;
  const rubric = forms[0]?.querySelector<HTMLElement>("[data-rubric]");
  const box = rubric && /^[1-9]$/.test(event.key) ? boxes(rubric)[Number(event.key) - 1] : undefined;
  if (!box || !rubric) return;
  box.checked = !box.checked;
  addUp(rubric);
});
