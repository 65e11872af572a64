import { createHash } from "node:crypto";
import { cutText } from "../../base/cutText.ts";
import { quotedLine, visible, visibleLine } from "../../base/text/visible.ts";
import { toModelSchema } from "./modelSchema.ts";

/** A tool as a server lists it. */
export interface ListedTool {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
  inputSchema: Record<string, unknown>;
  annotations?: { readOnlyHint?: boolean | undefined; title?: string | undefined } | undefined;
}

/** A tool of a server as the agent has it. */
export interface ServerTool {
  server: string;
  /** As the server wants it to be called. */
  original: string;
  /** The part of the agent's name for it that is the tool's own: fits rules and every provider. */
  tool: string;
  /** "mcp__github__list_issues" */
  name: string;
  title: string;
  description: string;
  /** For models: what no provider refuses. */
  schema: Record<string, unknown>;
  /** As the server gave it: what arguments are held against. */
  given: Record<string, unknown>;
  readOnly: boolean;
  /** Digest of the server's program or address, and of all that the tool says of itself. */
  hash: string;
}

export const MOST_TOOLS = 1000;
const MOST_FAULTS = 20;
const MAX_NAME = 64;
const MAX_DESCRIPTION = 2000;

/**
 * The tools of a server, each under a name of its own: a model calls by name, and so do rules. Of two that say they have
 * one name only the first can be called. `origin` is what the server is: its command line or address.
 */
export function toServerTools(
  server: string,
  origin: string,
  listed: ListedTool[],
  { allow, deny }: { allow?: string[] | undefined; deny: string[] },
): ServerTool[] {
  const tools = new Map<string, ServerTool>();
  const originals = new Set<string>();
  for (const one of listed.slice(0, MOST_TOOLS)) {
    const isWanted = one.name !== "" && (!allow || allow.includes(one.name)) && !deny.includes(one.name);
    if (!isWanted || originals.has(one.name)) continue;
    originals.add(one.name);
    const tool = toServerTool(server, origin, one, (name) => tools.has(name));
    tools.set(tool.name, tool);
  }
  return [...tools.values()];
}

/** Why some of what a server lists is left out, in lines. */
export function leftOutOf(listed: ListedTool[]): string[] {
  const names = listed.slice(0, MOST_TOOLS).map(({ name }) => name);
  const known = new Set<string>();
  const twice = new Set(names.filter((name) => known.has(name) || !known.add(name)));
  const lines = [...twice].slice(0, MOST_FAULTS).map((name) => {
    return `The tool ${quotedLine(name)} is listed more than once: all but the first are left out`;
  });
  if (listed.length <= MOST_TOOLS) return lines;
  return [...lines, `It has ${listed.length} tools, of which the first ${MOST_TOOLS} are used`];
}

function toServerTool(server: string, origin: string, one: ListedTool, isTaken: (name: string) => boolean): ServerTool {
  const prefix = `mcp__${server}__`;
  const tool = toName(one.name, MAX_NAME - prefix.length, (part) => isTaken(prefix + part));
  const said = visible(one.description ?? "").trim();
  return {
    server,
    original: one.name,
    tool,
    name: prefix + tool,
    title: visibleLine(one.title ?? one.annotations?.title ?? one.name, 80),
    description: `[of the MCP server ${server}] ${cutText(said === "" ? visibleLine(one.name) : said, MAX_DESCRIPTION)}`,
    schema: toModelSchema(one.inputSchema),
    given: one.inputSchema,
    readOnly: one.annotations?.readOnlyHint === true,
    hash: digest([origin, one.name, one.title, one.description, one.inputSchema, one.annotations]),
  };
}

/** What every provider takes as part of a name; told apart by a digest where that changed it. */
function toName(original: string, max: number, isTaken: (name: string) => boolean): string {
  const plain = original.replace(/[^A-Za-z0-9_-]/g, "_");
  if (plain === original && plain.length <= max && !isTaken(plain)) return plain;
  return `${plain.slice(0, max - 9)}_${digest(original).slice(0, 8)}`;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function digest(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value, (_key, item: unknown) => (isMapping(item) ? sortKeys(item) : item)) ?? "")
    .digest("hex")
    .slice(0, 32);
}

function sortKeys(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
