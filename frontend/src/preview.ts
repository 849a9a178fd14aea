// How an answer is read, shown while it is typed. The server reads; this only asks and shows.

type Notice = { text: string };
type Fault = { message: string; repair: string; text: string; start: number; end: number; place: string };
type Preview = { mathml: string; read_as: string; notices: Notice[]; error: Fault | null };

const PAUSE_MS = 180;
const ANNOUNCE_MS = 1200;

function element(tag: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

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

class PartPreview {
  private request: AbortController | null = null;
  private pause: ReturnType<typeof setTimeout> | undefined;
  private announcement: ReturnType<typeof setTimeout> | undefined;
  private readonly math: HTMLElement;
  private readonly more: HTMLElement;

  constructor(
    private readonly part: HTMLElement,
    private readonly box: HTMLElement,
    private readonly form: HTMLFormElement,
    private readonly live: HTMLElement | null,
  ) {
    this.math = box.querySelector<HTMLElement>(".preview-math")!;
    this.more = box.querySelector<HTMLElement>(".preview-more")!;
    part.addEventListener("input", () => this.changed());
  }

  private changed(): void {
    this.request?.abort();
    clearTimeout(this.pause);
    clearTimeout(this.announcement);
    this.box.hidden = false;
    this.box.classList.add("stale");
    this.pause = setTimeout(() => void this.ask(), PAUSE_MS);
  }

  private body(): FormData {
    const body = new FormData();
    for (const [name, value] of new FormData(this.form)) {
      if (name === "csrf_token" || name.startsWith(`answer.${this.part.dataset["part"]}`)) body.append(name, value);
    }
    body.append("part", this.part.dataset["part"] ?? "");
    return body;
  }

  private async ask(): Promise<void> {
    const request = new AbortController();
    this.request = request;
    try {
      const reply = await fetch(this.form.dataset["preview"]!, {
        method: "POST",
        body: this.body(),
        headers: { Accept: "application/json" },
        signal: request.signal,
      });
      if (reply.ok) this.show((await reply.json()) as Preview);
      else this.say("The preview is not available just now. You can go on typing and submit.");
    } catch (fault) {
      if (request.signal.aborted) return;
      if (!(fault instanceof TypeError)) throw fault;
      this.say("No connection to the server. Your text stays here; try again in a moment.");
    }
  }

  private say(sentence: string): void {
    this.box.classList.remove("stale", "fault");
    this.math.replaceChildren();
    this.more.replaceChildren(element("p", "said", sentence));
  }

  private show(preview: Preview): void {
    this.box.classList.remove("stale");
    this.box.classList.toggle("fault", preview.error !== null);
    this.more.replaceChildren();
    if (preview.error) {
      this.math.textContent = "not readable yet";
      const sentence = [preview.error.place, preview.error.message, preview.error.repair].filter(Boolean).join(" ");
      this.more.append(element("p", "said", sentence));
      if (preview.error.text) this.more.append(caretLine(preview.error));
      this.announce(sentence);
      return;
    }
    // The server wrote and escaped this MathML; nothing of the page's own text goes in here.
    this.math.innerHTML = preview.mathml;
    for (const notice of preview.notices) this.more.append(element("p", "said", notice.text));
    this.box.hidden = !preview.mathml && preview.notices.length === 0;
    this.announce(preview.read_as && `Read as ${preview.read_as}`);
  }

  private announce(sentence: string): void {
    if (!this.live || !sentence) return;
    const live = this.live;
    this.announcement = setTimeout(() => (live.textContent = sentence), ANNOUNCE_MS);
  }
}

export function startPreviews(page: Document): void {
  for (const form of page.querySelectorAll<HTMLFormElement>("form[data-preview]")) {
    for (const part of form.querySelectorAll<HTMLElement>("[data-part]")) {
      const box = part.querySelector<HTMLElement>(".preview");
      if (box) new PartPreview(part, box, form, page.getElementById("live"));
    }
  }
}
