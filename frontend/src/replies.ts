// The pictures of a reply, drawn with Observable Plot, which is loaded when the first of them comes into view.

import type * as PlotModule from "@observablehq/plot";
import { element } from "./elements";

type Plot = typeof PlotModule;
type Spot = [number, number];
type Values = (number | null)[];
type Slopes = {
  kind: "slopes";
  by: string;
  order: number;
  window: Spot;
  x: number[];
  function: Values;
  true: Values | null;
  own: Values | null;
};
type Trail = { kind: "trail"; by: string[]; x: Spot; y: Spot; lines: { level: number; spots: Spot[] }[]; spots: Spot[] };
export type Reply = (Slopes | Trail) & { words: string; names: Record<string, string> };

const WIDTH = 520;
const COLOURS = { function: "var(--accent)", true: "var(--right)", own: "var(--notice)", path: "var(--wrong)" };
const DASHES = { true: "2 4", own: "9 3 2 3" };
const REACH = 0.14; // of the range: how far a tangent reaches to either side

/** A plot that our style sheet dresses: the style element that Plot brings along is not allowed here. */
function plotted(plot: Plot, words: string, options: PlotModule.PlotOptions): Element {
  const drawn = plot.plot({ width: WIDTH, marginLeft: 42, marginRight: 14, className: "plot", ...options });
  drawn.querySelector("style")?.remove();
  for (const group of drawn.querySelectorAll("g[aria-label]")) group.removeAttribute("aria-label"); // one picture, one name
  drawn.removeAttribute("viewBox");
  drawn.setAttribute("viewBox", `0 0 ${WIDTH} ${drawn.getAttribute("height") ?? 300}`);
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", words);
  return drawn;
}

function curve(x: number[], values: Values): { x: number; y: number }[] {
  return x.map((place, at) => ({ x: place, y: values[at] ?? NaN }));
}

function short(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : String(Number(value.toPrecision(4))).replace("-", "−");
}

/** The line through a point of the curve with this slope, as long as it is well seen. */
function touching(reply: Slopes, at: number, slope: number | null | undefined): { x: number; y: number }[] {
  const [x, y] = [reply.x[at]!, reply.function[at]];
  if (slope === null || slope === undefined || y === null || y === undefined) return [];
  const reach = (REACH * (reply.x.at(-1)! - reply.x[0]!)) / Math.sqrt(1 + slope * slope * aspect(reply) ** 2);
  return [
    { x: x - reach, y: y - slope * reach },
    { x: x + reach, y: y + slope * reach },
  ];
}

function aspect(reply: Slopes): number {
  return (reply.x.at(-1)! - reply.x[0]!) / (reply.window[1] - reply.window[0]) / 2;
}

function slopesPlot(plot: Plot, reply: Slopes & { words: string }, at: number): Element {
  const { x } = reply;
  const marks: PlotModule.Markish[] = [
    plot.gridX({ stroke: "var(--edge)" }),
    plot.gridY({ stroke: "var(--edge)" }),
    plot.ruleY([0], { stroke: "var(--control)" }),
    plot.line(curve(x, reply.function), { x: "x", y: "y", stroke: COLOURS.function, strokeWidth: 2.2, clip: true }),
  ];
  for (const name of ["true", "own"] as const) {
    const values = reply[name];
    if (!values) continue;
    const look = { stroke: COLOURS[name], strokeWidth: 2.2, strokeDasharray: DASHES[name], clip: true };
    marks.push(plot.line(curve(x, values), { x: "x", y: "y", ...look }));
    marks.push(plot.dot([{ x: x[at], y: values[at] ?? NaN }], { x: "x", y: "y", fill: COLOURS[name], r: 3.5, clip: true }));
    if (reply.order === 1) {
      const line = { stroke: COLOURS[name], strokeWidth: 1.6, clip: true as const };
      marks.push(plot.line(touching(reply, at, values[at]), { x: "x", y: "y", ...line }));
    }
  }
  marks.push(plot.ruleX([x[at]!], { stroke: "var(--control)", strokeDasharray: "3 3" }));
  marks.push(plot.dot([{ x: x[at], y: reply.function[at] ?? NaN }], { x: "x", y: "y", fill: COLOURS.function, r: 4, clip: true }));
  return plotted(plot, reply.words, {
    height: 300,
    x: { domain: [x[0]!, x.at(-1)!], label: reply.by, ticks: 7 },
    y: { domain: reply.window, label: null, ticks: 6 },
    marks,
  });
}

