// The sentences that scripts say; the page brings them along in the reader's language.

const given: Record<string, string> = (() => {
  const block = document.getElementById("answer-words");
  return block ? (JSON.parse(block.textContent ?? "{}") as Record<string, string>) : {};
})();

/** The sentence of this name, with what stands in braces put in; the English one where the page has none. */
export function say(name: string, english: string, values: Record<string, string> = {}): string {
  const sentence = given[name] ?? english;
  return sentence.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
}

/** The time of day, as the reader's language writes it. */
export function clock(moment: Date): string {
  return moment.toLocaleTimeString(document.documentElement.lang || "en", { hour: "2-digit", minute: "2-digit" });
}
