import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { startGateway } from "../cli/gatewayProcess.ts";
import { posixTest } from "../posix.ts";

const SECRET = "what the sender signs with";
const CONFIG = `model: offline/demo
webhooks:
  ci: { hmac: { secret: "${SECRET}", sameBody: new }, message: "Say {{payload.n}}", requestsPerMinute: 100000 }
`;

posixTest(
  "what is acknowledged runs once, and what comes again does nothing, over kill -9 and a change of leader",
  { timeout: 120_000 },
  async () => {
    const state = mkdtempSync(join(tmpdir(), "pincer-hooks-"));
    onTestFinished(() => rmSync(state, { recursive: true, maxRetries: 5 }));
    writeFileSync(join(state, "openclaw.yml"), CONFIG, { mode: 0o600 });
    const start = (...args: string[]) => {
      const gateway = startGateway(["--state", state, "--port", "0", ...args]);
      onTestFinished(() => void gateway.child.kill("SIGKILL"));
      return gateway;
    };
    const deliver = async (url: string, n: number): Promise<string | undefined> => {
      const body = JSON.stringify({ n });
      const signature = `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`;
      const answer = await fetch(`${url}/hooks/ci`, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "X-Hub-Signature-256": signature,
          "X-GitHub-Delivery": `delivery-${n}`,
        },
        body,
      }).catch(() => undefined);
      if (answer?.status !== 202) return undefined;
      const text = await answer.text().catch(() => "");
      return text === "" ? undefined : (JSON.parse(text) as { runId: string }).runId;
    };

    const acknowledged = new Map<number, string>();
    const note = (n: number, runId: string | undefined) => {
      if (runId === undefined) return;
      // Whoever answers: one delivery is one run.
      expect(acknowledged.get(n) ?? runId).toBe(runId);
      acknowledged.set(n, runId);
    };
    const leader = start();
    const url = await leader.serving;
    const next = start("--standby");
    // Half of them, so that something is left for the next one, however fast this one was.
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        note(n, await deliver(url, n));
        if (acknowledged.size === 8) leader.child.kill("SIGKILL");
      }),
    );
    await leader.ended;
    expect(acknowledged.size).toBeGreaterThanOrEqual(8);
    // Senders come again until they are answered.
    const again = await next.serving;
    for (let n = 0; n < 40; n += 1) note(n, await deliver(again, n));
    expect(acknowledged.size).toBe(40);

    const { token } = readGatewayFile(state)!;
    const ask = async (path: string) =>
      (await fetch(`${again}${path}`, { headers: { Authorization: `Bearer ${token}` } })).json() as Promise<{
        runs: { runId: string; state: string; origin: object }[];
      }>;
    await expect
      .poll(async () => (await ask("/api/runs/list?limit=200")).runs.filter((run) => run.state !== "finished").length, {
        timeout: 60_000,
      })
      .toBe(0);
    const { runs } = await ask("/api/runs/list?limit=200");
    expect(new Set(runs.map(({ runId }) => runId))).toEqual(new Set(acknowledged.values()));
    expect(runs).toHaveLength(40);
  },
);
