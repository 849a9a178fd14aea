// What is wider than its place scrolls; whoever uses the keyboard must be able to get there.

const WIDE = ".math.block, .math.wide, .scroll-x, .preview-math, .read-as";

function mark(page: Document): void {
  for (const place of page.querySelectorAll<HTMLElement>(WIDE)) {
    if (place.scrollWidth > place.clientWidth) place.tabIndex = 0;
    else place.removeAttribute("tabindex");
  }
}

export function startScrolls(page: Document): void {
  mark(page);
  window.addEventListener("resize", () => mark(page));
  void page.fonts.ready.then(() => mark(page));
  page.addEventListener("toggle", () => mark(page), true);
}
