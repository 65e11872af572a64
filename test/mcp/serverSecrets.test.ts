import { expect, test } from "vitest";
import { concealAddress, concealArguments, concealCommand } from "../../src/mcp/servers/serverSecrets.ts";

const KEY = "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6";

test.each<[what: string, args: string[], shown: string[], hidden: string[]]>([
  [
    "a user's own path of an address",
    ["mcp-remote", `https://mcp.example/api/s/${KEY}/mcp`],
    ["mcp-remote", "https://mcp.example/api/s/…/mcp"],
    [KEY],
  ],
  ["a key in place of a name", [`git+https://ghp_${KEY}@github.com/a`], ["git+https://…@github.com/a"], [`ghp_${KEY}`]],
  ["a password with a sign of its own", ["mysql://me:p@ss@db/main"], ["mysql://me:…@db/main"], ["p@ss"]],
  ["a password in capitals", ["mysql://me:PROD_DB_2024@db/main"], ["mysql://me:…@db/main"], ["PROD_DB_2024"]],
  ["one that is written as it is", ["mysql://me:p#s?s@db/main"], ["mysql://me:…@db/main"], ["p#s?s"]],
  ["a port, and no password", ["http://h:8080?to=me@b.example"], ["http://h:8080?to=me@b.example"], []],
  [
    "several in a word",
    ["--of=http://a.example,http://me:pw@b.example/?to=https://k1@c.example&at=1"],
    ["--of=http://a.example,http://me:…@b.example/?to=https://…@c.example&at=1"],
    ["pw", "k1"],
  ],
  ["who comes over SSH", ["git+ssh://git@github.com/a"], ["git+ssh://git@github.com/a"], []],
  [
    "a query, as it is written and as it is meant",
    ["https://f.example/api?code=ab%2Bcd&sig=s1&page=2"],
    ["https://f.example/api?code=…&sig=…&page=2"],
    ["ab%2Bcd", "ab+cd", "s1"],
  ],
  [
    "an object",
    ["--config", '{"apiKey":"k 1","deep":[{"token":"t1"}],"to":"https://a.example/?sig=s1","code":"us"}'],
    ["--config", '{"apiKey":"…","deep":[{"token":"…"}],"to":"https://a.example/?sig=…","code":"us"}'],
    ["k 1", "t1", "s1"],
  ],
  ["an object behind its option", ['--config={"api_key":"k1"}'], ['--config={"api_key":"…"}'], ["k1"]],
  ["an object without any", ['{ "size": 1 }'], ['{ "size": 1 }'], []],
  ["an object that is a secret itself", ["--token", '{"a":"b"}'], ["--token", "…"], ['{"a":"b"}']],
  ["how a text is cut up", ["--tokenizer", "cl100k_base"], ["--tokenizer", "cl100k_base"], []],
  ["how much of it", ["--max-tokens", "40960000"], ["--max-tokens", "40960000"], []],
  [
    "which variable has it",
    ["--env-key", "OPENAI_API_KEY", "--token", "GITHUB_TOKEN"],
    ["--env-key", "OPENAI_API_KEY", "--token", "GITHUB_TOKEN"],
    [],
  ],
  ["where it lies", ["--key", "/home/me/client.pem"], ["--key", "/home/me/client.pem"], []],
  ["one that begins as a path does", ["--key", "/8fk2+abc/defg"], ["--key", "…"], ["/8fk2+abc/defg"]],
  ["what is assigned in capitals", ["DB_PASSWORD=PROD_DB_2024"], ["DB_PASSWORD=…"], ["PROD_DB_2024"]],
  ["digits in an object", ['{"token": "12345678"}'], ['{"token":"…"}'], []],
  ["digits", ["--token", "12345678"], ["--token", "…"], []],
])("arguments: %s", (_what, args, shown, hidden) => {
  expect(concealArguments(args)).toEqual({ shown, hidden });
});

test("an address is shown without its name, its password and its query", () => {
  expect(concealAddress(`https://me:pw@h.example:8443/x/${KEY}?token=a%20b&q=1`)).toEqual({
    shown: "https://h.example:8443/x/…?…",
    hidden: ["pw", KEY, "a%20b", "a b"],
  });
});

test("an object in a line is known by its names too", () => {
  const { shown, hidden } = concealCommand(`notify --config '{"apiKey":"k1"}' https://h.example/${KEY}`);
  expect([shown, hidden]).toEqual([`notify --config '{"apiKey":"…"}' https://h.example/…`, ["k1", KEY]]);
});
