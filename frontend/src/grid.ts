// A grid of inputs as one field: arrow keys walk through it, a pasted table fills it.

type Cells = HTMLInputElement[][];

const STEPS: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Splits at top-level separators only, so that `f(a, b)` stays one entry. */
function splitOutside(text: string, separators: RegExp): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const char of text) {
    if ("([{".includes(char)) depth += 1;
    if (")]}".includes(char)) depth -= 1;
    if (depth === 0 && separators.test(char)) {
      parts.push(part);
      part = "";
    } else part += char;
  }
  parts.push(part);
  return parts.map((entry) => entry.trim());
}

function fromLatex(text: string): string[][] | null {
  const body = /\\begin\{[bpvBV]?(?:small)?matrix\}([\s\S]*)\\end\{/.exec(text)?.[1];
  if (body === undefined) return null;
  const rows = body.split("\\\\").filter((row) => row.trim());
  return rows.map((row) => row.split("&").map((entry) => entry.trim()));
}

function fromBrackets(text: string): string[][] | null {
  const bare = text.trim().replace(/^(?:np\.)?(?:array|matrix)\s*\(([\s\S]*)\)$/i, "$1").trim();
  if (!bare.startsWith("[") || !bare.endsWith("]")) return null;
  const inside = bare.slice(1, -1).trim();
  if (inside.startsWith("[")) {
    const rows = inside.match(/\[[^[\]]*\]/g) ?? [];
    return rows.map((row) => splitOutside(row.slice(1, -1).trim(), row.includes(",") ? /,/ : /\s/).filter(Boolean));
  }
  return splitOutside(inside, /[;\n]/).map((row) => splitOutside(row, row.includes(",") ? /,/ : /\s/).filter(Boolean));
}

/** The rows of a table pasted from a spreadsheet, MATLAB, NumPy or LaTeX; null for plain text. */
export function tableOf(text: string): string[][] | null {
  const special = fromLatex(text) ?? fromBrackets(text);
  if (special) return special;
  const lines = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n");
  if (lines.length === 1 && !text.includes("\t")) return null;
  return lines.map((line) => line.split("\t").map((entry) => entry.trim()));
}

function placeOf(cells: Cells, cell: EventTarget | null): [number, number] | null {
  for (const [i, row] of cells.entries()) {
    const j = row.findIndex((candidate) => candidate === cell);
    if (j >= 0) return [i, j];
  }
  return null;
}

function walk(cells: Cells, event: KeyboardEvent): void {
  const step = STEPS[event.key];
  const place = placeOf(cells, event.target);
  if (!step || !place || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  const cell = cells[place[0]]![place[1]]!;
  const atStart = cell.selectionEnd === 0;
  const atEnd = cell.selectionStart === cell.value.length;
  if ((event.key === "ArrowLeft" && !atStart) || (event.key === "ArrowRight" && !atEnd)) return;
  const next = cells[place[0] + step[0]]?.[place[1] + step[1]];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select();
}

function paste(cells: Cells, event: ClipboardEvent): void {
  const table = tableOf(event.clipboardData?.getData("text/plain") ?? "");
  const place = placeOf(cells, event.target);
  if (!table || !place) return;
  const fits = table.every((row, i) => row.every((_, j) => cells[place[0] + i]?.[place[1] + j]));
  if (!fits) return; // left as plain text, so that the message about its shape speaks of what was pasted
  event.preventDefault();
  for (const [i, row] of table.entries()) {
    for (const [j, entry] of row.entries()) cells[place[0] + i]![place[1] + j]!.value = entry;
  }
  event.target?.dispatchEvent(new Event("input", { bubbles: true }));
}

export function startGrids(page: Document): void {
  for (const grid of page.querySelectorAll<HTMLTableElement>("table[data-grid]")) {
    const rows = [...grid.tBodies].flatMap((body) => [...body.rows]);
    const cells = rows.map((row) => [...row.querySelectorAll("input")]);
    grid.addEventListener("keydown", (event) => walk(cells, event));
    grid.addEventListener("paste", (event) => paste(cells, event));
  }
}
