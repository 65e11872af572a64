import { expect, test } from "vitest";
import { parseCommentedJson } from "../../../src/base/text/commentedJson.ts";
import { shareServer } from "../../../src/config/write/shareServer.ts";

const server = { command: "/home/me/.pincer/bin/pincer", args: ["mcp", "serve"] };
const share = (text: string) => shareServer(text, "pincer", server);

test("a file that is not there, or empty, becomes one with the server", () => {
  expect(share("")).toBe(
    '{\n  "mcpServers": {\n    "pincer": {\n      "command": "/home/me/.pincer/bin/pincer",\n      "args": [\n        "mcp",\n        "serve"\n      ]\n    }\n  }\n}\n',
  );
  expect(share(" \n")).toBe(share(""));
});

test("comments, other servers, indents and line ends stay as they are", () => {
  const text =
    '// ours\r\n{\r\n\t// "mcpServers": {}\r\n\t"inputs": [{ "mcpServers": {} }],\r\n\t"mcpServers": { // all\r\n\t\t"a": { "command": "x" }, /* one */\r\n\t}\r\n}\r\n';
  const after = share(text)!;
  expect(parseCommentedJson(after)).toEqual({
    inputs: [{ mcpServers: {} }],
    mcpServers: { a: { command: "x" }, pincer: server },
  });
  expect(after).toMatch(/"mcpServers": \{\r\n\t\t"pincer": \{\r\n\t\t\t"command"/);
  for (const kept of ["// ours", '// "mcpServers": {}', "// all", "/* one */"]) expect(after).toContain(kept);
  expect(after.replaceAll("\r\n", "")).not.toContain("\n");
});

test.each([
  ["{}", { pincer: server }],
  ['{ "mcpServers": {} }', { pincer: server }],
  ['{"other": 1}', { pincer: server }],
  ['{"mcpServers":{"a":{"command":"{"}}}', { a: { command: "{" }, pincer: server }],
])("%s takes it in", (text, servers) => {
  expect(parseCommentedJson(share(text)!)).toMatchObject({ mcpServers: servers });
});

test("what has it already stays, and what cannot be changed is refused with what to write", () => {
  expect(share(share("")!)).toBeUndefined();
  for (const [text, why] of [
    ['{"mcpServers": {"pincer": {"url": "x"}}}', "it has another server pincer"],
    ["[1]", "it is no JSON object with mcpServers"],
    ["{", "it is no JSON object with mcpServers"],
    ['{"mcpServers": []}', "it is no JSON object with mcpServers"],
    ['{"mcp\\u0053ervers": {"a": {}}}', "it is written in a way that was not understood"],
  ])
    expect(() => share(text!), text).toThrow(
      `.mcp.json stays as it is: ${why}. Write it there by hand: {"mcpServers":{"pincer"`,
    );
});