function trailPlot(plot: Plot, reply: Trail & { words: string }): Element {
  const isPlane = reply.by.length === 2;
  const lines = reply.lines.map((line, at) =>
    plot.line(line.spots, {
      stroke: COLOURS.function,
      strokeWidth: isPlane ? 1.1 : 2.2,
      strokeOpacity: isPlane ? 0.45 + (0.5 * at) / reply.lines.length : 1,
      clip: true,
    }),
  );
  const steps = reply.spots.slice(1).map((spot, at) => ({ from: reply.spots[at]!, to: spot }));
  const spots = reply.spots.map(([x, y], at) => ({ x, y, name: at === 0 ? "0" : String(at) }));
  return plotted(plot, reply.words, {
    height: isPlane ? WIDTH - 42 - 14 + 50 : 300,
    x: { domain: reply.x, label: reply.by[0]!, ticks: 6 },
    y: { domain: reply.y, label: isPlane ? reply.by[1]! : null, ticks: 6 },
    marks: [
      ...lines,
      plot.arrow(steps, {
        x1: (step: (typeof steps)[0]) => step.from[0],
        y1: (step: (typeof steps)[0]) => step.from[1],
        x2: (step: (typeof steps)[0]) => step.to[0],
        y2: (step: (typeof steps)[0]) => step.to[1],
        stroke: COLOURS.path,
        strokeWidth: 1.8,
        headLength: 7,
      }),
      plot.dot(spots, { x: "x", y: "y", r: 3.5, fill: COLOURS.path, stroke: "var(--surface)" }),
      plot.text(spots, { x: "x", y: "y", text: "name", dy: -10, fill: "var(--ink)", stroke: "var(--surface)" }),
    ],
  });
}

/** The slider that walks along the curve, and what is there in numbers. */
function walker(reply: Slopes & Reply, at: number, show: (at: number) => void): HTMLElement {
  const box = element("div", "reply-walk");
  const label = document.createElement("label");
  const slider = document.createElement("input");
  const said = document.createElement("output");
  slider.type = "range";
  slider.id = `walk-${Math.random().toString(36).slice(2)}`;
  slider.max = String(reply.x.length - 1);
  slider.value = String(at);
  label.htmlFor = slider.id;
  label.textContent = reply.names["place"] ?? "Place on the curve";
  const tell = (): void => {
    const here = Number(slider.value);
    const parts = (["function", "true", "own"] as const).flatMap((name) => {
      const values = reply[name];
      return values ? [`${reply.names[name] ?? name} ${short(values[here])}`] : [];
    });
    said.textContent = `${reply.by} = ${short(reply.x[here])}: ${parts.join(", ")}`;
    slider.setAttribute("aria-valuetext", said.textContent);
    show(here);
  };
  said.setAttribute("aria-live", "off"); // the slider says it
  slider.addEventListener("input", tell);
  box.append(label, slider, said);
  tell();
  return box;
}

/** Where the student's slope is farthest from the true one, else a third of the way along. */
function telling(reply: Slopes): number {
  let [best, found] = [0, Math.floor(reply.x.length / 3)];
  const span = reply.window[1] - reply.window[0];
  reply.x.forEach((_, at) => {
    const [one, other, here] = [reply.true?.[at], reply.own?.[at], reply.function[at]];
    const isSeen = [one, here].every((y) => typeof y === "number" && y > reply.window[0] && y < reply.window[1]);
    if (!isSeen || typeof one !== "number" || typeof other !== "number") return;
    const apart = Math.min(Math.abs(one - other), span / 2);
    if (apart > best + span / 100) [best, found] = [apart, at];
  });
  return found;
}

export async function drawReply(figure: HTMLElement, picture: HTMLElement, reply: Reply): Promise<void> {
  const plot = await import("@observablehq/plot");
  if (reply.kind === "trail") {
    picture.replaceChildren(trailPlot(plot, reply));
    return;
  }
  const walk = walker(reply, telling(reply), (at) => picture.replaceChildren(slopesPlot(plot, reply, at)));
  picture.after(walk);
  figure.dataset["drawn"] = "";
}
