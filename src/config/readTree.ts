import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from "yaml";
import { type Env, expandEnv } from "./expandEnv.ts";
import type { Finding, Path, Span } from "./configProblem.ts";
import { explainQuote, findTypographicQuote, isWrapped } from "../base/text/typographicQuotes.ts";
import { defined } from "../base/defined.ts";
import { explainSyntax, findFault, type SyntaxFinding } from "./explainSyntax.ts";

/** A file's content as plain values, with the place of each. */
export interface Tree {
  value: unknown;
  /** What could not be read. Each is an error unless it says otherwise. */
  findings: Finding[];
  /** The one thing that keeps the file from being read at all. */
  syntax?: SyntaxFinding;
  /** Whether the value at this path is, word for word, one environment variable. */
  isFromEnv(path: Path): boolean;
  /** The environment variables that were put in place, and what each holds. */
  envNames(): string[];
  envValue(name: string): string;
  /** The place of the key at `path`, or of the nearest one above it. "key" leaves the value out. */
  spanOf(path: Path, part?: "key"): Span;
}

// Far above any real file; what passes them is an alias bomb or a mistake.
const MAX_NODES = 10_000;
const MAX_DEPTH = 24;
const MAX_ALIASES = 500;
const MAX_LINES = 10_000;
const MAX_CHARACTERS = 1_000_000;

/**
 * Reads YAML 1.2 without tags; without `env` a ${NAME} stays as it is. Never throws: what is wrong with the text is in
 * `findings` or `syntax`.
 */
export function readTree(text: string, env: Env | undefined): Tree {
  const lines = new LineCounter();
  const spans = new Map<string, { key: Span; whole: Span }>();
  const fromEnv = new Set<string>();
  const used = new Set<string>();
  const findings: Finding[] = [];

  const toSpan = (start: number, end: number): Span => {
    const from = lines.linePos(start);
    const to = lines.linePos(end);
    return { line: from.line, column: from.col, endLine: to.line, endColumn: to.col };
  };
  const tree = (value: unknown, syntax?: SyntaxFinding): Tree => ({
    value,
    findings,
    ...defined({ syntax }),
    envNames: () => [...used],
    envValue: (name) => env?.[name] ?? "",
    isFromEnv: (path) => fromEnv.has(toId(path)),
    spanOf(path, part) {
      for (let length = path.length; length > 0; length--) {
        const found = spans.get(toId(path.slice(0, length)));
        if (found) return part === "key" || length < path.length ? found.key : found.whole;
      }
      return { line: 1, column: 1, endLine: 1, endColumn: 1 };
    },
  });

  if (text.length > MAX_CHARACTERS) {
    const span = { line: 1, column: 1, endLine: 1, endColumn: 1 };
    return tree({}, { span, message: "The file is larger than 1 MB, which no configuration is" });
  }
  if (text.split("\n", MAX_LINES + 1).length > MAX_LINES) {
    const span = { line: 1, column: 1, endLine: 1, endColumn: 1 };
    return tree({}, { span, message: "The file has more than 10,000 lines, which no configuration has" });
  }
  if (isNestedTooDeep(text)) {
    return tree({}, { span: { line: 1, column: 1, endLine: 1, endColumn: 1 }, message: "This is nested too deep" });
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: "error",
  });
  const broken = document.errors[0];
  if (broken) {
    const fault = findFault(broken, document);
    const quote = findTypographicQuote(text, fault[0]);
    if (quote !== undefined) return tree({}, { message: explainQuote(text[quote]!), span: toSpan(quote, quote + 1) });
    return tree({}, { ...explainSyntax(broken, text), span: toSpan(...fault) });
  }

  const reader: Reader = {
    anchors: new Map(),
    targets: new Map(),
    isRepeating: false,
    env,
    findings,
    spans,
    fromEnv,
    used,
    toSpan,
    nodes: 0,
    aliases: 0,
  };
  return tree(readNode(reader, document.contents, [], 0));
}

