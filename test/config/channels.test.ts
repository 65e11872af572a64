import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { toWebhookUrl } from "../../src/config/schema/webhookUrl.ts";
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

test("the folder of a chat is meant from the file or from the home folder, as a job's is", () => {
  for (const network of ["telegram", "discord"] as const) {
    const { config } = load(
      `${network}: { chats: { "1": { workspace: ~/work }, "2": { workspace: ../app }, "3": {} } }`,
    );
    expect(config!.channels[network]!.chats).toEqual({
      "1": { workspace: join(homedir(), "work") },
      "2": { workspace: resolve("../app") },
      "3": {},
    });
  }
});

test("a webhook is where Telegram posts to: anything else is refused with the reason, beside its line", () => {
  const webhook = (text: string, more = "") => load(`telegram: { ${more}webhook: { ${text} } }`);
  const { config, problems } = webhook(
    "url: https://bot.example.org:8443/tg, certificate: certs/cert.pem, ipAddress: 93.184.216.34, maxConnections: 5",
  );
  expect(problems).toEqual([]);
  expect(config!.channels.telegram!.webhook).toEqual({
    ...{ url: "https://bot.example.org:8443/tg", ipAddress: "93.184.216.34", maxConnections: 5 },
    certificate: resolve("certs/cert.pem"),
  });
  for (const [text, problem] of [
    [
      "url: http://bot.example.org",
      /^o\.yml:2:\d+: error: channels\.telegram\.webhook\.url: Telegram posts to https:\/\/ alone/,
    ],
    ["url: https://bot.example.org:3000", /ports 443, 80, 88 and 8443 alone, and not to 3000/],
    ["url: bot.example.org", /Expected an address, as https:\/\/bot\.example\.org/],
    ['url: "https://[2606:4700::1]"', /no IPv6 address/],
    ["url: https://127.0.0.1", /cannot reach 127\.0\.0\.1: it posts to public addresses alone/],
    ["url: https://192.168.1.5:8443", /cannot reach 192\.168\.1\.5/],
    ["url: https://localhost", /cannot reach localhost/],
    ["url: https://nas.local", /cannot reach nas\.local/],
    ["url: https://me:secret@bot.example.org", /A name or password in it would be shown/],
    ["url: https://bot.example.org/#x", /behind # is sent to nobody/],
    ["url: https://bot.example.org, maxConnections: 101", /maxConnections/],
    ["url: https://bot.example.org, ipAddress: nowhere", /ipAddress/],
    ["url: https://bot.example.org, secret: x", /Unknown key "secret"/],
    ["{}", /url/],
  ] as const)
    expect(webhook(text).problems.map(formatProblem).join("\n"), text).toMatch(problem);
  // A server of the user's own reaches what Telegram's does not.
  const own = (url: string) => webhook(`url: "${url}"`, "apiRoot: http://127.0.0.1:8081, ").problems.length;
  expect([own("http://10.0.0.5:3000"), own("ftp://10.0.0.5")]).toEqual([0, 1]);
  expect(load("discord: { webhook: { url: https://bot.example.org } }").problems).toHaveLength(1);
});

test("an address without a path leads to the gateway's door; any other is as it is given", () => {
  expect(toWebhookUrl("https://bot.example.org")).toBe("https://bot.example.org/channels/telegram");
  expect(toWebhookUrl("https://bot.example.org/?a=b")).toBe("https://bot.example.org/channels/telegram?a=b");
  for (const path of ["/", "//", "/channels/telegram", "/channels/telegram/", "//channels//telegram"])
    expect(toWebhookUrl(`https://bot.example.org${path}`), path).toBe("https://bot.example.org/channels/telegram");
  expect(toWebhookUrl("https://bot.example.org/tg")).toBe("https://bot.example.org/tg");
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
  const { config, needsConfirmation } = mergeWorkspace(user, theirs.given!, theirs.config!, {
    file: "w.yml",
    confirmed: new Set(),
  });
  expect(config.channels).toEqual(user.channels);
  expect(needsConfirmation).toBeUndefined();
});
