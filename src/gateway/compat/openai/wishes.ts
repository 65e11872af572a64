import * as z from "zod";
import { defined } from "../../../base/defined.ts";
import type { ClientTools, Sampling } from "../../../protocol/clientTools.ts";
import type { ReplyForm } from "../../../protocol/replyForm.ts";
import type { SendRequest } from "../../../protocol/run.ts";
import { readSchema } from "../../../schema/readSchema.ts";
import { badItem } from "./conversation/badItem.ts";
import { type GivenTool, toClientTools, toolChoiceShape } from "./requestTools.ts";

/** Fields that both APIs have in the same form. */
export const wishFields = {
  model: z.string().default("pincer"),
  user: z.string().max(1000).nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  tool_choice: toolChoiceShape,
  parallel_tool_calls: z.boolean().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((all) => Object.keys(all).length <= 16, "At most 16 entries")
    .nullish(),
};

export const tokenCount = z.int().min(1).nullish();

/** A format of answers, as `response_format` and `text.format` have it. */
export const formatShape = z.looseObject({
  type: z.enum(["text", "json_object", "json_schema"], { error: "Expected text, json_object or json_schema" }),
  name: z.string().nullish(),
  schema: z.record(z.string(), z.unknown()).nullish(),
});

/** What a client wants of an answer beyond its words. */
export type Wishes = Pick<SendRequest, "form" | "clientTools" | "sampling" | "metadata">;

export interface GivenWishes {
  format?: z.output<typeof formatShape> | null | undefined;
  formatPath: string;
  tools: GivenTool[];
  tool_choice?: z.output<typeof toolChoiceShape>;
  parallel_tool_calls?: boolean | null | undefined;
  sampling: { [K in keyof Sampling]: Sampling[K] | null | undefined };
  metadata?: Record<string, string> | null | undefined;
}

export function toWishes(given: GivenWishes): Wishes {
  const clientTools: ClientTools | undefined = toClientTools(given.tools, given.tool_choice, given.parallel_tool_calls);
  const told = Object.entries(given.sampling).filter(([, value]) => value !== null && value !== undefined);
  return defined({
    form: toForm(given.format, given.formatPath),
    clientTools,
    sampling: told.length > 0 ? (Object.fromEntries(told) as Sampling) : undefined,
    metadata: given.metadata && Object.keys(given.metadata).length > 0 ? given.metadata : undefined,
  });
}

const ANY_OBJECT = { type: "object" };

function toForm(format: GivenWishes["format"], path: string): ReplyForm | undefined {
  if (!format || format.type === "text") return undefined;
  if (format.type === "json_object") return { schema: ANY_OBJECT };
  // Without one OpenAI takes any object as well.
  const schema = format.schema ?? ANY_OBJECT;
  if (!format.name) throw badItem(`${path}.name`, `\`${path}\` needs a name`);
  readSchema(schema, `${path}.schema`);
  return { schema, name: format.name };
}
