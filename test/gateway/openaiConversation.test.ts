import { expect, test } from "vitest";
import { openGatewayBench } from "./bench.ts";

test.each([
  ["chat/completions", "messages", { role: "assistant", content: "It is" }],
  ["responses", "input", { role: "assistant", content: "It is" }],
])("what follows the user's last message is refused and not passed over: %s, %s, %j", async (path, param, after) => {
  const { gateway, auth, model } = await openGatewayBench();
  const answer = await fetch(`${gateway.url}/v1/${path}`, {
    method: "POST",
    headers: { ...auth, "Content-Type": "application/json" },
    body: JSON.stringify({ model: "pincer", [param]: [{ role: "user", content: "What is it?" }, after] }),
  });
  const { error } = (await answer.json()) as { error: { message: string; param: string } };
  expect([answer.status, error.param]).toEqual([400, param]);
  expect(error.message).toContain(`(${after.role}) would not be read`);
  expect(model.requests).toHaveLength(0);
});
