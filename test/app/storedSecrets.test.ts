import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { configuredSecrets } from "../../src/app/settings/configuredSecrets.ts";
import { confiding, openStoredSecrets } from "../../src/app/settings/storedSecrets.ts";
import { silentLog } from "../../src/base/log.ts";
import { createRedactor } from "../../src/base/redact.ts";
import { configSchema } from "../../src/config/configSchema.ts";
import { concealCommand } from "../../src/mcp/servers/serverSecrets.ts";
import type { Host } from "../../src/core/ports/host.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";

test("a keyring that waits for its user holds nothing up, and what it gives later is known then", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-secrets-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  writeFileSync(join(stateDir, "secrets.json"), JSON.stringify({ "openai.apiKey": "a-key-of-the-file" }), {
    mode: 0o600,
  });
  const clock = createFakeClock();
  const redactor = createRedactor();
  const unlocked = Promise.withResolvers<string | undefined>();
  const keyring = { stateDir, secret: () => unlocked.promise } as unknown as Host;
  const host = confiding(keyring, redactor);
  const configuration = { current: () => configSchema.parse({}) } as never;
  const settings = { providers: () => [] };
  const stored = openStoredSecrets({ host, configuration, settings, redactor, clock, log: silentLog });
  const read = stored.read();
  await clock.advance(3_000);
  await read;
  expect(redactor.text("a-key-of-the-file")).not.toContain("file");
  writeFileSync(join(stateDir, "secrets.json"), JSON.stringify({ "openai.apiKey": "another-key-of-it" }), {
    mode: 0o600,
  });
  const again = stored.read();
  await clock.advance(3_000);
  await again;
  expect(redactor.text("another-key-of-it")).not.toContain("another");
  unlocked.resolve("a-key-of-the-keyring");
  await unlocked.promise;
  await stored.read();
  expect(redactor.text("a-key-of-the-keyring")).not.toContain("keyring");
});

/** The secrets of a configuration with these parts. */
function secretsOf(parts: object): (string | undefined)[] {
  return configuredSecrets(configSchema.parse(parts)).filter((one) => one !== undefined);
}

test("what only names a place, an author or a kind of text is no secret", () => {
  const env = {
    GIT_AUTHOR_NAME: "Jane Miller",
    SSH_AUTH_SOCK: "/run/agent.sock",
    KEY_FILE: "/home/me/key",
    KEYCLOAK_REALM: "customers",
    API_KEY: "it-is",
  };
  const headers = { Accept: "application/json", Authorization: "Bearer of-the-team", "X-Team": "team-word" };
  const servers = { far: { url: "https://a.example", headers } };
  expect(secretsOf({ hooks: { runFinished: [{ command: ["true"], env }] }, mcp: { servers } })).toEqual([
    "of-the-team",
    "team-word",
    "it-is",
  ]);
});

test("an argument counts as a secret where its name says so, and neither a place, an option nor a variable does", () => {
  const lines: [line: string, ...secrets: string[]][] = [
    ["x --skip-token-check --transport http"],
    ["x --token-file /home/u/x.json --key-path=/home/u/x.pem"],
    ["x --keycloak-url https://sso.example --keycloak main-realm --keyboard german"],
    ['curl -H "author: Jane Miller" -H "Authorization: Bearer $TOKEN"'],
    ["x --token=$(cat /x) --token ${TOKEN} --token %TOKEN%"],
    ['curl -H "X-Api-Key: k123456789" https://a.example', "k123456789"],
    ["curl --header='Authorization: Bearer b123456789'|jq", "b123456789"],
    ['x --token=\'t 1\' --api-key "k\\"2" --secret=s3;y', "t 1", 'k"2', "s3"],
    ["sh -c \"API=a x -e 'API_KEY=k123456789'\"", "k123456789"],
    ["x postgres://me:p123456789@db/main 'https://a.example/?user=me&api_key=k1#a'", "p123456789", "k1"],
  ];
  for (const [command, ...secrets] of lines)
    expect([command, secretsOf({ hooks: { runFinished: [{ command }] } })]).toEqual([command, secrets]);
  expect(secretsOf({ hooks: { runFinished: [{ command: ["sh", "-c", "API_KEY=abc notify"] }] } })).toContain("abc");
  const args = ["run", "--api-key", "abc", "sh", "-c", "curl -H 'X-Key: def'", "it's a \"key"];
  expect(secretsOf({ mcp: { servers: { own: { command: "x", args } } } })).toEqual(["abc", "def"]);
});

test("a line is shown as it stands but for what it holds in confidence", () => {
  const line = `its  "a key" -H "X-Api-Key: k" --token='t' && sh -c "x --token t; y"  # 'z`;
  expect(concealCommand(line).shown).toBe(`its  "a key" -H "X-Api-Key: …" --token=… && sh -c "x --token …; y"  # 'z`);
  expect(concealCommand("x postgres://me:p@db/main?sslkey=k&a=b C:\\token\\x.exe").shown).toBe(
    "x postgres://me:…@db/main?sslkey=…&a=b C:\\token\\x.exe",
  );
});
