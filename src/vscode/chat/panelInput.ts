import type { RequestFrame } from "../../protocol/frame.ts";
import type { PanelMessage } from "../../protocol/panel/editor.ts";

/** Methods that the panel may call on the gateway. Whoever gets a script into the panel gets no more than this. */
const GATEWAY_METHODS =
  /^(?:(?:sessions?|subagents|runs|approvals|events|models|prompts|usage)\.[A-Za-z.]+|mcp\.(?:questions|answer)|plans\.end)$/;

/** What came from the panel, or undefined for anything that it never sends. */
export function readPanelInput(message: unknown): RequestFrame | PanelMessage | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const input = message as Record<string, unknown>;
  if (input["type"] === "panel") return readPanelMessage(input);
  if (input["type"] !== "req") return undefined;
  const { id, method, params } = input;
  if (typeof id !== "string" || id.length > 64 || typeof method !== "string") return undefined;
  if (!method.startsWith("editor.") && !GATEWAY_METHODS.test(method)) return undefined;
  return { type: "req", id, method, params };
}

function readPanelMessage({ event, sessionKey }: Record<string, unknown>): PanelMessage | undefined {
  if (event === "ready") return { type: "panel", event };
  if (event === "selected" && typeof sessionKey === "string") return { type: "panel", event, sessionKey };
  return undefined;
}

type Fields = Record<string, "string" | "string?" | "number" | "number?" | "list">;

/** The params of a method of the editor, when each field has the type it should and no other is there. */
export function readParams(params: unknown, fields: Fields): Record<string, unknown> | undefined {
  if (typeof params !== "object" || params === null || Array.isArray(params)) return undefined;
  const given = params as Record<string, unknown>;
  if (Object.keys(given).some((name) => !Object.hasOwn(fields, name))) return undefined;
  for (const [name, type] of Object.entries(fields)) {
    const value = given[name];
    if (type === "list") {
      if (!Array.isArray(value)) return undefined;
      continue;
    }
    if (value === undefined ? !type.endsWith("?") : typeof value !== type.replace("?", "")) return undefined;
    if (typeof value === "number" && !Number.isFinite(value)) return undefined;
  }
  return given;
}
