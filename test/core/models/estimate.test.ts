import { expect, test } from "vitest";
import { estimateTokens } from "../../../src/core/models/estimate.ts";
import type { Message } from "../../../src/protocol/message.ts";
import { createRandom } from "../../random.ts";

let looks = 0;

function said(chars: number): Message {
  const text = "x".repeat(chars);
  const message: Message = { role: "user", text: "", origin: { via: "api" } };
  return Object.defineProperty(message, "text", { get: () => ((looks += 1), text) });
}

/** One by one, so that none was sized before. */
function plainly(messages: Message[]): number {
  return messages.reduce((sum, message) => sum + estimateTokens([message]), 0);
}

test("a history is sized right however it grew, was shortened or changed in its middle", () => {
  const random = createRandom(5);
  let messages: Message[] = [said(7)];
  for (let step = 0; step < 600; step += 1) {
    messages = [...messages, said(Math.floor(random() * 900))];
    const chance = random();
    if (chance < 0.02) messages = messages.slice(0, Math.ceil(messages.length / 2));
    if (chance > 0.98) messages = messages.with(Math.floor(messages.length / 2), said(3));
    expect(estimateTokens(messages)).toBe(plainly(messages));
  }
});

test("what was sized before is not looked at again", () => {
  let messages = Array.from({ length: 2000 }, () => said(10));
  estimateTokens(messages);
  looks = 0;
  for (let turn = 0; turn < 200; turn += 1) {
    messages = [...messages, said(10)];
    estimateTokens(messages);
  }
  // Those of the newest few are sized again, until they are many.
  expect(looks).toBeLessThan(200 * 64);
  expect(looks).toBeGreaterThan(0);
});
