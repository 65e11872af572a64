import { expect, test } from "vitest";
import { formatProblem } from "../../src/config/configProblem.ts";
import { mergeWorkspace } from "../../src/config/mergeWorkspace.ts";
import { loadConfig } from "../../src/config/loadConfig.ts";

const load = (text: string, env: Record<string, string> = {}) => loadConfig(`channels:\n  ${text}\n`, "o.yml", { env });

test("a bot is read with its defaults; people and chats are numbers, for names change hands", () => {
  const { config } = load('telegram: { token: "${BOT}", allow: [1, "-22"] }', { BOT: "1:abc" });
  expect(config!.channels).toEqual({
    telegram: { token: "1:abc", allow: [1, "-22"], session: "chat", asks: "own", chats: {} },
  });
  for (const [text, problem] of [
    ["telegram: { allow: [anna] }", /Expected a number: names change hands|allow/],
    ['telegram: { chats: { "anna": {} } }', /Expected a chat's number/],
    ["discord: { allow: [80351110224678912] }", /a number is given; put it in quotes/],
    ["discord: { allow: [anna] }", /Expected a number: names change hands/],
    ['discord: { chats: { "-1": {} } }', /Expected a chat's number, as 456 of a person/],
    ['telegram: { chats: { "1": { session: work, tools: [read] } } }', /they do not go with the key of another/],
    ["pager: {}", /Unknown key "pager"/],
    ["telegram: { apiRoot: file:///etc }", /apiRoot/],
  ] as const)
    expect(load(text).problems.map(formatProblem).join("\n")).toMatch(problem);
});

test("a bot of Discord is read with people by their numbers in quotes", () => {
  const { config, problems } = load(
    'discord: { token: "${BOT}", allow: ["80351110224678912"], chats: { "7:8": {} } }',
    { BOT: "a.b" },
  );
  expect([problems, config!.channels]).toEqual([
    [],
    { discord: { token: "a.b", allow: ["80351110224678912"], session: "chat", asks: "own", chats: { "7:8": {} } } },
  ]);
});

test("a workspace's file runs no channel, and is told so", () => {
  const user = load('telegram: { token: "1:own", allow: [1] }').config!;
  const theirs = loadConfig('channels: { telegram: { token: "1:x", allow: [666] } }', "w.yml", { env: undefined });
  expect(theirs.problems.map(formatProblem)).toContainEqual(
    expect.stringMatching(/warning: channels: A workspace's file opens no door: its channels are not run/),
  );
  const { config, needsConfirmation } = mergeWorkspace(user, theirs.given!, theirs.config!, new Set());
  expect(config.channels).toEqual(user.channels);
  expect(needsConfirmation).toBeUndefined();
});
