import { expect, test } from "vitest";
import { defined } from "../../src/base/defined.ts";
import { nameTable } from "../../src/base/nameTable.ts";
import { expandEnv } from "../../src/config/expandEnv.ts";
import { readForeignServers } from "../../src/config/write/foreignServers.ts";
import { readJob } from "../../src/gateway/compat/openclaw/openclawJob.ts";
import { toStop } from "../../src/providers/shared/stopWords.ts";
import { toDigits } from "../../src/schedule/clockWords.ts";
import { readParams } from "../../src/vscode/chat/panelInput.ts";
import { toToolIcon, toToolSummary } from "../../webview-ui/transcript/toolSummary.ts";

// Names that every object answers to. Models, servers, files and people may use each of them for something of their own.
const INHERITED = ["constructor", "toString", "hasOwnProperty", "__proto__"];

test.each(INHERITED)("a table has nothing under %s but what was put there", (name) => {
  const table = nameTable<number>({ one: 1 });
  expect([table[name], name in table]).toEqual([undefined, false]);
  table[name] = 2;
  expect([table[name], Object.keys(table)]).toEqual([2, ["one", name]]);
  expect(nameTable(JSON.parse(JSON.stringify(table)))[name]).toBe(2);
});

test.each(INHERITED)("%s is a name as any other", (name) => {
  // As a tool that a model calls.
  expect([toToolIcon(name), toToolSummary(name, { path: "a.ts" })]).toEqual(["tools", "a.ts"]);
  // As why an answer ended.
  expect(() => toStop(name, "Some model")).toThrow("what that means is not known");
  // In what a person says of a time.
  expect(toDigits(`every ${name.toLowerCase()} five`)).toBe(`every ${name.toLowerCase()} 5`);
  // As a variable of the environment, which Node.js makes an object of.
  expect(expandEnv(`\${${name}}`, process.env)).toMatchObject({ missing: [name] });
  const server = { command: "node", args: [`\${env:${name}}`] };
  const { left } = readForeignServers(JSON.stringify({ mcpServers: { x: server } }), "/", process.env);
  expect(left).toEqual([{ name: "x", why: `it needs the environment variable ${name}` }]);
  // As a field of what comes from elsewhere: it is not taken for one that is known, and does not get lost.
  const given = JSON.parse(`{"${name}": {"url": "x"}}`) as object;
  expect(readParams(given, { url: "string?" })).toBeUndefined();
  expect(Object.keys(readJob(given).fields)).toEqual([name]);
  expect(Object.keys(defined(given))).toEqual([name]);
});
