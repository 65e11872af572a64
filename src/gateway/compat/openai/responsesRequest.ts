import * as z from "zod";
import { responseToolShape } from "./requestTools.ts";
import { inputShape } from "./conversation/responseItems.ts";
import { formatShape, tokenCount, wishFields } from "./wishes.ts";

export const responsesRequestShape = z.looseObject({
  ...wishFields,
  input: inputShape.optional(),
  instructions: z.string().nullish(),
  previous_response_id: z.string().nullish(),
  tools: z.array(responseToolShape).nullish(),
  text: z.looseObject({ format: formatShape.nullish() }).nullish(),
  max_output_tokens: tokenCount,
});

export type ResponsesRequest = z.output<typeof responsesRequestShape>;
