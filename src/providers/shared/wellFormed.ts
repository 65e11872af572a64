import { oncePer } from "../../base/oncePer.ts";
import type { ModelRequest } from "../../core/ports/provider.ts";
import type { Message } from "../../protocol/message.ts";

/** The request with texts that are all well-formed, but for its messages. Tools that were there in the turn before are not looked at again. */
export function wellFormedRequest(request: ModelRequest): ModelRequest {
  const { system, tools } = request;
  return { ...request, system: wellFormed(system), tools: seen(tools) };
}

/** The messages with texts that are all well-formed. Those that were there in the turn before are not looked at again. */
export function wellFormedMessages(messages: Message[]): Message[] {
  return messages.map(seen);
}

const seen: <T extends object>(value: T) => T = oncePer(wellFormed<object>) as <T>(value: T) => T;

/** The same value, with every half of a character (a lone surrogate) in its texts replaced: APIs refuse those. */
export function wellFormed<T>(value: T): T {
  return isWellFormed(value) ? value : (mended(value) as T);
}

// Nearly always all is well, so looking makes nothing.
function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (Array.isArray(value)) return value.every(isWellFormed);
  if (!isPlain(value)) return true;
  for (const key in value) if (!key.isWellFormed() || !isWellFormed(value[key])) return false;
  return true;
}

function mended(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toWellFormed(), wellFormed(item)]));
}

/** What is no plain object, an abort signal say, is not for us to copy. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
