import { expect, test } from "vitest";
import { readOverflow } from "../../../src/providers/shared/overflowWords.ts";

test.each<[string, number | undefined]>([
  ["This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.", 8192],
  ["This model's maximum prompt length is 131072 but the request contains 537812 tokens.", 131_072],
  ["prompt is too long: 213,462 tokens > 200,000 maximum", 200_000],
  ["input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length", 200_000],
  ["The input token count (1196265) exceeds the maximum number of tokens allowed (1048576).", 1_048_576],
  ["Invalid request: Your request exceeded model token limit: 262144 (requested: 291351)", 262_144],
  ["Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length", 32_768],
  ["The model is loaded with context length of only 4096 tokens, which is not enough.", 4096],
  ["prompt token count of 130123 exceeds the limit of 128000", 128_000],
  ["`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens", 8193],
  ["The prompt is too long: 9000, model maximum context length: 8191", 8191],
  ["The input (5000 tokens) is longer than the model's context length (4096 tokens).", 4096],
  ["request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it", 4096],
  ["<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]", 30_720],
  ["Input is too long for requested model.", undefined],
  ["1261 Prompt exceeds max length", undefined],
  ["invalid params, context window exceeds limit (2013)", undefined],
  ["prompt too long; exceeded max context length by 200 tokens", undefined],
  ["Please reduce the length of the messages or completion.", undefined],
  ["context_length_exceeded", undefined],
])("%s", (words, limitTokens) => {
  expect(readOverflow(words)).toEqual(limitTokens === undefined ? {} : { limitTokens });
});

test.each([
  "max_tokens: 200000 > 128000, which is the maximum allowed number of output tokens",
  "Rate limit reached: tokens per minute limit 30000, used 29000",
  "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64",
  "messages.3.content.0.image: image exceeds 5 MB maximum",
  "Your hat is crooked.",
])("not: %s", (words) => {
  expect(readOverflow(words)).toBeUndefined();
});
