// What the JSON Schema of problem files says about a place in a text: the keys that may stand there, the values
// that a key takes, and what a key means. Places are found by indentation, so that a text that is not yet whole
// is understood as well.

export interface Schema {
  $ref?: string;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  if?: Schema;
  then?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  propertyNames?: { enum?: string[] };
  items?: Schema;
  enum?: (string | number | boolean)[];
  const?: string;
  type?: string | string[];
  description?: string;
  required?: string[];
  definitions?: Record<string, Schema>;
}

/** The keys that lead to a line, a list item as "[]", and the plain values that stand beside it. */
export interface Place {
  path: string[];
  siblings: Map<string, string>;
}

interface Line {
  indent: number;
  isItem: boolean;
  key: string;
  value: string;
}

const KEY = /^("[^"]*"|'[^']*'|[A-Za-z_][\w. -]*?)\s*:(?:\s+|$)(.*)$/;
const MOST_STEPS = 40;

function read(text: string): Line | null {
  const bare = text.trimEnd();
  if (!bare.trim() || bare.trimStart().startsWith("#")) return null;
  let indent = bare.length - bare.trimStart().length;
  let rest = bare.trimStart();
  let isItem = false;
  while (rest === "-" || rest.startsWith("- ")) {
    isItem = true;
    const after = rest.slice(1).trimStart();
    indent += rest.length - after.length || 2;
    rest = after;
  }
  const found = KEY.exec(rest);
  const key = found?.[1]?.replace(/^["']|["']$/g, "") ?? "";
  return { indent, isItem, key, value: found?.[2]?.replace(/\s+#.*$/, "").trim() ?? "" };
}

/** Where a line stands; `indent` is that of what is typed there. */
export function placeOf(lines: readonly string[], number: number, indent: number, startsItem: boolean): Place {
  const path: string[] = [];
  const siblings = new Map<string, string>();
  let wanted = indent;
  let isInItem = startsItem;
  let isBeside = !startsItem;
  for (let above = number - 1; above >= 0 && (wanted > 0 || isBeside); above -= 1) {
    const line = read(lines[above] ?? "");
    if (line === null || line.indent > wanted) continue;
    if (line.indent === wanted) {
      if (isBeside && line.key) siblings.set(line.key, line.value);
      if (line.isItem && !isInItem) {
        isInItem = true;
        isBeside = false;
      }
      continue;
    }
    if (line.key && (!line.value || line.value === "|" || line.value === ">")) {
      if (isInItem) path.unshift("[]");
      path.unshift(line.key);
      wanted = line.indent;
      isInItem = line.isItem;
      isBeside = false;
    }
  }
  for (let below = number + 1; below < lines.length; below += 1) {
    const line = read(lines[below] ?? "");
    if (line === null || line.indent > indent) continue;
    if (line.indent < indent || line.isItem) break;
    if (line.key) siblings.set(line.key, line.value);
  }
  return { path, siblings };
}

export class ProblemSchema {
  constructor(private readonly root: Schema) {}

  /** The mappings that may stand at a place. */
  private at(place: Place): Schema[] {
    let found = this.whole(this.root, new Map());
    for (const step of place.path) {
      const next: Schema[] = [];
      for (const schema of found) {
        const inner = step === "[]" ? schema.items : (schema.properties?.[step] ?? this.more(schema));
        if (inner) next.push(...this.whole(inner, place.siblings));
      }
      found = next;
    }
    return found;
  }

  private more(schema: Schema): Schema | undefined {
    return typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
  }

  /** A schema with all that it refers to; what depends on a sibling's value only where it has that value. */
  private whole(schema: Schema, siblings: Map<string, string>, depth = 0): Schema[] {
    if (depth > MOST_STEPS) return [];
    const found: Schema[] = [schema];
    const go = (each: Schema): number => found.push(...this.whole(each, siblings, depth + 1));
    if (schema.$ref) {
      const target = this.root.definitions?.[schema.$ref.replace("#/definitions/", "")];
      if (target) go(target);
    }
    for (const each of [...(schema.allOf ?? []), ...(schema.anyOf ?? [])]) go(each);
    if (schema.if && schema.then && this.fits(schema.if, siblings)) go(schema.then);
    return found;
  }

  private fits(condition: Schema, siblings: Map<string, string>): boolean {
    const pairs = Object.entries(condition.properties ?? {});
    return pairs.every(([key, value]) => value.const === undefined || siblings.get(key) === value.const);
  }

  /** The keys that may stand at a place and are not there yet, each with its meaning. */
  keys(place: Place): { key: string; meaning: string }[] {
    const found = new Map<string, string>();
    for (const schema of this.at(place)) {
      for (const [key, value] of Object.entries(schema.properties ?? {})) {
        const meaning = this.describe(value, place.siblings);
        if (!place.siblings.has(key) && !found.get(key)) found.set(key, meaning);
      }
    }
    return [...found].map(([key, meaning]) => ({ key, meaning }));
  }

  /** The values that a key of a place takes, where they are few. */
  values(place: Place, key: string): string[] {
    const found = new Set<string>();
    for (const schema of this.at(place)) {
      const inner = schema.properties?.[key];
      for (const each of inner ? this.whole(inner, place.siblings) : []) {
        for (const value of each.enum ?? []) found.add(String(value));
        if (each.type === "boolean") ["true", "false"].forEach((value) => found.add(value));
      }
    }
    return [...found];
  }

  /** What a key of a place means. */
  meaning(place: Place, key: string): string {
    for (const schema of this.at(place)) {
      const inner = schema.properties?.[key];
      const words = inner ? this.describe(inner, place.siblings) : "";
      if (words) return words;
    }
    return "";
  }

  private describe(schema: Schema, siblings: Map<string, string>): string {
    for (const each of this.whole(schema, siblings)) if (each.description) return each.description;
    return "";
  }
}
