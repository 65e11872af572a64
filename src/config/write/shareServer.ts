import { isDeepStrictEqual } from "node:util";
import { AppError } from "../../base/appError.ts";
import { parseCommentedJson } from "../../base/text/commentedJson.ts";

/** How other programs start one of our servers. */
export interface SharedServer {
  command: string;
  args: string[];
}

/**
 * The text of a `.mcp.json` with a server of this name, its comments and other entries as they are; undefined when it has that
 * server already. `conflict` where it has another one of that name, or cannot be changed without breaking it.
 */
export function shareServer(text: string, name: string, server: SharedServer): string | undefined {
  const refuse = (why: string) =>
    new AppError(
      "conflict",
      `.mcp.json stays as it is: ${why}. Write it there by hand: ${JSON.stringify({ mcpServers: { [name]: server } })}`,
    );
  if (text.trim() === "") return `${JSON.stringify({ mcpServers: { [name]: server } }, undefined, 2)}\n`;
  const before = read(text);
  const servers = before?.["mcpServers"];
  if (!before || (servers !== undefined && !isMapping(servers))) throw refuse("it is no JSON object with mcpServers");
  if (servers && Object.hasOwn(servers, name)) {
    if (isDeepStrictEqual(servers[name], server)) return undefined;
    throw refuse(`it has another server ${name}`);
  }
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? "  ";
  const entry = (depth: number) =>
    `${JSON.stringify(name)}: ${JSON.stringify(server, undefined, indent).replaceAll("\n", `\n${indent.repeat(depth)}`)}`;
  const at = servers ? openOf(text, "mcpServers") : openOf(text);
  const isEmpty = Object.keys(servers ?? before).length === 0;
  const depth = servers ? 2 : 1;
  const added = servers ? entry(2) : `"mcpServers": {\n${indent.repeat(2)}${entry(2)}\n${indent}}`;
  const gap = `\n${indent.repeat(depth)}`;
  const end = isEmpty ? `\n${indent.repeat(depth - 1)}` : ",";
  const after =
    at === undefined
      ? undefined
      : `${text.slice(0, at)}${gap}${added}${end}${isEmpty ? text.slice(at).trimStart() : text.slice(at)}`;
  const wanted = { ...before, mcpServers: { ...servers, [name]: server } };
  // What cannot be found in the text as it is in the data is not guessed at.
  if (after === undefined || !isDeepStrictEqual(read(after), wanted))
    throw refuse("it is written in a way that was not understood");
  return text.includes("\r\n") ? after.replaceAll(/\r?\n/g, "\r\n") : after;
}

/** Where the text after an opening brace begins: the outermost one, or that of a key of it. */
function openOf(text: string, key?: string): number | undefined {
  let depth = 0;
  let last = "";
  for (const { 0: part, index } of text.matchAll(/"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[^]*?\*\/|[{}[\]]/g)) {
    if (part.startsWith("/")) continue;
    if (part === "{" && (key === undefined ? depth === 0 : depth === 1 && last === JSON.stringify(key)))
      return index + 1;
    if (part === "{" || part === "[") depth += 1;
    else if (part === "}" || part === "]") depth -= 1;
    else if (depth === 1) last = part;
  }
  return undefined;
}

function read(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseCommentedJson(text);
    return isMapping(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
