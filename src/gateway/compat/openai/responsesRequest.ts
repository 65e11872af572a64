import * as z from "zod";
import { contentShape } from "./content.ts";

const itemShape = z.looseObject({
  type: z.string().optional(),
  role: z.enum(["system", "developer", "user", "assistant"]).optional(),
  content: contentShape.optional(),
});

export const responsesRequestShape = z.looseObject({
  model: z.string().default("pincer"),
  input: z.union([z.string(), z.array(itemShape)]).optional(),
  instructions: z.string().nullish(),
  previous_response_id: z.string().nullish(),
  user: z.string().max(1000).nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
});

export type ResponsesRequest = z.output<typeof responsesRequestShape>;
