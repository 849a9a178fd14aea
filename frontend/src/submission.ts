// An answer goes out once, and comes to no harm on the way: what cannot be sent stays in the form.

import type { Drafts } from "./drafts";
import { announce, element } from "./elements";
import { say } from "./words";

/** What has to be finished before the fields say what the student sees, such as reading a visual editor. */
export type Settle = () => Promise<void>;

const LOST =
  "No connection to the server. Nothing was submitted, and your text is kept here. " +
  "Press the button again when you are back online; it is never counted twice.";
const FAILED = "The server could not take the answer just now. Your text is kept here; try again in a moment.";

export class Submission {
  private isSent = false;
  private readonly note: HTMLElement | null;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly drafts: Drafts,
    private readonly settle: Settle,
  ) {
    this.note = form.querySelector("[data-submit-note]");
    form.addEventListener("submit", (event) => {
      const by = event.submitter;
      if (by?.hasAttribute("formaction")) return; // the preview without script
      event.preventDefault();
      if (!this.isSent) void this.send(by);
    });
  }

  private async send(by: HTMLElement | null): Promise<void> {
    this.busy(true);
    await this.drafts.pauseSaving();
    await this.settle();
    const body = new FormData(this.form, by);
    try {
      const headers = { Accept: "application/json" };
      const reply = await fetch(this.form.action, { method: "POST", body, headers });
      await this.answered(reply, by);
    } catch (fault) {
      if (!(fault instanceof TypeError)) throw fault;
      this.refuse(say("lost", LOST));
    }
  }

  private async answered(reply: Response, by: HTMLElement | null): Promise<void> {
    const isOurs = reply.headers.get("Content-Type")?.includes("application/json") ?? false;
    if (reply.ok && isOurs) {
      const { address } = (await reply.json()) as { address: string };
      this.drafts.finish();
      window.location.assign(address);
    } else if (isOurs && reply.status !== 401) {
      const { message } = (await reply.json()) as { message: string };
      this.refuse(`${say("not_submitted", "Not submitted.")} ${message}`);
    } else if (reply.status < 500) {
      this.sendAsForm(by); // the log-in page keeps what was typed and brings it back
    } else {
      this.refuse(say("failed", FAILED));
    }
  }

  private sendAsForm(by: HTMLElement | null): void {
    if (by instanceof HTMLButtonElement && by.name) {
      const said = document.createElement("input");
      Object.assign(said, { type: "hidden", name: by.name, value: by.value });
      this.form.append(said);
    }
    this.form.submit();
  }

  private refuse(sentence: string): void {
    this.busy(false);
    this.drafts.resume();
    if (this.note) {
      this.note.replaceChildren(element("div", "", sentence));
      this.note.hidden = false;
    }
    announce(sentence);
  }

  private busy(isBusy: boolean): void {
    this.isSent = isBusy;
    if (isBusy && this.note) this.note.hidden = true;
    for (const button of this.form.querySelectorAll<HTMLButtonElement>("button:not([type=button])")) {
      if (isBusy) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
  }
}
