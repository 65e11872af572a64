import { expect, test } from "vitest";
import { copyHistory } from "../../../src/core/sessions/copyHistory.ts";
import type { StoredMessage } from "../../../src/protocol/message.ts";
import { assistantText, sessionOf, toolText, userText } from "../../store/samples.ts";
import { threadMs } from "../../fakes/threadMs.ts";

test("twenty thousand messages are copied in one go through them", () => {
  const said = [userText("look"), { ...assistantText("so"), toolCalls: [] }, toolText("it"), assistantText("there")];
  const history = Array.from({ length: 20_000 }, (_, n): StoredMessage => {
    const place = { id: n + 1, seq: n + 1, runId: "run_1", sessionKey: "main", createdAt: "2026-11-22T00:00:00.000Z" };
    return { ...said[n % said.length]!, ...place };
  });
  const before = threadMs();
  const { messages } = copyHistory(sessionOf("main"), history);
  // Through all that comes after each of them it would be some seconds.
  expect(threadMs() - before).toBeLessThan(500);
  expect(messages).toHaveLength(20_000);
});
