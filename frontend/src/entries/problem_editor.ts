// The editor of problem files: colours, completion and meanings from the schema, findings in the gutter as one
// types, the variant beside it, a sweep in the background. Without it the page's plain box does the same.

import { autocompletion, completionKeymap, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, temporarilySetTabFocusMode } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  hoverTooltip,
  keymap,
  lineNumbers,
  showPanel,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { announce, element } from "../elements";
import { placeOf, ProblemSchema, type Place, type Schema } from "../problem_schema";

const PAUSE_MS = 350; // after the last key, before the text is looked at
const SWEEP_MS = 700;
const NARROW = "(max-width: 40rem)"; // there, long lines are broken and not scrolled

interface Found {
  place: string;
  severity: "error" | "warning";
  row: number;
  column: number;
  message: string;
  repair: string;
}

const LOOKS = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: "0.875rem" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", minHeight: "min(32rem, 60vh)", maxHeight: "75vh" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-panels": { color: "var(--ink)", backgroundColor: "var(--sunken)", borderTop: "1px solid var(--hairline)" },
  ".cm-status": { minHeight: "2.1rem", padding: "0.3rem 0.7rem", fontFamily: "var(--sans)" },
  ".cm-status[data-tone=wrong]": { color: "var(--wrong)" },
  ".cm-status[data-tone=notice], .cm-status[data-tone=warning]": { color: "var(--notice)" },
  ".cm-status[data-tone=right]": { color: "var(--right)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused": { outline: "none" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--ink-faint)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 7%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 28%, transparent)",
  },
  ".cm-tooltip": {
    maxWidth: "32rem",
    border: "1px solid var(--edge)",
    borderRadius: "var(--radius-small)",
    backgroundColor: "var(--surface)",
    color: "var(--ink)",
    boxShadow: "var(--shadow)",
  },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-completionInfo, .cm-meaning": { padding: "0.5rem 0.7rem", fontFamily: "var(--sans)", whiteSpace: "pre-line" },
  // In place of pictures in data addresses, which the page's policy does not load.
  ".cm-lint-marker": { content: '""', width: "0.65em", height: "0.65em", margin: "0.45em 0.2em", borderRadius: "50%" },
  ".cm-lint-marker-error": { content: '""', backgroundColor: "var(--wrong)" },
  ".cm-lint-marker-warning": { content: '""', backgroundColor: "var(--notice)", borderRadius: "2px" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--wrong)" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--notice)" },
  ".cm-diagnostic": { fontFamily: "var(--sans)", padding: "0.4rem 0.7rem" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--wrong)" },
  ".cm-diagnostic-warning": { borderLeft: "4px solid var(--notice)" },
});

const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)", fontWeight: "600" },
  { tag: tags.comment, color: "var(--ink-faint)", fontStyle: "italic" },
  { tag: [tags.string, tags.content], color: "var(--ink)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--right)" },
  { tag: [tags.punctuation, tags.separator], color: "var(--ink-soft)" },
]);

