// In a large table of links the arrow keys go to the next link in their direction, so that nobody has to pass
// all heads by Tab.

type Step = [row: number, column: number];

const STEPS: Record<string, Step> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function next(table: HTMLTableElement, from: HTMLTableCellElement, [down, right]: Step): HTMLElement | null {
  let row = (from.parentElement as HTMLTableRowElement).rowIndex + down;
  let column = from.cellIndex + right;
  for (; table.rows[row]?.cells[column]; row += down, column += right) {
    const link = table.rows[row]?.cells[column]?.querySelector<HTMLElement>("a[href]");
    if (link) return link;
  }
  return null;
}

export function startTables(page: Document): void {
  for (const table of page.querySelectorAll<HTMLTableElement>(".grid-table table")) {
    table.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      const from = (event.target as Element).closest<HTMLTableCellElement>("th, td");
      if (!step || !from || event.ctrlKey || event.metaKey || event.altKey) return;
      const link = next(table, from, step);
      if (!link) return;
      event.preventDefault();
      link.focus();
    });
  }
}
