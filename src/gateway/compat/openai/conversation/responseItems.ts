import * as z from "zod";
import { AppError, isAppError } from "../../../../base/appError.ts";
import { parseInput } from "../../../../base/input/parseInput.ts";
import type { Core } from "../../../../core/core.ts";
import type { Origin } from "../../../../protocol/message.ts";
import { findCall, findMessage, type KnownRuns, readOnce, toArguments, toCallId } from "./callIdentity.ts";
import { contentShape, NO_CONTENT, readContent } from "./content.ts";
import { badItem } from "./badItem.ts";
import type { Item } from "./items.ts";
import { BODY_LIMIT } from "../../../auth/authorize.ts";

const messageItem = z.looseObject({
  type: z.literal("message").optional(),
  role: z.enum(["system", "developer", "user", "assistant"]),
  content: contentShape,
});
const callItem = z.looseObject({
  type: z.literal("function_call"),
  call_id: z.string().min(1).max(200),
  name: z.string(),
  arguments: z.string(),
});
const outputItem = z.looseObject({
  type: z.literal("function_call_output"),
  call_id: z.string().min(1).max(200),
  output: contentShape,
});
const reasoningItem = z.looseObject({
  type: z.literal("reasoning"),
  summary: z.array(z.looseObject({ text: z.string() })).nullish(),
  content: z.array(z.looseObject({ text: z.string() })).nullish(),
});
const referenceItem = z.looseObject({ type: z.literal("item_reference").nullish(), id: z.string().min(1) });
const anyItem = z.looseObject({ type: z.string().nullish() });

type Given = z.output<typeof anyItem>;

interface Known {
  core: KnownRuns;
  origin: Origin;
}

/** Items of the newer API; which shape one has follows from its `type`. */
export const inputShape = z.union([z.string(), z.array(anyItem)]);

const KINDS = "message, function_call, function_call_output, reasoning, item_reference";

/** The items of an input; one of a kind that cannot be taken is refused by its name. */
export async function responseItems(
  input: z.output<typeof inputShape> | undefined,
  { core, origin }: { core: Core; origin: Origin },
): Promise<Item[]> {
  if (typeof input === "string") return [{ kind: "said", role: "user", content: { text: input, attachments: [] } }];
  const items: Item[] = [];
  const known = { core: readOnce(core), origin };
  let referredChars = 0;
  for (const [index, given] of (input ?? []).entries()) {
    const item = await toItem(given, `input.${index}`, known);
    if (item) items.push(item);
    // A few bytes name all of an earlier answer, and may do so as often as they fit into a body.
    if (item && kindOf(given) === "item_reference") referredChars += charsOf(item);
    if (referredChars > BODY_LIMIT)
      throw new AppError(
        "payload_too_large",
        `The items that \`input\` refers to have more than ${BODY_LIMIT} characters`,
      );
  }
  return items;
}

function kindOf(given: Given): string {
  return given.type ?? ("role" in given ? "message" : "id" in given ? "item_reference" : "");
}

function charsOf(item: Item): number {
  if (item.kind === "call") return item.input.length;
  return item.kind === "said" ? item.content.text.length : 0;
}

async function toItem(given: Given, path: string, known: Known): Promise<Item | undefined> {
  const type = kindOf(given);
  switch (type) {
    case "message": {
      const { role, content: parts } = read(messageItem, given, path);
      const content = readContent(parts, `${path}.content`);
      if (role === "system" || role === "developer") return { kind: "instruction", text: content.text };
      return { kind: "said", role, content };
    }
    case "function_call": {
      const { call_id: id, name, arguments: written } = read(callItem, given, path);
      return { kind: "call", id, name, input: written };
    }
    case "function_call_output": {
      const { call_id: id, output } = read(outputItem, given, path);
      return { kind: "result", id, content: readContent(output, `${path}.output`) };
    }
    case "reasoning": {
      const { summary, content } = read(reasoningItem, given, path);
      const text = [...(summary ?? []), ...(content ?? [])].map((part) => part.text).join("\n");
      // What is encrypted is another server's to read.
      return text === "" ? undefined : { kind: "thought", text };
    }
    case "item_reference":
      return referred(read(referenceItem, given, path).id, path, known);
    default:
      throw badItem(path, `An item of type ${JSON.stringify(type.slice(0, 60))} is not taken. There are: ${KINDS}`);
  }
}

/** The item as its type has it; what is wrong with it is named from the request's own beginning. */
function read<S extends z.ZodType>(shape: S, given: unknown, path: string): z.output<S> {
  try {
    return parseInput(shape, given);
  } catch (error) {
    if (!isAppError(error)) throw error;
    const [detail] = error.details ?? [];
    const place = [path, detail?.path].filter(Boolean).join(".");
    throw badItem(place, `${place}: ${detail?.message ?? error.message}`);
  }
}

/** What an earlier answer held under this id. */
async function referred(id: string, path: string, { core, origin }: Known): Promise<Item> {
  const found = await findCall(core, id, origin);
  if (found && id.startsWith("fc_")) {
    const { run, call } = found;
    const index = run.outcome?.type === "done" ? run.outcome.calls!.indexOf(call) : 0;
    return { kind: "call", id: toCallId(run.id, index), name: call.name, input: toArguments(call) };
  }
  const run = await findMessage(core, id, origin);
  if (run?.outcome?.type === "done")
    return { kind: "said", role: "assistant", content: { ...NO_CONTENT, text: run.outcome.reply } };
  const message = `${path}: no item ${JSON.stringify(id.slice(0, 80))} of an earlier answer is kept here`;
  throw new AppError("not_found", message, { details: [{ path, message }] });
}
