import { join } from "node:path";
import { AppError } from "../../base/appError.ts";
import { homeFolder } from "../../base/files/homeFolder.ts";
import { isWholePath } from "../../base/files/isWholePath.ts";
import { parseCommentedJson } from "../../base/text/commentedJson.ts";
import { visibleLine } from "../../base/text/visible.ts";
import { SERVER_NAME } from "../../rules/mcpTool.ts";
import { type Env, literally } from "../expandEnv.ts";
import { mcpSchema } from "../schema/mcpSchema.ts";

/** A server as openclaw.yml takes it, its references to the environment as they are written there. */
export interface ForeignServer {
  command?: string;
  args?: string[];
  env?: Record<string, string>;
  cwd?: string;
  url?: string;
  headers?: Record<string, string>;
  enabled?: false;
}

export interface ForeignServers {
  servers: Record<string, ForeignServer>;
  /** Those that cannot be taken over. */
  left: { name: string; why: string }[];
}

/** The servers of a `.mcp.json` or a `.vscode/mcp.json` in this folder. `bad_request` when the text is neither. */
export function readForeignServers(text: string, folder: string, env: Env): ForeignServers {
  const file = parse(text);
  const given = file?.["mcpServers"] ?? file?.["servers"];
  if (!isMapping(given))
    throw new AppError("bad_request", "No servers stand in this file, under mcpServers or servers");
  const read: ForeignServers = { servers: {}, left: [] };
  for (const [name, server] of Object.entries(given)) {
    const found = isMapping(server) ? toServer(server, folder, env) : "it is no mapping";
    const own = toName(name);
    const fault =
      typeof found === "string"
        ? found
        : Object.hasOwn(read.servers, own)
          ? "another one has its name"
          : faultOf(own, found);
    if (fault !== undefined || typeof found === "string")
      read.left.push({ name: visibleLine(name, 80), why: fault ?? "" });
    else read.servers[own] = found;
  }
  return read;
}

/** The server, or why it cannot be one. */
function toServer(server: Record<string, unknown>, folder: string, env: Env): ForeignServer | string {
  if (server["type"] === "sse") return "it speaks the older protocol over server-sent events alone";
  if (server["envFile"] !== undefined) return "it needs variables of its envFile";
  const unknown = new Set<string>();
  const convert = (value: unknown): unknown => {
    if (typeof value === "string") return toReference(value, folder, env, unknown);
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    if (Array.isArray(value)) return value.map(convert);
    return isMapping(value)
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, convert(item)]))
      : value;
  };
  const kept = ["command", "args", "env", "cwd", "url", "headers"].flatMap((key) =>
    server[key] === undefined || server[key] === null ? [] : [[key, convert(server[key])] as const],
  );
  if (unknown.size > 0) return `it needs ${[...unknown].join(", ")}`;
  const isOff = server["disabled"] === true || server["enabled"] === false;
  return { ...fromFolder(Object.fromEntries(kept), folder), ...(isOff ? { enabled: false } : {}) };
}

/** Other programs start a server in the folder that sets it up, and mean paths from there. */
function fromFolder(server: Record<string, unknown>, folder: string): Record<string, unknown> {
  const { command, cwd = "." } = server;
  if (typeof command !== "string" || typeof cwd !== "string") return server;
  const here = literally(folder);
  // What a reference begins is as whole as what it stands for.
  const isWhole = isWholePath(cwd) || /^(?:~(?=$|[/\\])|\$\{)/.test(cwd);
  return {
    ...server,
    command: /^\.\.?[/\\]/.test(command) ? join(here, command) : command,
    cwd: cwd === "." ? here : isWhole ? cwd : join(here, cwd),
  };
}

/** `${env:NAME}` and `${NAME:-value}` as openclaw.yml writes them; what it has no word for is noted in `unknown`. */
function toReference(text: string, folder: string, env: Env, unknown: Set<string>): string {
  return text.replace(/\$\{([^}]*)\}/g, (whole, inner: string) => {
    if (inner === "userHome") return literally(homeFolder());
    if (inner === "workspaceFolder" || inner === "CLAUDE_PROJECT_DIR") return literally(folder);
    const [, name, otherwise] = /^(?:env:)?([A-Za-z_]\w*)(?::-(.*))?$/.exec(inner) ?? [];
    if (name !== undefined && typeof env[name] === "string" && env[name] !== "") return `\${${name}}`;
    if (name !== undefined && otherwise !== undefined) return literally(otherwise);
    unknown.add(name === undefined ? whole : `the environment variable ${name}`);
    return whole;
  });
}

function faultOf(name: string, server: ForeignServer): string | undefined {
  const result = mcpSchema.safeParse({ servers: { [name]: server } });
  const [issue] = result.success ? [] : result.error.issues;
  return issue && `${issue.path.slice(2).join(".")}: ${issue.message}`;
}

function toName(name: string): string {
  const plain = name
    .replace(/[^A-Za-z0-9-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 32)
    .replace(/-+$/, "");
  return SERVER_NAME.test(plain) ? plain : "server";
}

/** JSON, with comments and commas too many as editors allow them. */
function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseCommentedJson(text);
    return isMapping(value) ? value : undefined;
  } catch (error) {
    throw new AppError("bad_request", `The file is not JSON: ${visibleLine((error as Error).message)}`, {
      cause: error,
    });
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
