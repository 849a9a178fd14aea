// Figures that answer back: the function, its true slope and the student's, and where a descent went.
// The server draws them, too; where this script runs, one can walk along the curve.

import { drawReply, type Reply } from "../replies";

async function draw(figure: HTMLElement): Promise<void> {
  const picture = figure.querySelector<HTMLElement>(".reply-picture");
  const address = figure.dataset["reply"];
  if (!picture || !address) return;
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (answer.ok) await drawReply(figure, picture, (await answer.json()) as Reply);
  } catch (fault) {
    if (!(fault instanceof TypeError)) throw fault; // no connection: the server's picture stays
  }
}

const NEAR = { rootMargin: "1500px" }; // before the keyboard or a finger gets there
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    void draw(entry.target as HTMLElement);
  }
}, NEAR);
for (const figure of document.querySelectorAll<HTMLElement>("[data-reply]")) seen.observe(figure);
