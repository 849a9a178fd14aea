// Small elements made by scripts.

export function element(tag: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

export function button(text: string, className: string, onClick: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = text;
  made.addEventListener("click", onClick);
  return made;
}

/** Says a sentence in the page's one polite live region. */
export function announce(sentence: string): void {
  const live = document.getElementById("live");
  if (live && sentence) live.textContent = sentence;
}
