// How an answer is read, shown while it is typed. The server reads; this only asks and shows.

import { announce, button, element } from "./elements";
import { say } from "./words";

type Notice = { text: string };
type Fault = { message: string; repair: string; text: string; start: number; end: number; place: string };
type Meaning = { text: string; mathml: string; words: string };
export type Preview = {
  mathml: string;
  read_as: string;
  words: string;
  latex: string;
  second: Meaning | null;
  notices: Notice[];
  error: Fault | null;
};

const PAUSE_MS = 180;
const ANNOUNCE_MS = 1200;

/** Sent by a part when the server has read its text field. */
export const READ = "answer-read";
/** Sent to a part by the visual editor, with how the server has read it. */
export const WRITTEN = "answer-written";

/** The student's own text with the place at fault marked, as the server draws it too. */
function caretLine(fault: Fault): HTMLElement {
  const end = Math.max(fault.end, fault.start);
  const line = element("div", "caret scroll-x");
  const span = element("span", "span", fault.text.slice(fault.start, end));
  line.append(fault.text.slice(0, fault.start), span, fault.text.slice(end), "\n");
  const caret = "^".repeat(Math.max(1, end - fault.start));
  line.append(" ".repeat(fault.start), element("span", "there", caret));
  line.setAttribute("aria-hidden", "true");
  return line;
}

/** Asks the server how a part is read; `latex` in place of what stands in its fields. */
export async function askPreview(
  form: HTMLFormElement,
  part: HTMLElement,
  signal: AbortSignal,
  latex = "",
): Promise<Preview | null> {
  const id = part.dataset["part"] ?? "";
  const body = new FormData();
  for (const [name, value] of new FormData(form)) {
    const isOwn = name === `answer.${id}` || name.startsWith(`answer.${id}[`) || name.startsWith(`answer.${id}.`);
    if (name === "csrf_token" || isOwn) body.append(name, value);
  }
  body.append("part", id);
  if (latex) body.append("latex", latex);
  const headers = { Accept: "application/json" };
  const reply = await fetch(form.dataset["preview"]!, { method: "POST", body, headers, signal });
  return reply.ok ? ((await reply.json()) as Preview) : null;
}

class PartPreview {
  private request: AbortController | null = null;
  private pause: ReturnType<typeof setTimeout> | undefined;
  private announcement: ReturnType<typeof setTimeout> | undefined;
  private readonly math: HTMLElement;
  private readonly words: HTMLElement | null;
  private readonly more: HTMLElement;

  constructor(
    private readonly part: HTMLElement,
    private readonly box: HTMLElement,
    private readonly form: HTMLFormElement,
  ) {
    this.math = box.querySelector<HTMLElement>(".preview-math")!;
    this.words = box.querySelector<HTMLElement>(".preview-words");
    this.more = box.querySelector<HTMLElement>(".preview-more")!;
    part.addEventListener("input", () => this.changed());
    part.addEventListener(WRITTEN, (event) => {
      this.stop();
      this.show((event as CustomEvent<Preview>).detail);
    });
  }

  private stop(): void {
    this.request?.abort();
    clearTimeout(this.pause);
    clearTimeout(this.announcement);
  }

  private changed(): void {
    this.stop();
    this.box.hidden = false;
    this.box.classList.add("stale");
    this.pause = setTimeout(() => void this.ask(), PAUSE_MS);
  }

  private async ask(): Promise<void> {
    const request = new AbortController();
    this.request = request;
    try {
      const preview = await askPreview(this.form, this.part, request.signal);
      if (!preview) {
        this.say(say("no_preview", "The preview is not available just now. You can go on typing and submit."));
        return;
      }
      this.show(preview);
      this.part.dispatchEvent(new CustomEvent(READ, { detail: preview }));
    } catch (fault) {
      if (request.signal.aborted) return;
      if (!(fault instanceof TypeError)) throw fault;
      this.say(say("no_connection", "No connection to the server. Your text stays here; try again in a moment."));
    }
  }

  private say(sentence: string): void {
    this.box.classList.remove("stale", "fault");
    this.math.replaceChildren();
    this.words?.replaceChildren();
    this.more.replaceChildren(element("p", "said", sentence));
  }

  private show(preview: Preview): void {
    this.box.hidden = false;
    this.box.classList.remove("stale");
    this.box.classList.toggle("fault", preview.error !== null);
    this.more.replaceChildren();
    if (this.words) this.words.textContent = preview.error ? "" : preview.words;
    if (preview.error) {
      this.math.textContent = say("not_readable", "not readable yet");
      const sentence = [preview.error.place, preview.error.message, preview.error.repair].filter(Boolean).join(" ");
      this.more.append(element("p", "said", sentence));
      if (preview.error.text) this.more.append(caretLine(preview.error));
      this.announceLater(sentence);
      return;
    }
    // The server wrote and escaped this MathML; nothing of the page's own text goes in here.
    this.math.innerHTML = preview.mathml;
    for (const notice of preview.notices) this.more.append(element("p", "said", notice.text));
    if (preview.second) this.offer(preview.second);
    this.box.hidden = !preview.mathml && preview.notices.length === 0;
    this.announceLater(preview.words && say("read_as", "Read as {words}", { words: preview.words }));
  }

  /** The other way to read the text, to be taken with one click. */
  private offer(second: Meaning): void {
    const line = this.part.querySelector<HTMLInputElement>("[data-line] input");
    const row = element("p", "said other-reading", `${say("second", "It can also be read as")} `);
    const shown = element("span", "math");
    shown.innerHTML = second.mathml; // the server's, as above
    row.append(shown);
    if (line && !line.readOnly) {
      const take = button(say("use_second", "Take this one"), "button plain small", () => {
        line.value = second.text;
        line.focus();
        line.dispatchEvent(new Event("input", { bubbles: true }));
      });
      row.append(" ", take);
    }
    this.more.append(row);
  }

  private announceLater(sentence: string): void {
    clearTimeout(this.announcement);
    if (sentence) this.announcement = setTimeout(() => announce(sentence), ANNOUNCE_MS);
  }
}

export function startPreviews(page: Document): void {
  for (const form of page.querySelectorAll<HTMLFormElement>("form[data-preview]")) {
    for (const part of form.querySelectorAll<HTMLElement>("[data-part]")) {
      const box = part.querySelector<HTMLElement>(".preview");
      if (box) new PartPreview(part, box, form);
    }
  }
}
