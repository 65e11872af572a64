import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { confiding, openStoredSecrets } from "../../src/app/settings/storedSecrets.ts";
import { silentLog } from "../../src/base/log.ts";
import { createRedactor } from "../../src/base/redact.ts";
import { configSchema } from "../../src/config/configSchema.ts";
import type { Host } from "../../src/core/ports/host.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";

test("a keyring that waits for its user holds nothing up, and what it gives later is known then", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-secrets-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
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
  unlocked.resolve("a-key-of-the-keyring");
  await stored.read();
  expect(redactor.text("a-key-of-the-keyring")).not.toContain("keyring");
});
