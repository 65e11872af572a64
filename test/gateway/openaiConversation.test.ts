import { expect, test } from "vitest";
import { type GatewayBench, openGatewayBench } from "./bench.ts";

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

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const url = `data:image/png;base64,${PNG}`;

/** What the model was told last, and the names of what went along. */
function toldLast({ model }: GatewayBench) {
  const last = model.requests.at(-1)!.messages.findLast(({ role }) => role === "user");
  return { text: last?.text, names: last?.role === "user" ? last.attachments?.map(({ name }) => name) : undefined };
}

test("an answer that goes on by its id is told every item of its input, and each image by a name of its own", async () => {
  const bench = await openGatewayBench({ turns: [["Hello"], ["Two dots."]] });
  const first = await bench.post("/v1/responses", { model: "pincer", input: "hello" });
  const shown = (text: string) => [
    { type: "input_text", text },
    { type: "input_image", image_url: url },
  ];
  const input = [
    { role: "user", content: shown("Look at this.") },
    { role: "user", content: shown("And this?") },
  ];
  await bench.post("/v1/responses", { model: "pincer", input, previous_response_id: first.body.id });
  expect(toldLast(bench)).toEqual({
    text: "The conversation so far:\n\nuser: Look at this. [image-1.png]\n\nThe message to answer:\n\nAnd this?",
    names: ["image-1.png", "image-2.png"],
  });
});

test("a user's session that goes on is told all that came since the last answer, also what was called elsewhere", async () => {
  const bench = await openGatewayBench({ turns: [["Hello"], ["It does."], ["Yes."]] });
  const messages: object[] = [{ role: "user", content: "hello" }];
  const say = (...more: object[]) =>
    bench.post("/v1/chat/completions", {
      model: "pincer",
      user: "alice",
      messages: (messages.push(...more), messages),
    });
  await say();
  const answer = { role: "assistant", content: "Hello" };
  await say(answer, { role: "user", content: "It rains in Bonn." }, { role: "user", content: "Does it?" });
  expect(toldLast(bench).text).toBe(
    "The conversation so far:\n\nuser: It rains in Bonn.\n\nThe message to answer:\n\nDoes it?",
  );
  const called = [{ id: "call_abc", type: "function", function: { name: "weather", arguments: "{}" } }];
  await say(
    { role: "assistant", content: "It does." },
    { role: "user", content: "Still?" },
    { role: "assistant", content: null, tool_calls: called },
    { role: "tool", tool_call_id: "call_abc", content: "rain" },
    { role: "user", content: "So?" },
  );
  expect(toldLast(bench).text).toBe(
    "The conversation so far:\n\nuser: Still?\n\nassistant called weather (call_abc) with: {}\n\nresult of weather (call_abc): rain\n\nThe message to answer:\n\nSo?",
  );
});
