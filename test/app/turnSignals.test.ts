import { expect, onTestFinished, test, vi } from "vitest";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { call, createAppBench } from "./bench.ts";

test("a turn leaves no signal for the next collection of all garbage", async () => {
  // Of an SDK that makes none itself.
  const model = await startAnthropicServer({ script: () => ({ text: "A short answer." }) });
  onTestFinished(() => model.close());
  const bench = createAppBench();
  bench.configure(`
model: anthropic/claude-sonnet-5-5
providers: { anthropic: { apiKey: sk-ant-test, baseUrl: "${model.url}" } }
`);
  const app = await bench.open();
  const rest = () => call(app, "/api/sessions/send", { message: "hi", sessionKey: "main" });
  const messages = [{ role: "user", content: "hi" }];
  const v1 = () => call(app, "/v1/chat/completions", { model: "pincer/main", messages });
  // The first ones load what they need.
  await rest();
  await v1();
  const made = vi.spyOn(AbortSignal, "any");
  onTestFinished(() => made.mockRestore());
  expect(await rest()).toMatchObject({ status: 200, body: { status: "ok" } });
  expect(await v1()).toMatchObject({ status: 200, body: { object: "chat.completion" } });
  expect(made).not.toHaveBeenCalled();
});
