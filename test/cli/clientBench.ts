import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { writeGatewayFile } from "../../src/config/stateFolder.ts";
import { type FakeGateway, NONCE, openFakeGateway } from "./fakeGateway.ts";

export const TOKEN = "mJ4kPzRq8sVw2xYb6nTc0dLf";

/** A fake gateway, and a fresh state folder that names it before each test of the calling file. */
export const bench = {} as { gateway: FakeGateway; home: string; env: Record<string, string> };

export function useClientBench(): void {
  beforeAll(async () => {
    bench.gateway = await openFakeGateway();
  });
  afterAll(() => bench.gateway.close());
  beforeEach(async () => {
    bench.home = mkdtempSync(join(tmpdir(), "pincer-cli-"));
    bench.env = { PINCER_HOME: bench.home };
    bench.gateway.seen.length = 0;
    for (const key of Object.keys(bench.gateway.answers)) delete bench.gateway.answers[key];
    const { url } = bench.gateway;
    await writeGatewayFile(bench.home, {
      url,
      pid: process.pid,
      started: "2026-11-22T00:00:00Z",
      token: TOKEN,
      version: "1",
      nonce: NONCE,
    });
  });
  afterEach(() => rmSync(bench.home, { recursive: true }));
}