class Editor {
  private readonly view: EditorView;
  private readonly seen = document.getElementById("seen");
  private readonly sweep = document.getElementById("sweep");
  private readonly seed: HTMLInputElement;
  private readonly schema: Promise<ProblemSchema | null>;
  private readonly status = element("div", "cm-status");
  private pause: number | undefined;
  private asked: AbortController | null = null;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly box: HTMLTextAreaElement,
  ) {
    this.seed = form.elements.namedItem("seed") as HTMLInputElement;
    const holder = document.createElement("div");
    holder.className = "editor";
    this.view = new EditorView({ state: this.state(), parent: holder });
    box.before(holder);
    box.hidden = true;
    const label = document.querySelector<HTMLLabelElement>(`label[for="${box.id}"]`);
    label?.addEventListener("click", () => this.view.focus());
    this.seed.addEventListener("input", () => this.lookSoon());
    this.listen();
    this.schema = this.learn();
    void this.look();
    if (this.sweep?.hasAttribute("data-running")) void this.follow();
  }

  private state(): EditorState {
    const label = document.querySelector(`label[for="${this.box.id}"]`)?.textContent ?? "";
    return EditorState.create({
      doc: this.box.value,
      extensions: [
        EditorView.cspNonce.of(this.form.dataset["nonce"] ?? ""),
        EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": "source-hint", tabindex: "0" }),
        window.matchMedia(NARROW).matches ? EditorView.lineWrapping : [],
        showPanel.of(() => ({ dom: this.status })),
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        indentUnit.of("  "),
        EditorState.tabSize.of(2),
        yaml(),
        syntaxHighlighting(COLOURS),
        LOOKS,
        autocompletion({ override: [(context) => this.complete(context)], icons: false }),
        hoverTooltip((view, position) => this.explain(view, position)),
        keymap.of([
          { key: "Mod-s", preventDefault: true, run: () => this.save() },
          ...completionKeymap,
          ...lintKeymap,
          ...historyKeymap,
          { key: "Escape", run: temporarilySetTabFocusMode },
          ...defaultKeymap,
          indentWithTab,
        ]),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          this.box.value = this.text();
          this.isKept = false;
          this.lookSoon();
        }),
      ],
    });
  }

  private isKept = true;
  private isSending = false;

  private text(): string {
    return this.view.state.doc.toString();
  }

  private save(): boolean {
    this.form.querySelector<HTMLButtonElement>('button[value="save"]')?.click();
    return true;
  }

  private listen(): void {
    this.form.addEventListener("submit", (event) => {
      this.box.value = this.text();
      const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
      if (button?.value === "preview") {
        event.preventDefault();
        void this.look();
      } else if (button?.value === "sweep") {
        event.preventDefault();
        void this.startSweep();
      } else {
        event.preventDefault();
        void this.send();
      }
    });
    window.addEventListener("beforeunload", (event) => {
      if (!this.isKept) event.preventDefault();
    });
  }

  /** Saves, and leaves the caret where it is. Where that cannot be, the server's answer is a page. */
  private async send(): Promise<void> {
    if (this.isSending) return;
    if (document.querySelector('[name="base"][form]')) return this.sendAsForm(); // two texts to be compared
    this.isSending = true;
    const text = this.text();
    try {
      const headers = { Accept: "application/json" };
      const reply = await fetch(this.form.action, { method: "POST", body: this.body(), headers });
      const isOurs = reply.headers.get("Content-Type")?.includes("application/json") ?? false;
      if (!isOurs) return this.sendAsForm();
      const saved = (await reply.json()) as { base: number; tone: string; message: string };
      if (!reply.ok) return this.say("wrong", saved.message);
      (this.form.elements.namedItem("base") as HTMLInputElement).value = String(saved.base);
      this.isKept = this.text() === text;
      for (const badge of document.querySelectorAll<HTMLElement>("[data-draft]")) badge.hidden = saved.tone === "right";
      this.say(saved.tone, saved.message);
    } catch (fault) {
      if (!(fault instanceof TypeError)) throw fault;
      this.say("wrong", this.form.dataset["lost"] ?? "");
    } finally {
      this.isSending = false;
    }
  }

  private sendAsForm(): void {
    this.isKept = true;
    this.form.submit();
  }

  private say(tone: string, sentence: string): void {
    this.tell(tone, sentence);
    announce(sentence);
  }

  /** Shows a sentence at the foot of the box, which is in sight wherever the caret is. */
  private tell(tone: string, sentence: string): void {
    this.status.dataset["tone"] = tone;
    this.status.textContent = sentence;
  }

  private async learn(): Promise<ProblemSchema | null> {
    try {
      const reply = await fetch(this.form.dataset["schema"] ?? "");
      return reply.ok ? new ProblemSchema((await reply.json()) as Schema) : null;
    } catch (fault) {
      if (!(fault instanceof TypeError)) throw fault;
      return null; // no connection: the editor works without completion
    }
  }

  private body(): FormData {
    const data = new FormData(this.form);
    data.set("source", this.text());
    if (!this.seed.validity.valid || !this.seed.value) data.set("seed", "1");
    return data;
  }

  private lookSoon(): void {
    window.clearTimeout(this.pause);
    this.pause = window.setTimeout(() => void this.look(), PAUSE_MS);
  }

  private async look(): Promise<void> {
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    try {
      const reply = await fetch(this.form.dataset["look"] ?? "", {
        method: "POST",
        body: this.body(),
        signal: asked.signal,
      });
      if (!reply.ok) return;
      const found = (await reply.json()) as { findings: Found[]; html: string };
      if (asked.signal.aborted) return;
      this.view.dispatch(setDiagnostics(this.view.state, found.findings.map((one) => this.diagnostic(one))));
      if (this.seen) this.seen.innerHTML = found.html;
      this.tellFindings(found.findings);
      window.dispatchEvent(new Event("resize")); // what is wide now can be reached by keyboard
    } catch (fault) {
      // A newer text is being looked at, or the connection is lost: the next key asks again.
      if (!(fault instanceof DOMException) && !(fault instanceof TypeError)) throw fault;
    }
  }

  private tellFindings(found: Found[]): void {
    const [first] = found;
    const isSaved = !first && this.isKept; // what was said of the save stays until the next key
    if (!isSaved) this.tell(first?.severity === "error" ? "wrong" : "notice", first ? `${first.place} ${first.message}` : "");
    if (found.length > 1) this.status.append(` (+${found.length - 1})`);
  }

  private diagnostic(found: Found): Diagnostic {
    const doc = this.view.state.doc;
    const line = doc.line(Math.min(Math.max(found.row, 1), doc.lines));
    const from = Math.min(line.from + found.column - 1, line.to);
    const to = Math.max(from, line.to);
    return { from, to, severity: found.severity, message: `${found.message} ${found.repair}`.trim() };
  }

  private async startSweep(): Promise<void> {
    await this.showSweep(await fetch(this.form.dataset["sweep"] ?? "", { method: "POST", body: this.body() }));
  }

  private async follow(): Promise<void> {
    await this.showSweep(await fetch(this.form.dataset["sweep"] ?? ""));
  }

  private async showSweep(reply: Response): Promise<void> {
    if (!reply.ok || !this.sweep) return;
    const found = (await reply.json()) as { html: string; over: boolean };
    this.sweep.innerHTML = found.html;
    if (!found.over) {
      window.setTimeout(() => void this.follow(), SWEEP_MS);
      return;
    }
    announce(this.sweep.textContent?.replace(/\s+/g, " ").trim() ?? "");
  }

  private lines(): string[] {
    return this.text().split("\n");
  }

  private async complete(context: CompletionContext): Promise<CompletionResult | null> {
    const schema = await this.schema;
    if (!schema) return null;
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const value = /^(\s*(?:- )*)([\w-]+):\s+([\w-]*)$/.exec(before);
    if (value) return this.completeValue(schema, context, line.number - 1, value);
    const key = /^(\s*(?:- +)*)([\w-]*)$/.exec(before);
    if (!key || (!context.explicit && !key[2])) return null;
    const dash = (key[1] ?? "").includes("-");
    const place = placeOf(this.lines(), line.number - 1, key[1]?.length ?? 0, dash);
    const options = schema.keys(place).map(({ key: name, meaning }) => ({
      label: name,
      apply: `${name}: `,
      type: "property",
      ...(meaning ? { info: meaning } : {}),
    }));
    return options.length ? { from: context.pos - (key[2]?.length ?? 0), options, validFor: /^[\w-]*$/ } : null;
  }

  private completeValue(
    schema: ProblemSchema,
    context: CompletionContext,
    number: number,
    found: RegExpExecArray,
  ): CompletionResult | null {
    const place = this.placeOfKey(number, found[1] ?? "");
    const options = schema.values(place, found[2] ?? "").map((label) => ({ label, type: "enum" }));
    return options.length ? { from: context.pos - (found[3]?.length ?? 0), options, validFor: /^[\w-]*$/ } : null;
  }

  private placeOfKey(number: number, lead: string): Place {
    return placeOf(this.lines(), number, lead.length, lead.includes("-"));
  }

  private async explain(
    view: EditorView,
    position: number,
  ): Promise<{ pos: number; create: () => { dom: HTMLElement } } | null> {
    const schema = await this.schema;
    if (!schema) return null;
    const line = view.state.doc.lineAt(position);
    const found = /^(\s*(?:- +)*)([\w-]+):/.exec(line.text);
    const at = position - line.from;
    if (!found || at < (found[1]?.length ?? 0) || at > (found[0]?.length ?? 0)) return null;
    const words = schema.meaning(this.placeOfKey(line.number - 1, found[1] ?? ""), found[2] ?? "");
    if (!words) return null;
    const create = (): { dom: HTMLElement } => {
      const dom = document.createElement("div");
      dom.className = "cm-meaning";
      dom.textContent = words;
      return { dom };
    };
    return { pos: line.from + (found[1]?.length ?? 0), create };
  }
}

const form = document.getElementById("editor");
const box = document.getElementById("source");
if (form instanceof HTMLFormElement && box instanceof HTMLTextAreaElement) new Editor(form, box);