interface Reader {
  /** What was named by & so far. */
  anchors: Map<string, Node>;
  /** What each alias stands for, in its place: the name may be another node's further down. */
  targets: Map<Alias, Node | undefined>;
  /** Within what an alias brings again: its names were noted in their place. */
  isRepeating: boolean;
  env: Env | undefined;
  findings: Finding[];
  spans: Map<string, { key: Span; whole: Span }>;
  fromEnv: Set<string>;
  used: Set<string>;
  toSpan(start: number, end: number): Span;
  nodes: number;
  aliases: number;
}

function readNode(reader: Reader, node: unknown, path: Path, depth: number): unknown {
  if (++reader.nodes === MAX_NODES || depth === MAX_DEPTH) {
    const why = depth === MAX_DEPTH ? "is nested too deep" : "expands to more than 10,000 values";
    reader.findings.push({ path: path.slice(0, 1), message: `This ${why}` });
  }
  if (reader.nodes >= MAX_NODES || depth >= MAX_DEPTH) return undefined;
  if (isAlias(node)) {
    if (++reader.aliases === MAX_ALIASES)
      reader.findings.push({ path: path.slice(0, 1), message: `This uses more than ${MAX_ALIASES} aliases` });
    if (reader.aliases >= MAX_ALIASES) return undefined;
    if (!reader.isRepeating) reader.targets.set(node, reader.anchors.get(node.source));
    const target = reader.targets.get(node) ?? reader.anchors.get(node.source);
    if (!target)
      reader.findings.push({
        path,
        message: `Nothing is named &${node.source}, so *${node.source} stands for nothing`,
      });
    const { isRepeating } = reader;
    reader.isRepeating = true;
    const value = readNode(reader, target, path, depth + 1);
    reader.isRepeating = isRepeating;
    return value;
  }
  noteAnchor(reader, node);
  if (isTagged(node)) reader.findings.push({ path, message: `The tag ${node.tag} means nothing here` });
  if (isMap(node)) return readMap(reader, node.items, path, depth);
  if (isSeq(node)) {
    return node.items.map((item, index) => {
      noteSpan(reader, [...path, index], item as Node, item as Node);
      return readNode(reader, item, [...path, index], depth + 1);
    });
  }
  if (!isScalar(node)) return null;
  return typeof node.value === "string" ? readText(reader, node.value, path, node) : node.value;
}

function noteAnchor({ anchors, isRepeating }: Reader, node: unknown): void {
  const { anchor } = (node ?? {}) as { anchor?: unknown };
  if (typeof anchor === "string" && !isRepeating) anchors.set(anchor, node as Node);
}

function readMap(reader: Reader, pairs: Pair[], path: Path, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const pair of pairs) {
    if (!isScalar(pair.key)) {
      reader.findings.push({ path, message: "A key must be plain text" });
      continue;
    }
    noteAnchor(reader, pair.key);
    const key = String(pair.key.value);
    const own = [...path, key];
    if (isWrapped(key)) noteQuote(reader, own, pair.key, key);
    // It would be lost on the way through any plain object.
    if (key === "__proto__") reader.findings.push({ path: own, about: "key", message: `Unknown key "${key}"` });
    const first = Object.hasOwn(result, key) ? reader.spans.get(toId(own)) : undefined;
    noteSpan(reader, own, pair.key, pair.value as Node | null);
    if (first) {
      reader.findings.push({
        path: own,
        about: "key",
        message: `The key "${key}" was given before, on line ${first.key.line}`,
      });
    }
    const value = readNode(reader, pair.value, own, depth + 1);
    if (key !== "__proto__") result[key] = value;
  }
  return result;
}

