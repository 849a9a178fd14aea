// The visual editor of an answer line (MathLive), in step with the text field below it.
//
// The pages allow no style attributes. MathLive writes its markup as a string with such attributes in it;
// they travel as data and are set through the object model, which the policy allows.

import "mathlive/fonts.css";
import { MathfieldElement } from "mathlive";
import { announce } from "./elements";
import { askPreview, READ, WRITTEN, type Preview } from "./preview";
import { say } from "./words";

const PAUSE_MS = 120;
const STYLE = "data-style";
// MathLive leaves out the braces of a single raised or lowered character: x^23 is the square of x times 3.
const UNBRACED = /([\^_])(\\[a-zA-Z]+|[^\s{}\\])/g;
const PLACEHOLDER = /\\placeholder(?:\[[^\]]*\])?\{[^{}]*\}/g;

MathfieldElement.createHTML = (html: string): string =>
  html.replace(' style="visibility:hidden"', "").replace(/ style="/g, ` ${STYLE}="`);
MathfieldElement.fontsDirectory = null; // the style sheet above brings them
MathfieldElement.soundsDirectory = null;
MathfieldElement.keypressSound = null;
MathfieldElement.plonkSound = null;

function dress(root: ParentNode): void {
  for (const one of root.querySelectorAll<HTMLElement>(`[${STYLE}]`)) {
    one.style.cssText = `${one.getAttribute(STYLE) ?? ""};${one.style.cssText}`; // what was set since then stays
    one.removeAttribute(STYLE);
  }
}

function keepDressed(root: ShadowRoot): void {
  dress(root);
  new MutationObserver(() => dress(root)).observe(root, { subtree: true, childList: true });
}

export class Editor {
  private readonly math = new MathfieldElement();
  private request: AbortController | null = null;
  private pause: ReturnType<typeof setTimeout> | undefined;
  private pending: Promise<void> = Promise.resolve();
  private isOpen = false;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly part: HTMLElement,
    private readonly line: HTMLInputElement,
  ) {
    const math = this.math;
    math.className = "visual";
    math.smartFence = true;
    math.smartMode = false;
    math.mathVirtualKeyboardPolicy = "manual";
    math.setAttribute("aria-label", say("editor", "Visual editor, part {letter}", { letter: this.letter() }));
    math.addEventListener("input", (event) => {
      event.stopPropagation(); // the text field speaks for both
      this.changed();
    });
    part.addEventListener(READ, (event) => this.follow((event as CustomEvent<Preview>).detail));
  }

  focus(): void {
    this.math.focus();
  }

  owns(target: EventTarget | null): boolean {
    return target === this.math;
  }

  insert(latex: string): void {
    this.math.insert(latex, { focus: true, selectionMode: "placeholder" });
  }

  async open(): Promise<void> {
    if (this.isOpen) return;
    this.isOpen = true;
    await this.fill();
    this.line.before(this.math);
    this.line.parentElement?.classList.add("is-visual");
    this.prepare();
  }

  close(): void {
    this.isOpen = false;
    this.math.remove();
    this.line.parentElement?.classList.remove("is-visual");
  }

  async settle(): Promise<void> {
    if (this.pause !== undefined) this.write();
    await this.pending;
  }

  private letter(): string {
    return this.part.querySelector(".letter")?.textContent ?? "a";
  }

  /** What can be set only once the editor is on the page. */
  private prepare(): void {
    const root = this.math.shadowRoot;
    if (root) keepDressed(root);
    // The device's own keyboard, also where MathLive would bring one of its own.
    root?.querySelector<HTMLElement>("[part=keyboard-sink]")?.setAttribute("inputmode", "text");
    this.math.menuItems = [];
    const names: Record<string, string> = {};
    for (const key of this.part.querySelectorAll<HTMLElement>(".keys:first-child .key")) {
      const [text, latex] = [key.dataset["insert"] ?? "", key.dataset["latex"] ?? ""];
      if (text.length > 1 && !text.includes("_")) names[text] = latex;
    }
    this.math.inlineShortcuts = { ...this.math.inlineShortcuts, ...names };
  }

  /** Shows what stands in the text field. */
  private async fill(): Promise<void> {
    const text = this.line.value.trim();
    if (!text) {
      this.math.setValue("", { silenceNotifications: true });
      return;
    }
    try {
      const preview = await askPreview(this.form, this.part, new AbortController().signal);
      if (preview && !preview.error) this.math.setValue(preview.latex, { silenceNotifications: true });
      else if (text.includes("\\")) this.math.setValue(text, { silenceNotifications: true });
      else announce(say("unreadable", "The visual editor opens as soon as what stands in the field can be read."));
    } catch (fault) {
      if (!(fault instanceof TypeError)) throw fault; // no connection: it stays empty until the text is read
    }
  }

  private follow(preview: Preview): void {
    if (!this.isOpen || this.math.hasFocus()) return;
    if (!preview.error) this.math.setValue(preview.latex, { silenceNotifications: true });
  }

  private changed(): void {
    // Until the server has read it, the field holds the LaTeX itself, which can be submitted just as well.
    this.line.value = this.latex();
    this.request?.abort();
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.write(), PAUSE_MS);
  }

  private latex(): string {
    return this.math.getValue("latex").replace(PLACEHOLDER, " ").replace(UNBRACED, "$1{$2}").trim();
  }

  private write(): void {
    clearTimeout(this.pause);
    this.pause = undefined;
    this.pending = this.read();
  }

  private async read(): Promise<void> {
    const request = new AbortController();
    this.request = request;
    const latex = this.latex();
    try {
      const preview = await askPreview(this.form, this.part, request.signal, latex);
      if (!preview || request.signal.aborted) return;
      if (!preview.error) this.line.value = preview.read_as;
      this.part.dispatchEvent(new CustomEvent(WRITTEN, { detail: preview }));
    } catch (fault) {
      if (!request.signal.aborted && !(fault instanceof TypeError)) throw fault;
    }
    // Told to the form, past the part: the preview has it already.
    this.form.dispatchEvent(new Event("input"));
  }
}
