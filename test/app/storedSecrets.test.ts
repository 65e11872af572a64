import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { configuredSecrets } from "../../src/app/settings/configuredSecrets.ts";
import { confiding, openStoredSecrets } from "../../src/app/settings/storedSecrets.ts";
import { silentLog } from "../../src/base/log.ts";
import { createRedactor } from "../../src/base/redact.ts";
import { configSchema } from "../../src/config/configSchema.ts";
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

test("what only names a place, an author or a kind of text is no secret", () => {
  const env = {
    GIT_AUTHOR_NAME: "Jane Miller",
    SSH_AUTH_SOCK: "/run/agent.sock",
    KEY_FILE: "/home/me/key",
    API_KEY: "it-is",
  };
  const config = configSchema.parse({
    hooks: { runFinished: [{ command: ["true"], env }] },
    mcp: {
      servers: { far: { url: "https://a.example", headers: { Accept: "application/json", "X-Team": "team-word" } } },
    },
  });
  expect(configuredSecrets(config).filter((one) => one !== undefined)).toEqual(["team-word", "it-is"]);
});
