import * as z from "zod";
import { contentShape, readContent } from "./content.ts";
import { badItem } from "./badItem.ts";
import type { Item } from "./items.ts";

const callShape = z.looseObject({
  id: z.string().min(1).max(200),
  type: z.string().optional(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }).optional(),
});

export const chatMessageShape = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool", "function"]),
  content: contentShape.nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(callShape).nullish(),
  function_call: z.unknown().optional(),
  tool_call_id: z.string().nullish(),
});

/** The messages of a chat as items; none is passed over. */
export function chatItems(messages: z.output<typeof chatMessageShape>[]): Item[] {
  return messages.flatMap((message, index): Item[] => {
    const path = `messages.${index}`;
    const content = readContent(message.content, `${path}.content`);
    switch (message.role) {
      case "system":
      case "developer":
        return [{ kind: "instruction", text: content.text }];
      case "user":
        return [{ kind: "said", role: "user", content }];
      case "tool":
        if (!message.tool_call_id) throw badItem(`${path}.tool_call_id`, "A tool's message names its `tool_call_id`");
        return [{ kind: "result", id: message.tool_call_id, content }];
      case "function":
        throw badItem(path, "Messages of role function are not taken: use tool_calls, and messages of role tool");
      case "assistant": {
        if (message.function_call) throw badItem(path, "`function_call` is not taken: use `tool_calls`");
        const text = content.text || message.refusal || "";
        const calls = (message.tool_calls ?? []).map((call, at): Item => {
          if (!call.function)
            throw badItem(`${path}.tool_calls.${at}`, `A call of type ${call.type ?? "?"} is not taken`);
          return { kind: "call", id: call.id, name: call.function.name, input: call.function.arguments };
        });
        const said: Item = { kind: "said", role: "assistant", content: { ...content, text } };
        return text === "" && calls.length > 0 ? calls : [said, ...calls];
      }
    }
  });
}