function readText(reader: Reader, text: string, path: Path, node: Node): string | undefined {
  if (isWrapped(text)) noteQuote(reader, path, node, text);
  if (!reader.env) return readLiteral(reader, text, path);
  const expansion = expandEnv(text, reader.env);
  for (const name of expansion.names) reader.used.add(name);
  for (const reference of expansion.malformed) {
    reader.findings.push({
      path,
      message: `${reference} is not a reference to an environment variable; write \${NAME}, or $\${ for a literal \${`,
    });
  }
  for (const name of expansion.missing) {
    // A provider without its key is not ready, and says so; the others can work.
    const severity =
      ["providers", "search"].includes(String(path[0])) && path.at(-1) === "apiKey" ? "warning" : "error";
    reader.findings.push({ severity, path, message: `The environment variable ${name} is not set` });
  }
  if (expansion.used && /^\$\{[^}]*\}$/.test(text)) reader.fromEnv.add(toId(path));
  return expansion.text;
}

function noteQuote({ findings, toSpan }: Reader, path: Path, node: Node, text: string): void {
  const start = node.range?.[0] ?? 0;
  findings.push({ path, message: explainQuote(text[0]!), span: toSpan(start, start + 1) });
}

/** In a file that anybody may have written nothing is put in the place of ${NAME}; `$${` says the same as in the user's. */
function readLiteral(reader: Reader, text: string, path: Path): string {
  const name = /(?<!\$)\$\{([A-Za-z_]\w*)\}/.exec(text)?.[1];
  if (name !== undefined)
    reader.findings.push({
      severity: "warning",
      path,
      message: `A workspace's file reads no environment variables: \${${name}} stays as it is`,
    });
  else if (text !== "" && isSecret(path))
    reader.findings.push({
      severity: "warning",
      path,
      about: "key",
      code: "secret_in_workspace",
      message: SECRET_HERE,
    });
  return text.replaceAll("$${", () => "${");
}

function isSecret(path: Path): boolean {
  return ["apiKey", "token", "password", "secret"].includes(String(path.at(-1)));
}

const SECRET_HERE =
  "Whoever has this folder can read this secret. Keep it in the editor's secret storage (Pincer: Set API key…), in the environment, or in your own openclaw.yml";

const MAX_OPEN = 100;

/** Whether so many brackets are open at once, or lists begun on one line, as in no configuration: the parser's own stack would end. */
function isNestedTooDeep(text: string): boolean {
  if (text.split(/[[{]/, MAX_OPEN + 1).length <= MAX_OPEN && !/(?:[-?][ \t]+){100}/.test(text)) return false;
  let open = 0;
  let begun = 0;
  let before = "";
  for (const token of new Lexer().lex(text)) {
    // After its mark comes a text, whatever it looks like.
    const isText = before === "\u001f";
    before = token;
    if (isText) continue;
    if (token === "[" || token === "{") open += 1;
    else if (token === "]" || token === "}") open = Math.max(0, open - 1);
    else if (token === "-" || token === "?") begun += 1;
    else if (/^\r?\n$/.test(token)) begun = 0;
    if (open >= MAX_OPEN || begun >= MAX_OPEN) return true;
  }
  return false;
}

function noteSpan(reader: Reader, path: Path, key: Node, value: Node | null): void {
  const start = key.range?.[0] ?? 0;
  const keySpan = reader.toSpan(start, key.range?.[1] ?? start);
  const whole = reader.toSpan(start, value?.range?.[1] ?? key.range?.[1] ?? start);
  reader.spans.set(toId(path), { key: keySpan, whole: whole.endLine === whole.line ? whole : keySpan });
}

function isTagged(node: unknown): node is { tag: string } {
  const tag = (node as { tag?: unknown } | null)?.tag;
  return typeof tag === "string" && !PLAIN_TAGS.includes(tag);
}

// The parser puts these on by itself.
const PLAIN_TAGS = ["map", "seq", "str", "null", "bool", "int", "float"].map((type) => `tag:yaml.org,2002:${type}`);

function toId(path: Path): string {
  return JSON.stringify(path);
}
