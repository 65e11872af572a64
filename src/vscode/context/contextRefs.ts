import { MOST_CARRIED } from "../../base/attachments/mostCarried.ts";
import { AppError } from "../../base/appError.ts";
import type { ContextRef } from "../../protocol/panel/contextRef.ts";

const KINDS: Record<ContextRef["kind"], true> = {
  file: true,
  folder: true,
  problems: true,
  terminal: true,
  changes: true,
  session: true,
  resource: true,
};

/** Chips as a page sent them, checked: a page may send anything. */
export function toContextRefs(given: unknown[]): ContextRef[] {
  if (given.length > MOST_CARRIED)
    throw new AppError("bad_request", `A message carries at most ${MOST_CARRIED} things.`);
  return given.map((one) => {
    if (!isContextRef(one)) throw new AppError("bad_request", "This is nothing that a message can carry.");
    return one;
  });
}

function isContextRef(given: unknown): given is ContextRef {
  if (typeof given !== "object" || given === null) return false;
  const { kind, label, icon, uri, id, from, to } = given as Record<string, unknown>;
  const isText = (value: unknown): value is string => typeof value === "string" && value.length <= 4096;
  const isLine = (value: unknown) => value === undefined || (Number.isSafeInteger(value) && (value as number) > 0);
  if (!isText(kind) || !Object.hasOwn(KINDS, kind) || !isText(label) || label === "" || !isText(icon)) return false;
  return [uri, id].every((value) => value === undefined || isText(value)) && isLine(from) && isLine(to);
}
