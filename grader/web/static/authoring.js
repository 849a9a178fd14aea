// The author's page follows the file: it asks for its version and loads itself anew when that has changed.
// What was typed, what is open, where the page stands and what has the focus are kept.

const PAUSE_MS = 500;
const KEPT = "grader.preview";
const desk = document.querySelector("[data-state]");
const form = document.getElementById("answers");
const live = document.getElementById("live");
document.documentElement.classList.add("scripted");

const opened = () => [...document.querySelectorAll("main details")].map((each) => each.open);
const typed = () => [...new FormData(form)].some(([, value]) => String(value).trim() !== "");

function keep(words) {
  const focus = document.activeElement;
  const state = { path: location.pathname, words, y: scrollY, open: opened() };
  state.focus = focus?.name ? [focus.name, focus.value] : null;
  if (focus instanceof HTMLInputElement && focus.type === "text") state.caret = [focus.selectionStart, focus.selectionEnd];
  sessionStorage.setItem(KEPT, JSON.stringify(state));
}

function restore() {
  const text = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  const state = text ? JSON.parse(text) : null;
  if (!state || state.path !== location.pathname) return;
  const all = [...document.querySelectorAll("main details")];
  if (all.length === state.open.length) all.forEach((each, place) => (each.open = state.open[place]));
  if (state.focus) {
    const [name, value] = state.focus;
    const same = [...document.getElementsByName(name)];
    const field = same.find((each) => each.type === "radio" && each.value === value) ?? same[0];
    field?.focus({ preventScroll: true });
    if (state.caret && field?.type === "text") field.setSelectionRange(...state.caret);
  }
  scrollTo({ top: state.y, behavior: "instant" });
  if (live) live.textContent = state.words;
}

function renew(words) {
  keep(words);
  if (!form || !typed()) {
    location.replace(location.href);
    return;
  }
  if (!("judged" in form.dataset)) {
    const only = Object.assign(document.createElement("input"), { type: "hidden", name: "keep", value: "1" });
    form.append(only);
  }
  form.submit();
}

async function showSweep() {
  const reply = await fetch(desk.dataset.sweep);
  const old = document.getElementById("sweep");
  if (reply.ok && old) old.outerHTML = await reply.text();
}

async function look() {
  const reply = await fetch(desk.dataset.state);
  if (!reply.ok) return false;
  const state = await reply.json();
  if (state.version !== desk.dataset.version) {
    renew("The file has changed and was read again.");
    return true;
  }
  const shown = document.getElementById("sweep");
  if (shown && shown.dataset.stamp !== state.sweep) await showSweep();
  return false;
}

let isLeft = false;
addEventListener("pagehide", () => (isLeft = true));
addEventListener("pageshow", () => (isLeft = false));

async function follow() {
  try {
    if (await look()) return;
  } catch (fault) {
    // Another page was asked for, or the server has been stopped or is being started anew: ask again.
    if (!isLeft && !(fault instanceof TypeError)) throw fault;
  }
  setTimeout(follow, PAUSE_MS);
}

for (const slide of document.querySelectorAll("form[data-slide]")) {
  const range = slide.querySelector("input[type=range]");
  range.addEventListener("input", () => (slide.querySelector("output").textContent = range.value));
  range.addEventListener("change", () => {
    keep(`Seed ${range.value}`);
    slide.requestSubmit();
  });
}

restore();
if (desk) setTimeout(follow, PAUSE_MS);
