// The problem page: what its answer fields can do beyond a plain form.

import { Drafts } from "../drafts";
import { announce } from "../elements";
import { Submission } from "../submission";
import { startTools } from "../tools";

const ANNOUNCE_MS = 400; // after the page has loaded, so that a screen reader has begun to listen

/** The verdict of the submission that brought the reader here, said once. */
function announceVerdict(): void {
  const result = document.getElementById("result");
  if (!result || window.location.hash !== "#result") return;
  const said = [result, ...document.querySelectorAll(".verdict .score-line")].map((one) => one.textContent ?? "");
  const sentence = said.map((text) => text.replace(/\s+/g, " ").trim()).join(". ");
  setTimeout(() => announce(sentence), ANNOUNCE_MS);
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-draft]")) {
  const tools = startTools(form);
  const settle = async (): Promise<void> => {
    await Promise.all(tools.map((one) => one.settle()));
  };
  new Submission(form, new Drafts(form), settle);
}
announceVerdict();
