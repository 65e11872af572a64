import { parseSync, visitorKeys } from "oxc-parser";

/** A part of a program, as ESTree names it. */
export interface Node {
  type: string;
  start: number;
  end: number;
  [name: string]: unknown;
}

export function parse(file: string, source: string): Node {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]!.message}`);
  return program as unknown as Node;
}

/** Calls `visit` with each node, outermost first, and what it is in; where it answers false, what is within is left out. */
export function walk(node: Node, visit: (node: Node, around: Node[]) => boolean | void, around: Node[] = []): void {
  if (visit(node, around) === false) return;
  const inner = [node, ...around];
  for (const name of visitorKeys[node.type] ?? []) {
    for (const child of [node[name]].flat()) if (child) walk(child as Node, visit, inner);
  }
}

/** "vscode.l10n.t", "log.warn", "AppError"; "" where a call has no plain name. */
export function calleeName(node: Node, source: string): string {
  if (node.type !== "CallExpression" && node.type !== "NewExpression") return "";
  const { start, end } = node["callee"] as Node;
  return /[\w.#]+$/.exec(source.slice(start, end).replaceAll("()", ""))?.[0] ?? "";
}

/** The text of a literal; of a template with "{}" for each value. */
export function textOf(node: Node): string | undefined {
  if (node.type === "Literal") return typeof node["value"] === "string" ? node["value"] : undefined;
  if (node.type === "JSXText") return node["value"] as string;
  if (node.type !== "TemplateLiteral") return undefined;
  return (node["quasis"] as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join("{}");
}

export function placeOf(file: string, source: string, { start }: Node): string {
  return `${file}:${source.slice(0, start).split("\n").length}`;
}
