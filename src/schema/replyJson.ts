import { type JsonFault, MOST_DEPTH, type ReadJson, readJson } from "./jsonText.ts";

/** The JSON values of a model's reply, where it is one, or holds some between words or in fences. */
export interface ReplyJson {
  values: unknown[];
  /** Why there is none. */
  fault: string;
}

const MOST_CHARS = 1_000_000;
const MOST_TRIES = 50;

/** What is wrong with a reply that was meant as JSON is said, and nothing is picked out of it. */
export function replyJson(text: string): ReplyJson {
  const bare = text.trim();
  if (bare.length > MOST_CHARS) return { values: [], fault: `it has more than ${MOST_CHARS} characters` };
  const whole = readJson(bare);
  if ("value" in whole) return { values: [whole.value], fault: "" };
  if (whole.isJson) return { values: [], fault: whole.fault };
  const inside = insideFences(bare);
  if (inside.length > MOST_TRIES) return { values: [], fault: `it has more than ${MOST_TRIES} fenced texts` };
  const fenced = inside.map((inner) => readJson(inner.trim()));
  if (fenced.length > 0 && fenced.every((one) => "value" in one))
    return { values: fenced.map(({ value }) => value), fault: "" };
  const between = valuesBetween(bare);
  const faulty = [...fenced, ...between].find((one): one is JsonFault => "fault" in one);
  if (faulty) return { values: [], fault: faulty.fault };
  const values = between.flatMap((one) => ("value" in one ? [one.value] : []));
  return { values, fault: values.length > 0 ? "" : whole.fault };
}

/** What stands in fences, line by line: a closing fence is the opening one alone. */
function insideFences(text: string): string[] {
  const found: string[] = [];
  let mark: string | undefined;
  let lines: string[] = [];
  for (const line of text.split("\n")) {
    const bare = line.trim();
    if (mark === undefined) {
      mark = /^(?:`{3,}|~{3,})/.exec(bare)?.[0];
      lines = [];
    } else if (bare === mark) {
      found.push(lines.join("\n"));
      mark = undefined;
    } else lines.push(line);
  }
  return found;
}

/** The objects and lists that stand between words, none within another. What only looks like one is passed over. */
function valuesBetween(text: string): ReadJson[] {
  const found: ReadJson[] = [];
  let tries = 0;
  for (let at = next(text, 0); at < text.length && tries < MOST_TRIES; at = next(text, at)) {
    tries += 1;
    const end = endOf(text, at);
    const read = end === undefined ? undefined : readJson(text.slice(at, end));
    if (end !== undefined && read && ("value" in read || read.isJson)) {
      found.push(read);
      at = end;
    } else at += 1;
  }
  return found;
}

function next(text: string, from: number): number {
  const found = text.slice(from).search(/[{[]/);
  return found < 0 ? text.length : from + found;
}

/** Where the bracket that opens at `from` is closed. */
function endOf(text: string, from: number): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.slice(from).matchAll(/[{}[\]]|"[^"\\]*(?:\\[^][^"\\]*)*"/g)) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    if (depth > MOST_DEPTH) return undefined;
    if (depth === 0) return from + index + 1;
  }
  return undefined;
}
