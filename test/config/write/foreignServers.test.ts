import { readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../../src/config/loadConfig.ts";
import { addServers } from "../../../src/config/write/addServers.ts";
import { readForeignServers } from "../../../src/config/write/foreignServers.ts";
import { tempFolder } from "../../tools/toolContext.ts";

const env = { GITHUB_TOKEN: "secret", HOME: "/home/x" };

test("the servers of .mcp.json and .vscode/mcp.json are read, with their references as openclaw.yml writes them", () => {
  const text = `{
    // as the editor writes it
    "inputs": [{ "id": "key", "type": "promptString" }],
    "servers": {
      "git hub": { "type": "stdio", "command": "npx", "args": ["-y", "x//y", "\${workspaceFolder}/a"], "env": { "T": "\${env:GITHUB_TOKEN}" }, },
      "docs": { "type": "http", "url": "https://mcp.example.org/mcp", "headers": { "A": "Bearer \${GITHUB_TOKEN}", "B": "\${NOT_SET:-fallback}" } },
      "asks": { "command": "x", "env": { "K": "\${input:key}" } },
      "lacks": { "command": "x", "env": { "K": "\${env:NOT_SET}" } },
      "old": { "type": "sse", "url": "https://mcp.example.org/sse" },
      "both": { "command": "x", "url": "https://mcp.example.org/mcp" },
      "none": 5,
    },
  }`;
  const { servers, left } = readForeignServers(text, "/work", env);
  expect(servers).toEqual({
    "git-hub": { command: "npx", args: ["-y", "x//y", "/work/a"], env: { T: "${GITHUB_TOKEN}" }, cwd: "/work" },
    docs: { url: "https://mcp.example.org/mcp", headers: { A: "Bearer ${GITHUB_TOKEN}", B: "fallback" } },
  });
  expect(left).toEqual([
    { name: "asks", why: "it needs ${input:key}" },
    { name: "lacks", why: "it needs the environment variable NOT_SET" },
    { name: "old", why: "it speaks the older protocol over server-sent events alone" },
    { name: "both", why: "command: A server has either a command or a url" },
    { name: "none", why: "it is no mapping" },
  ]);
  expect(readForeignServers('{"mcpServers": {"a": {"command": "a"}}}', "/work", env).servers).toEqual({
    a: { command: "a", cwd: "/work" },
  });
  expect(() => readForeignServers("{}", "/work", env)).toThrow("No servers stand in this file");
  expect(() => readForeignServers("nope", "/work", env)).toThrow("The file is not JSON");
});

test("one that is off stays off, numbers are texts, and what cannot be had is said", () => {
  const text = `{ "mcpServers": {
    "off": { "command": "x", "disabled": true }, "off-too": { "url": "https://mcp.example.org/mcp", "enabled": false },
    "numbers": { "command": "x", "args": ["-p", 3000], "env": { "PORT": 3000, "DEBUG": true }, "cwd": null, "headers": null },
    "home": { "command": "x", "args": ["\${userHome}/a"] }, "file": { "command": "x", "envFile": ".env" } } }`;
  const { servers, left } = readForeignServers(text, "/work", env);
  expect(servers).toEqual({
    off: { command: "x", cwd: "/work", enabled: false },
    "off-too": { url: "https://mcp.example.org/mcp", enabled: false },
    numbers: { command: "x", args: ["-p", "3000"], env: { PORT: "3000", DEBUG: "true" }, cwd: "/work" },
    home: { command: "x", args: [`${homedir()}/a`], cwd: "/work" },
  });
  expect(left).toEqual([{ name: "file", why: "it needs variables of its envFile" }]);
});

test("a server is started in the folder that sets it up, and what is relative in it is meant from there", () => {
  const servers = (given: object) =>
    readForeignServers(JSON.stringify({ mcpServers: { a: given } }), "/a ${b}", env).servers["a"];
  expect(servers({ command: "node", args: ["./server.js"] })).toEqual({
    command: "node",
    args: ["./server.js"],
    cwd: "/a $${b}",
  });
  for (const [cwd, expected] of [
    [".", "/a $${b}"],
    ["sub", "/a $${b}/sub"],
    ["../x", "/x"],
    ["${workspaceFolder}/sub", "/a $${b}/sub"],
    ["/whole", "/whole"],
    ["~/mine", "~/mine"],
    ["${HOME}/mine", "${HOME}/mine"],
  ])
    expect(servers({ command: "../bin/x", cwd })).toEqual({ command: "/bin/x", cwd: expected });
});

test("they are added to openclaw.yml beside what is there, which stays as it is, and the file reads", async () => {
  const file = join(tempFolder(), "openclaw.yml");
  writeFileSync(file, "# mine\nmcp:\n  servers:\n    a: { command: own } # keep\n");
  const servers = {
    a: { command: "other" },
    b: { url: "https://mcp.example.org/mcp", headers: { A: "Bearer ${GITHUB_TOKEN}" } },
  };
  expect(await addServers(file, servers)).toEqual(["b"]);
  const text = readFileSync(file, "utf8");
  expect(text).toContain("# mine");
  expect(text).toContain("a: { command: own } # keep");
  const { config, problems } = loadConfig(text, file, { env });
  expect(problems).toEqual([]);
  expect(Object.keys(config!.mcp.servers)).toEqual(["a", "b"]);
  expect(config!.mcp.servers["b"]!.headers).toEqual({ A: "Bearer secret" });
  writeFileSync(file, "mcp: { servers: [1] }\n");
  await expect(addServers(file, servers)).rejects.toThrow("mcp.servers is no mapping there");
});
