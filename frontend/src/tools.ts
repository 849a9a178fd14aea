// Beside an answer field: keys that type the problem's own symbols, and the switch to the visual editor.

import type { Editor } from "./editor";
import { announce } from "./elements";
import { say } from "./words";

type Field = HTMLInputElement | HTMLTextAreaElement;
type Mode = "text" | "visual";

const CARET = "¦";
const MODE = "answer-mode";

/** Types into a field where its caret stands, around what is selected. */
export function typeInto(field: Field, text: string): void {
  const [from, to] = [field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length];
  const selected = field.value.slice(from, to);
  const place = text.indexOf(CARET);
  const typed = text.replace(CARET, selected);
  field.focus();
  if (!document.execCommand("insertText", false, typed)) field.setRangeText(typed, from, to, "end");
  let caret = typed.length;
  if (place > 0 && !selected) caret = place;
  else if (text.includes("()")) caret = typed.lastIndexOf("()") + 1;
  field.setSelectionRange(from + caret, from + caret);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function remembered(): Mode {
  try {
    return localStorage.getItem(MODE) === "visual" ? "visual" : "text";
  } catch {
    return "text";
  }
}

function remember(mode: Mode): void {
  try {
    localStorage.setItem(MODE, mode);
  } catch {
    // Forgotten with the page, where nothing may be stored.
  }
}

/** One stop for the Tab key; the arrow keys walk through the keys. */
function walk(palette: HTMLElement, keys: HTMLButtonElement[]): void {
  for (const [place, key] of keys.entries()) key.tabIndex = place === 0 ? 0 : -1;
  palette.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = keys.indexOf(event.target as HTMLButtonElement);
    if (at < 0 || (step === undefined && event.key !== "Home" && event.key !== "End")) return;
    event.preventDefault();
    const last = keys.length - 1;
    const next = step === undefined ? (event.key === "Home" ? 0 : last) : Math.min(last, Math.max(0, at + step));
    keys[at]!.tabIndex = -1;
    keys[next]!.tabIndex = 0;
    keys[next]!.focus();
  });
}

export class Tools {
  private editor: Editor | null = null;
  private isVisual = false;
  private field: Field | null;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly part: HTMLElement,
    private readonly bar: HTMLElement,
  ) {
    this.field = part.querySelector<Field>("input.input, textarea.input");
    part.addEventListener("focusin", (event) => this.focused(event.target));
    const palette = bar.querySelector<HTMLElement>(".palette");
    const keys = [...bar.querySelectorAll<HTMLButtonElement>(".key")];
    if (palette) walk(palette, keys);
    for (const key of keys) {
      key.addEventListener("pointerdown", (event) => event.preventDefault()); // the caret stays where it is
      key.addEventListener("click", () => this.type(key));
    }
    for (const mode of bar.querySelectorAll<HTMLButtonElement>("[data-mode]")) {
      mode.addEventListener("click", () => {
        const chosen = mode.dataset["mode"] as Mode;
        remember(chosen);
        void this.show(chosen, true);
      });
    }
    bar.hidden = false;
    if (remembered() === "visual") void this.show("visual", false);
  }

  /** The text field says what stands in the visual editor. */
  async settle(): Promise<void> {
    if (this.isVisual) await this.editor?.settle();
  }

  private line(): HTMLInputElement | null {
    return this.part.querySelector<HTMLInputElement>("[data-line] > input");
  }

  private focused(target: EventTarget | null): void {
    const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
    if (isField && target.classList.contains("input")) this.field = target;
    if (this.editor?.owns(target)) this.field = null;
  }

  private type(key: HTMLButtonElement): void {
    if (this.isVisual && this.editor && !this.field) this.editor.insert(key.dataset["latex"] ?? "");
    else if (this.field) typeInto(this.field, key.dataset["insert"] ?? "");
  }

  private async show(mode: Mode, isAsked: boolean): Promise<void> {
    const line = this.line();
    if (!line || line.readOnly) return;
    if (mode === "text") {
      await this.settle();
      this.editor?.close();
      this.isVisual = false;
      this.field = line;
    } else {
      if (!(await this.open(line))) return;
      this.isVisual = true;
      this.field = null;
    }
    for (const one of this.bar.querySelectorAll<HTMLButtonElement>("[data-mode]")) {
      one.setAttribute("aria-pressed", String(one.dataset["mode"] === mode));
    }
    if (isAsked) (mode === "text" ? line : this.editor)?.focus();
  }

  /** Opens the visual editor, which is loaded when it is first wanted. */
  private async open(line: HTMLInputElement): Promise<boolean> {
    try {
      const { Editor } = await import("./editor");
      this.editor ??= new Editor(this.form, this.part, line);
    } catch {
      announce(say("no_editor", "The visual editor could not be loaded. You can go on typing as text."));
      return false;
    }
    await this.editor.open();
    return true;
  }
}

export function startTools(form: HTMLFormElement): Tools[] {
  return [...form.querySelectorAll<HTMLElement>("[data-part]")].flatMap((part) => {
    const bar = part.querySelector<HTMLElement>("[data-tools]");
    return bar ? [new Tools(form, part, bar)] : [];
  });
}
