import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { headOf } from "../../base/cutText.ts";
import { describeError } from "../../base/log.ts";
import { untrusted } from "../../base/input/untrusted.ts";
import { visible, visibleData, visibleLine } from "../../base/text/visible.ts";
import type { ApprovalAsk, Tool, ToolContext, ToolResult } from "../../core/ports/tool.ts";
import { mcpPlace } from "../../rules/mcpTool.ts";
import { fitArguments } from "./checkArguments.ts";
import type { KeptTexts } from "../../base/files/keptTexts.ts";
import type { ServerTool } from "./listedTool.ts";
import { type ServerResult, toResultText } from "./resultText.ts";

export interface ToolCaller {
  /** Calls it; `conflict` when it is no longer the tool of that hash. */
  call(
    tool: ServerTool,
    input: Record<string, unknown>,
    context: Pick<ToolContext, "signal" | "progress" | "session">,
  ): Promise<ServerResult>;
  /** Whether it is not as it was when it was last called. */
  hasChanged(tool: ServerTool): boolean;
}

// More goes into a file, and this much of it is shown.
const MAX_SHOWN_BYTES = 25_000;

/** A server's tool as one of the agent's. It asks before every call: what a server says of its harmlessness is a hint. */
export function toTool(own: ServerTool, servers: ToolCaller, kept: KeptTexts): Tool {
  const { name, description, schema, server } = own;
  const tool: Tool<Record<string, unknown>> = {
    ...{ name, description, server },
    input: z.record(z.string(), z.unknown()),
    inputSchema: schema,
    effect: "network",
    async prepare(given, context) {
      const { input, fault } = fitArguments(own.given, given);
      if (fault) throw new AppError("bad_request", `The input of ${name} is not valid: ${visibleLine(fault, 500)}`);
      return {
        ask: askFor(own, input, servers.hasChanged(own)),
        touches: [],
        run: async () => await show(own, await servers.call(own, input, context), context, kept),
      };
    },
  };
  return tool as Tool;
}

function askFor(tool: ServerTool, input: unknown, hasChanged: boolean): ApprovalAsk {
  const { server, original, hash } = tool;
  const shown = visible(JSON.stringify(input, undefined, 2));
  const changed = hasChanged
    ? "; what the server says of this tool, or what the server is, has changed since it was last called"
    : "";
  return {
    summary: visibleLine(`${server}: ${original} ${JSON.stringify(input)}`, 500),
    subject: { type: "other", text: `${visibleLine(original)} of the MCP server ${server}\n${shown}` },
    reason: `calls a tool of the MCP server ${server}${tool.readOnly ? ", which says that it changes nothing" : ""}${changed}`,
    safe: false,
    protected: false,
    effects: [{ kind: "call", place: mcpPlace(server, tool.tool), before: hash }],
  };
}

async function show(
  { server, tool }: ServerTool,
  result: ServerResult,
  { session, log }: ToolContext,
  kept: KeptTexts,
): Promise<ToolResult> {
  const { text, images } = toResultText(result);
  const bytes = Buffer.byteLength(text);
  let shown = text;
  let more = "";
  if (bytes > MAX_SHOWN_BYTES) {
    // The call was made: it is not made again for want of a place for what it answered.
    const id = await kept.keep(session.key, text).catch((error: unknown) => {
      log.error("The answer of an MCP server could not be kept", { server, error: describeError(error) });
      return undefined;
    });
    shown = headOfBytes(text, MAX_SHOWN_BYTES);
    const end = Buffer.byteLength(shown);
    const rest =
      id === undefined ? "the rest could not be kept" : `read on with mcp_result {"id": "${id}", "offset": ${end}}`;
    more = `\n[The first ${end} of ${bytes} bytes; ${rest}]`;
  }
  const marked = shown === "" ? nothing(images.length) : untrusted(`mcp:${mcpPlace(server, tool)}`, visibleData(shown));
  return {
    text: marked + more,
    ...(result.isError ? { isError: true } : {}),
    ...(images.length > 0 ? { images } : {}),
  };
}

function nothing(images: number): string {
  if (images === 0) return "(It answered nothing.)";
  return images === 1 ? "(It answered with an image.)" : `(It answered with ${images} images.)`;
}

/** The beginning of a text that has no more bytes than these. */
export function headOfBytes(text: string, max: number): string {
  let head = headOf(text, max);
  for (let over = Buffer.byteLength(head) - max; over > 0; over = Buffer.byteLength(head) - max)
    head = headOf(head, head.length - Math.max(1, Math.ceil(over / 3)));
  return head;
}
