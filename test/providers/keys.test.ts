import { expect, test } from "vitest";
import * as kinds from "../../src/providers/index.ts";
import { collect, failure, noSignal, options, request, user } from "./collect.ts";

const keyed = [kinds.anthropic, kinds.openai, kinds.google, kinds.openaiChat];
const KEYS: [string, string][] = [
  ["“sk-test”", '“ is a typographic quote; use ", or none'],
  ["sk-\u00a0test", "a character that looks like nothing or a blank (U+00A0) stands in it"],
  ["sk-tést", "é (U+00E9) stands in it, which no token or key holds"],
  ["sk test", "a blank stands in it"],
];

test.each(keyed.map((kind) => [kind.api, kind] as const))(
  "%s: a key that no request can carry is a sentence, and nothing is asked",
  async (_, kind) => {
    for (const [key, said] of KEYS) {
      const fetch = () => Promise.reject(new Error("asked"));
      const provider = kind.create(options({ apiKey: () => Promise.resolve(key), fetch }));
      const error = await failure(collect(provider, request("m", [user("hi")])));
      expect(error).toMatchObject({ code: "unavailable" });
      expect((error as Error).message).toContain(`is not as it is written: ${said}. Run "Pincer: Set API key…"`);
      expect((error as Error).message).not.toContain("test”");
      if (kind === kinds.openaiChat) continue;
      const models = await provider.models(noSignal);
      expect(models.every(({ ready, reason }) => !ready && reason?.includes(said))).toBe(true);
    }
  },
);
