import * as z from "zod";
import { AppError, isAppError, toErrorBody } from "../../../base/appError.ts";
import { checkScope, mayCall, type Scope } from "../../calls/scope.ts";
import type { Exchange } from "../../http/endpoint.ts";
import { callRoute, type CompatContext } from "../compatContext.ts";
import { hintsOf, type McpHints, ROUTE_TOOLS, titleOf } from "./routeTools.ts";
import { defined } from "../../../base/defined.ts";
import { headOf } from "../../../base/cutText.ts";

export interface McpTool {
  name: string;
  title: string;
  description: string;
  inputSchema: { type: "object"; [key: string]: unknown };
  outputSchema?: { type: "object"; [key: string]: unknown };
  annotations: McpHints & { title: string };
}

export interface McpResult {
  content: ({ type: "text"; text: string } | { type: "image"; data: string; mimeType: string })[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
  [key: string]: unknown;
}

// Their work is done by the tools above.
const HIDDEN = new Set(["cron"]);

/** The tools that the token may use: the gateway's own routes, then the agent's tools in the main session's folder. */
export async function listTools({ core, routes }: CompatContext, { principal }: Exchange): Promise<McpTool[]> {
  const may = (scope: Scope) => mayCall(principal!.scope, { scope });
  const own = Object.entries(ROUTE_TOOLS).flatMap(([name, { route: routeName, title, hints }]) => {
    const route = routes.get(routeName);
    if (!route || !may(route.scope)) return [];
    const outputSchema = schemaOf(route.output, "output");
    return [
      {
        ...{ name, title, description: route.summary, annotations: { title, ...hints } },
        inputSchema: { ...schemaOf(route.input, "input"), type: "object" as const },
        // What is one of several things has no schema of one object.
        ...(isObject(outputSchema) ? { outputSchema } : {}),
      },
    ];
  });
  const specs = core.tools.specs(await core.sessions.get("main"));
  const others = specs
    .filter(({ name }) => !(name in ROUTE_TOOLS) && !HIDDEN.has(name) && may(scopeOf(core.tools.effect(name))))
    .map(({ name, description, inputSchema }): McpTool => {
      const title = titleOf(name);
      const annotations = { title, ...hintsOf(core.tools.effect(name)) };
      return { name, title, description, annotations, inputSchema: { ...inputSchema, type: "object" } };
    });
  return [...own, ...others];
}

/** Whether there is a tool of that name, for whomever. */
export function isTool({ core }: CompatContext, name: string): boolean {
  return Object.hasOwn(ROUTE_TOOLS, name) || (!HIDDEN.has(name) && core.tools.effect(name) !== undefined);
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return made;
}

const isObject = (schema: Record<string, unknown>): schema is Record<string, unknown> & { type: "object" } =>
  schema["type"] === "object";

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
    const tool = Object.hasOwn(ROUTE_TOOLS, name) ? ROUTE_TOOLS[name] : undefined;
    if (tool === undefined) return await callAgentTool(context, caller, name, input);
    const output = await callRoute(context, caller, tool.route, input);
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
  checkScope(principal!.scope, { scope: scopeOf(effect) });
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

function toResult(output: object): McpResult {
  return { content: [{ type: "text", text: JSON.stringify(output) }], structuredContent: { ...output } };
}
