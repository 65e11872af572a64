import * as z from "zod";
import { AppError, isAppError, toErrorBody } from "../../../base/appError.ts";
import { checkScope, type Scope } from "../../calls/scope.ts";
import type { Exchange } from "../../http/endpoint.ts";
import type { Routes } from "../../routes/routeTable.ts";
import { callRoute, type CompatContext } from "../compatContext.ts";
import { defined } from "../../../base/defined.ts";
import { headOf } from "../../../base/cutText.ts";

export interface McpTool {
  name: string;
  description: string;
  inputSchema: { type: "object"; [key: string]: unknown };
  annotations?: { readOnlyHint: boolean };
}

export interface McpResult {
  content: ({ type: "text"; text: string } | { type: "image"; data: string; mimeType: string })[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
  [key: string]: unknown;
}

/** Routes that are tools here, by the names that the agent's own tools have. */
const ROUTE_OF: Record<string, keyof Routes> = {
  sessions_send: "sessions.send",
  sessions_spawn: "sessions.spawn",
  sessions_steer: "sessions.steer",
  sessions_cancel: "subagents.cancel",
  subagents_list: "subagents.list",
  sessions_list: "sessions.list",
  sessions_history: "sessions.history",
  session_status: "session.status",
  runs_wait: "runs.wait",
  cron_list: "cron.list",
  cron_add: "cron.add",
  cron_update: "cron.update",
  cron_remove: "cron.remove",
  cron_run: "cron.run",
};

// Their work is done by the tools above.
const HIDDEN = new Set(["cron"]);
const RANK: Scope[] = ["read", "write", "admin"];

/** The tools that the token may use: the gateway's own routes, then the agent's tools in the main session's folder. */
export async function listTools({ core, routes }: CompatContext, { principal }: Exchange): Promise<McpTool[]> {
  const may = (scope: Scope) => RANK.indexOf(scope) <= RANK.indexOf(principal!.scope);
  const own = Object.entries(ROUTE_OF).flatMap(([name, routeName]) => {
    const route = routes.get(routeName);
    if (!route || !may(route.scope)) return [];
    const { $schema: _, ...schema } = z.toJSONSchema(route.input, { io: "input", unrepresentable: "any" });
    return [toTool(name, route.summary, schema, route.scope === "read")];
  });
  const specs = core.tools.specs(await core.sessions.get("main"));
  const others = specs
    .filter(({ name }) => !(name in ROUTE_OF) && !HIDDEN.has(name) && may(scopeOf(core.tools.effect(name))))
    .map(({ name, description, inputSchema }) =>
      toTool(name, description, inputSchema, core.tools.effect(name) === "read"),
    );
  return [...own, ...others];
}

/** What goes wrong in a tool is a result that the calling model reads. */
export async function callTool(
  context: CompatContext,
  exchange: Exchange,
  call: { name: string; arguments?: Record<string, unknown> | undefined; isStopped: () => boolean },
): Promise<McpResult> {
  const { name, arguments: input = {}, isStopped } = call;
  // A client of another kind than a script: told apart in histories.
  const caller = { ...exchange, origin: { ...exchange.origin, via: "mcp" as const } };
  try {
    const route = Object.hasOwn(ROUTE_OF, name) ? ROUTE_OF[name] : undefined;
    if (route === undefined) return await callAgentTool(context, caller, name, input);
    const output = await callRoute(context, caller, route, input);
    if (isStopped()) await stopRun(context, output);
    return toResult(output);
  } catch (error) {
    if (!isAppError(error))
      context.core.log.error("A tool called over MCP failed", { tool: name, error: String(error) });
    const { code, message } = toErrorBody(error, exchange.requestId);
    return { content: [{ type: "text", text: `${code}: ${message}` }], isError: true };
  }
}

/** Who stops a call wants no work to go on behind it: a run that is no more waited for is cancelled, as at every other stop. */
async function stopRun({ core }: CompatContext, output: object): Promise<void> {
  if ("status" in output && output.status === "accepted" && "runId" in output)
    await core.runs.cancel(String(output.runId));
}

async function callAgentTool(
  { core }: CompatContext,
  { principal, origin, signal }: Exchange,
  name: string,
  input: Record<string, unknown>,
): Promise<McpResult> {
  const effect = HIDDEN.has(name) ? undefined : core.tools.effect(name);
  if (effect === undefined) throw new AppError("not_found", `There is no tool ${JSON.stringify(headOf(name, 100))}`);
  checkScope(principal!.scope, scopeOf(effect));
  const { text, isError, images = [] } = await core.tools.invoke({ sessionKey: "main", name, input, origin, signal });
  return {
    content: [
      { type: "text", text },
      ...images.map(({ data, mediaType }) => ({ type: "image" as const, data, mimeType: mediaType })),
    ],
    ...defined({ isError: isError || undefined }),
  };
}

function scopeOf(effect: string | undefined): Scope {
  return effect === "read" ? "read" : "write";
}

function toTool(name: string, description: string, schema: object, readOnlyHint: boolean): McpTool {
  return { name, description, inputSchema: { ...schema, type: "object" }, annotations: { readOnlyHint } };
}

function toResult(output: object): McpResult {
  return { content: [{ type: "text", text: JSON.stringify(output) }], structuredContent: { ...output } };
}
