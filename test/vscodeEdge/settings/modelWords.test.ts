import { expect, test } from "vitest";
import type { ModelInfo } from "../../../src/protocol/model.ts";
import { english } from "../../fakes/english.ts";
import { modelWords } from "../../../src/vscode/settings/modelWords.ts";

const model = (more: Partial<ModelInfo>): ModelInfo => ({ id: "p/m", provider: "p", name: "m", ready: true, ...more });

test.each([
  [
    model({
      windowTokens: 200_000,
      thinking: true,
      images: true,
      price: { inputPerMTok: 3, outputPerMTok: 15, cacheReadPerMTok: 0.3 },
    }),
    "200K tokens, thinking, images · $3 in, $15 out, $0.3 cached per million tokens",
  ],
  [
    model({
      windowTokens: 1_048_576,
      price: {
        inputPerMTok: 1.25,
        outputPerMTok: 10,
        longPrompt: { aboveTokens: 200_000, inputPerMTok: 2.5, outputPerMTok: 15 },
      },
    }),
    "1.05M tokens · $1.25 in, $10 out per million tokens, more above 200K",
  ],
  [model({ windowTokens: 32_768 }), "32.8K tokens · price unknown"],
  [model({}), "price unknown"],
  [model({ price: { inputPerMTok: 0, outputPerMTok: 0 } }), "free"],
  [model({ provider: "offline" }), ""],
  [model({ provider: "vscode", at: "VS Code" }), "price unknown · only in VS Code"],
])("says what it offers and costs", (info, words) => {
  expect(modelWords(info, english)).toBe(words);
});
