// What is typed is kept: on the server as soon as it can be reached, on this device until then.
//
// A copy on this device exists only while the server does not have it. When a page opens and both differ,
// the newer one is shown and the other one is offered.

import { button, element } from "./elements";
import { clock, say } from "./words";

type Fields = [name: string, value: string][];
type Copy = { fields: Fields; typed: number };

const PAUSE_MS = 900;
const RETRY_MS = 15_000;

export class Drafts {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isDirty = false;
  private isSaving = false;
  private saving: Promise<void> = Promise.resolve();
  private isOver = false;
  private readonly key: string;
  private readonly skew: number; // how far this device's clock is ahead of the server's
  private readonly state: HTMLElement | null;
  private readonly note: HTMLElement | null;

  constructor(private readonly form: HTMLFormElement) {
    this.key = `draft:${form.dataset["attempt"]}`;
    this.skew = Date.now() - new Date(form.dataset["now"] ?? Date.now()).valueOf();
    this.state = form.querySelector("[data-draft-state]");
    this.note = form.querySelector("[data-draft-note]");
    this.restore();
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    window.addEventListener("online", () => this.isDirty && void this.save());
    window.addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.leave());
    // A page out of the browser's memory has a spent key and old marks; what was typed in it is kept.
    window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());
  }

  /** Called when what stands in the form has been submitted. */
  finish(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    this.forgetCopy();
  }

  /** Called before submitting: over when no draft is on its way any longer that could come in after the answer. */
  async pauseSaving(): Promise<void> {
    this.isOver = true;
    clearTimeout(this.timer);
    await this.saving.catch(() => undefined); // a draft that failed does not hold back the answer
  }

  /** Called when nothing was submitted after all. */
  resume(): void {
    this.isOver = false;
    this.changed();
  }

  private fields(): Fields {
    const found: Fields = [];
    for (const [name, value] of new FormData(this.form)) {
      if (name.startsWith("answer.") && typeof value === "string") found.push([name, value]);
    }
    return found;
  }

  private fill(fields: Fields): void {
    const values = new Map<string, string[]>();
    for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
    for (const field of this.form.elements) {
      if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) continue;
      if (!field.name.startsWith("answer.")) continue;
      const given = values.get(field.name) ?? [];
      if (field.type === "radio" || field.type === "checkbox") {
        (field as HTMLInputElement).checked = given.includes(field.value);
        continue;
      }
      const value = given[0] ?? "";
      if (field.value === value) continue;
      field.value = value;
      const details = field.closest("details");
      if (details && value) details.open = true;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  private restore(): void {
    const copy = this.copy();
    const shown = this.fields();
    if (!copy) return;
    if (JSON.stringify(copy.fields) === JSON.stringify(shown)) {
      this.forgetCopy();
      return;
    }
    const kept = new Date(this.form.dataset["kept"] || 0).valueOf();
    const time = clock(new Date(copy.typed + this.skew));
    const hasServers = shown.some(([, value]) => value.trim() !== "");
    if (copy.typed >= kept) {
      this.take(copy.fields);
      const sentence = "What you typed on this device at {time} is newer than what the server had, so it is shown.";
      if (hasServers) this.offer(say("newer", sentence, { time }), say("use_server", "Show what the server had"), shown);
    } else {
      const sentence = "On this device there is also what you typed at {time}. What is shown is newer.";
      this.offer(say("older", sentence, { time }), say("use_local", "Show what is on this device"), copy.fields);
    }
  }

  private take(fields: Fields): void {
    this.fill(fields);
    this.changed();
  }

  private offer(sentence: string, action: string, fields: Fields): void {
    const close = (): void => {
      this.note!.hidden = true;
      this.note!.replaceChildren();
    };
    if (!this.note) return;
    const take = button(action, "button plain small", () => {
      close();
      this.take(fields);
    });
    const forget = button(say("forget", "Dismiss"), "button quiet small", () => {
      close();
      if (!this.isDirty) this.forgetCopy();
    });
    this.note.replaceChildren(element("p", "", sentence), take, forget);
    this.note.hidden = false;
  }

  private changed(): void {
    if (this.isOver) return;
    this.isDirty = true;
    this.keepCopy();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(), PAUSE_MS);
  }

  private body(): FormData {
    const body = new FormData();
    for (const [name, value] of new FormData(this.form)) {
      if (name === "csrf_token" || name.startsWith("answer.")) body.append(name, value);
    }
    return body;
  }

  private send(keepalive: boolean): Promise<Response> {
    const headers = { Accept: "application/json" };
    return fetch(this.form.dataset["draft"]!, { method: "POST", body: this.body(), headers, keepalive });
  }

  private async save(): Promise<void> {
    clearTimeout(this.timer);
    if (this.isOver) return;
    if (this.isSaving) {
      this.timer = setTimeout(() => void this.save(), PAUSE_MS); // an older text never overtakes a newer one
      return;
    }
    this.isSaving = true;
    this.isDirty = false;
    this.saving = this.put();
    await this.saving;
  }

  private async put(): Promise<void> {
    try {
      const reply = await this.send(false);
      await this.said(reply);
    } catch (fault) {
      if (!(fault instanceof TypeError)) throw fault;
      this.isDirty = true;
      this.tell(say("kept", "Kept on this device at {time}; no connection to the server.", { time: clock(new Date()) }));
      this.timer = setTimeout(() => void this.save(), RETRY_MS);
    } finally {
      this.isSaving = false;
    }
  }

  private async said(reply: Response): Promise<void> {
    const isOurs = reply.headers.get("Content-Type")?.includes("json") ?? false;
    if (reply.ok && isOurs) {
      const { saved } = (await reply.json()) as { saved: string };
      if (!this.isDirty) this.forgetCopy();
      this.tell(say("saved", "Draft saved {time}", { time: clock(new Date(saved)) }));
    } else if (isOurs && reply.status !== 401) {
      this.tell(((await reply.json()) as { message: string }).message);
    } else if (reply.status < 500) {
      const ended = "You are logged out. What you type is kept on this device and is here again after you log in.";
      const link = document.createElement("a");
      link.href = `/login?next=${encodeURIComponent(window.location.pathname)}`;
      link.textContent = say("log_in", "Log in");
      this.state?.replaceChildren(`${say("ended", ended)} `, link);
    }
  }

  private leave(): void {
    if (!this.isDirty || this.isOver) return;
    void this.send(true).catch(() => undefined); // the copy on this device stays until the server has it
  }

  private tell(sentence: string): void {
    if (this.state) this.state.textContent = sentence;
  }

  private copy(): Copy | null {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "null") as Copy | null;
    } catch {
      return null; // no storage, or something else's words in it
    }
  }

  private keepCopy(): void {
    const copy: Copy = { fields: this.fields(), typed: Date.now() - this.skew };
    try {
      localStorage.setItem(this.key, JSON.stringify(copy));
    } catch {
      // A full or forbidden storage: the server has the draft a second later all the same.
    }
  }

  private forgetCopy(): void {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // As above.
    }
  }
}
