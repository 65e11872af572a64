import { expect, test } from "vitest";
import { readTree } from "../../src/config/readTree.ts";
import { loadConfig } from "../../src/config/loadConfig.ts";
import { listPlainKeys, takeOutKey } from "../../src/config/plainKeys.ts";

const NOTHING = "{} # Nothing is set; take this away with the first entry";

test.each([
  [
    "comments stay",
    "# mine\nproviders:\n  anthropic:\n    apiKey: sk-1 # old\n    baseUrl: http://x/ # there\nmodel: a/b\n",
    "# mine\nproviders:\n  anthropic:\n    baseUrl: http://x/ # there\nmodel: a/b\n",
  ],
  ["what is empty then goes too", "model: a/b\nproviders:\n  anthropic: { apiKey: sk-1 }\n", "model: a/b\n"],
  [
    "comments above what goes stay, too",
    "# Head\nproviders:\n  # my key\n  anthropic: { apiKey: sk-1 } # paid\n  # openai: {}\nmodel: a/b\n# tail\n",
    "# Head\n  # my key\n  # openai: {}\nmodel: a/b\n# tail\n",
  ],
  ["where braces hold more", "providers: { anthropic: { apiKey: sk-1 }, b: {} }\n", "providers: { b: {} }\n"],
  ["that nothing is left is said", "providers:\r\n  anthropic:\r\n    apiKey: sk-1\r\n", `${NOTHING}\r\n`],
  [
    "and so beside comments",
    "# Head\n\nproviders: { anthropic: { apiKey: sk-1 } }\n# t",
    `# Head\n\n# t\n${NOTHING}\n`,
  ],
])("a key is taken out of a configuration: %s", (_, text, rest) => {
  expect(takeOutKey(text, "anthropic")).toEqual({ key: "sk-1", text: rest });
});

test.each([
  ["providers: {}\n"],
  ["providers:\n  openai: { apiKey: sk-1 }\n"],
  ["providers:\n  anthropic: { apiKey: '${KEY}' }\n"],
  ["providers: [\n"],
])("nothing is taken out of %j", (text) => {
  expect(takeOutKey(text, "anthropic")).toBeUndefined();
});

test("a secret in a workspace's file is warned of, at its place and without its text; not in the user's own", () => {
  const text = "providers:\n  anthropic:\n    apiKey: sk-ant-hidden\ngateway:\n  token: 0123456789abcdefghijklmnopqr\n";
  expect(loadConfig(text, "/w/openclaw.yml", { env: undefined }).problems).toMatchObject([
    { severity: "warning", code: "secret_in_workspace", key: "providers.anthropic.apiKey", line: 3, column: 5 },
    { severity: "warning", code: "secret_in_workspace", key: "gateway.token", line: 5 },
  ]);
  expect(JSON.stringify(readTree(text, undefined).findings)).not.toContain("hidden");
  expect(loadConfig(text, "/u/openclaw.yml", { env: {} }).problems).toEqual([]);
});

test("the plain keys of a configuration are listed with their lines", () => {
  const text =
    "model: a/b\nproviders:\n  anthropic:\n    apiKey: sk-1\n  google: { baseUrl: http://x/, apiKey: sk-2 }\n  openai: { apiKey: '${KEY}' }\n";
  expect(listPlainKeys(text)).toEqual([
    { provider: "anthropic", line: 3 },
    { provider: "google", line: 4 },
  ]);
  expect(["", "providers: 1\n", "providers: [\n", "providers: { a: null }\n"].flatMap(listPlainKeys)).toEqual([]);
});
