import { expect, test } from "vitest";
import { mendAnswer } from "../../src/mcp/wire/mendAnswer.ts";

const mend = (method: string, result: object) => mendAnswer(method, result as Record<string, unknown>, () => {});

test("what is null is not there: no list ends a server by saying that it has no more", () => {
  const tool = { name: "a", inputSchema: { type: "object" } };
  for (const [method, key, one] of [
    ["tools/list", "tools", tool],
    ["resources/list", "resources", { uri: "n://1", name: "n" }],
    ["resources/templates/list", "resourceTemplates", { uriTemplate: "n://{id}", name: "n" }],
  ] as const)
    expect(mend(method, { [key]: [one], nextCursor: null, _meta: null })).toEqual({ [key]: [one] });
});

test("prompts without a name are left out alone, and odd arguments of others", () => {
  const args = [{ name: "x", required: "yes", description: null }, { description: "no name" }, "y"];
  const prompts = [{ name: "a", description: null, title: 5 }, { name: 5 }, null, { name: "b", arguments: args }];
  expect(mend("prompts/list", { prompts })).toEqual({
    prompts: [
      { name: "a", arguments: [] },
      { name: "b", arguments: [{ name: "x", required: false }] },
    ],
  });
  expect(mend("prompts/list", { prompts: null })).toEqual({ prompts: [] });
});

test("what is left out of a list for want of a name or an address is told", () => {
  const told: string[] = [];
  const tell = (text: string) => told.push(text);
  mendAnswer("prompts/list", { prompts: [{ name: "a" }, { name: 5 }, null] }, tell);
  mendAnswer("resources/list", { resources: [{ name: "nowhere" }, {}, { uri: "n://1" }] }, tell);
  mendAnswer("resources/templates/list", { resourceTemplates: [{ uriTemplate: "n://{id}" }] }, tell);
  mendAnswer("resources/templates/list", { resourceTemplates: [{ name: "nowhere" }] }, tell);
  expect(told).toEqual([
    "2 prompts without a name are left out",
    "2 documents without an address are left out",
    "A pattern of documents without an address is left out",
  ]);
});

test("a resource that has no name is called by its address, and what has no address is left out alone", () => {
  const resources = [
    { uri: "n://1" },
    { name: "nowhere" },
    null,
    { uri: "n://2", name: "two", mimeType: null, size: "12" },
  ];
  expect(mend("resources/list", { resources })).toEqual({
    resources: [
      { uri: "n://1", name: "n://1" },
      { uri: "n://2", name: "two" },
    ],
  });
});

test("what a resource holds is a list of texts and bytes, however it is given", () => {
  const text = (contents: unknown) => mend("resources/read", { contents })["contents"];
  expect(text("all")).toEqual([{ uri: "", text: "all" }]);
  expect(text({ uri: "n://1", text: "one", mimeType: null })).toEqual([{ uri: "n://1", text: "one" }]);
  expect(text([{ text: "a" }, { uri: "n://2", text: 5 }, { uri: "n://3", blob: "AAAA" }, null])).toEqual([
    { uri: "", text: "a" },
    { uri: "n://3", blob: "AAAA" },
  ]);
});

test("what a prompt says is messages of one part each, by the user where nothing else is said", () => {
  const part = (text: string) => ({ type: "text", text });
  const messages = [
    { role: "system", content: "a" },
    { role: "assistant", content: [part("b"), part("c")] },
    { content: { type: "x" } },
  ];
  expect(mend("prompts/get", { description: null, messages })).toEqual({
    messages: [
      { role: "user", content: part("a") },
      { role: "assistant", content: part("b") },
      { role: "assistant", content: part("c") },
      { role: "user", content: part("[content of the kind x: not shown]") },
    ],
  });
});

test("who a server is and what it can do is said in any way", () => {
  const capabilities = {
    tools: { listChanged: "yes" },
    logging: null,
    experimental: null,
    prompts: true,
    resources: { subscribe: false },
  };
  expect(mend("initialize", { protocolVersion: "x", capabilities, instructions: null })).toEqual({
    protocolVersion: "x",
    capabilities: { tools: {}, prompts: {}, resources: { subscribe: false } },
    serverInfo: { name: "unnamed", version: "" },
  });
  expect(mend("initialize", { protocolVersion: "x", capabilities: null })["capabilities"]).toEqual({});
});

test("an image is one however it is called, and bytes that are none are told of", () => {
  const content = (one: object) => (mend("tools/call", { content: [one] })["content"] as object[])[0];
  expect(content({ type: "blob", blob: "AAAA", mimeType: "image/png" })).toMatchObject({ type: "image", data: "AAAA" });
  expect(content({ type: "image", data: "data:image/png;base64,AAAA", mimeType: null })).toMatchObject({
    data: "AAAA",
  });
  expect(content({ type: "blob", blob: "AAAA", mimeType: "audio/wav" })).toEqual({
    type: "text",
    text: "[audio/wav: not shown]",
  });
});
