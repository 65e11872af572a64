import { expect, test } from "vitest";
import { nextEvent } from "../core/bench.ts";
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

test("requests that go on from one answer side by side are not told of each other", async () => {
  const bench = await openGatewayBench({ turns: [["Red."], ["One."], ["Two."], ["Three."]] });
  const ask = async (input: string, previous_response_id?: string) =>
    (await bench.post("/v1/responses", { model: "pincer", input, previous_response_id })).body.id as string;
  const red = await ask("Say red.");
  // The first has found its session, and its run is not stored yet, when the others come.
  const { sessions } = bench.core;
  const { send } = sessions;
  const found = Promise.withResolvers<void>();
  const others = Promise.withResolvers<void>();
  sessions.send = async (...sent) => {
    sessions.send = send;
    found.resolve();
    await others.promise;
    return send(...sent);
  };
  const first = ask("a", red);
  await found.promise;
  const more = ["b", "c"].map((input) => ask(input, red));
  for (let call = 0; call < 5; call++) await bench.get("/health");
  others.resolve();
  await Promise.all([first, ...more]);
  const told = bench.model.requests.slice(1).map(({ messages }) => messages.map(({ text }) => text));
  expect(told.toSorted()).toEqual(["a", "b", "c"].map((input) => ["Say red.", "Red.", input]));
});

test("an answer that was gone on from is gone on from once more in a copy that ends with it", async () => {
  const bench = await openGatewayBench({
    turns: [
      ["Red."],
      ["Blue."],
      ["Red, you said."],
      [{ fail: new Error("down") }],
      ["Blue, you said."],
      ["Aha."],
      ["Blue."],
    ],
  });
  const { core, model } = bench;
  const ask = async (input: string, previous_response_id?: string, more: object = {}) =>
    (await bench.post("/v1/responses", { model: "pincer", input, previous_response_id, ...more })).body.id as string;
  const keys = async () => (await core.sessions.list({ limit: 9, kinds: ["isolated"] })).sessions.map(({ key }) => key);
  const told = () => model.requests.at(-1)!.messages.map(({ text }) => text);
  const red = await ask("Say red.");
  const blue = await ask("Say blue.", red);
  expect(await keys()).toHaveLength(1);
  const removed = nextEvent(core, "session.deleted");
  await ask("Which?", red, { store: false });
  expect(told()).toEqual(["Say red.", "Red.", "Which?"]);
  await removed;
  await ask("Which?", blue);
  // The try before it came to no answer.
  const newest = await ask("And now?", blue);
  expect(told()).toEqual(["Say red.", "Red.", "Say blue.", "Blue.", "Which?", "And now?"]);
  const [key] = await keys();
  expect(await keys()).toEqual([key]);
  // A request that is refused leaves no copy.
  const gone = nextEvent(core, "session.deleted");
  const file = { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" };
  const refused = { model: "pincer", input: [{ role: "user", content: [file] }], previous_response_id: red };
  expect((await bench.post("/v1/responses", refused)).status).toBe(400);
  await gone;
  expect(await keys()).toEqual([key]);

  const panel = await core.sessions.send({ sessionKey: key!, text: "By hand.", origin: { via: "panel" } });
  await panel.end;
  await ask("Then?", newest);
  expect(told().slice(-3)).toEqual(["By hand.", "Aha.", "Then?"]);
  expect(await keys()).toEqual([key]);
});
