import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { text } from "node:stream/consumers";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createSignedPost } from "../../src/app/signedPost.ts";
import { createWebhooks } from "../../src/app/createWebhooks.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";

/** A receiver that answers with the given statuses, 200 when they have run out. */
async function openReceiver(statuses: number[] = []) {
  const seen: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      seen.push({ headers: request.headers, body });
      response.writeHead(statuses.shift() ?? 200, { location: "/elsewhere" }).end("thanks");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

function openWebhooks() {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-hooks-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  return {
    stateDir,
    webhooks: createWebhooks(createSignedPost({ stateDir, clock: createFakeClock(1_800_000_000_000) })),
  };
}

test("a receiver can check who posts, with a secret that is made once", async () => {
  const { seen, url } = await openReceiver();
  const { stateDir, webhooks } = openWebhooks();
  const body = { job: { name: "Größe" }, status: "ok" };
  for (const id of ["a:1", "a:2"]) await webhooks.post({ id, url, body, allowLoopback: true });
  const path = join(stateDir, "webhook-secret");
  // The file is the key, byte for byte: the recipe of docs/cron.md reads it as it is.
  const secret = readFileSync(path, "utf8");
  expect(secret).toHaveLength(43);
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
  for (const { headers, body: text } of seen) {
    const hmac = createHmac("sha256", secret).update(`1800000000.${text}`).digest("hex");
    expect(headers["x-pincer-timestamp"]).toBe("1800000000");
    expect(headers["x-pincer-signature"]).toBe(`sha256=${hmac}`);
    expect(headers["content-type"]).toBe("application/json");
    expect(JSON.parse(text)).toEqual(body);
  }
  expect(seen.map(({ headers }) => headers["x-pincer-delivery"])).toEqual(["a:1", "a:2"]);
});

test.each([
  [500, "unavailable"],
  [429, "unavailable"],
  [404, "bad_request"],
  [302, "bad_request"],
])("status %d is %s", async (status, code) => {
  const { seen, url } = await openReceiver([status]);
  const { webhooks } = openWebhooks();
  await expect(webhooks.post({ id: "a", url, body: {}, allowLoopback: true })).rejects.toMatchObject({ code });
  expect(seen).toHaveLength(1);
});

test("this machine is out of reach for jobs that an agent made, and the private network for all", async () => {
  const { seen, url } = await openReceiver();
  const { webhooks } = openWebhooks();
  await expect(webhooks.post({ id: "a", url, body: {}, allowLoopback: false })).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(
    webhooks.post({ id: "a", url: "http://169.254.169.254/latest", body: {}, allowLoopback: true }),
  ).rejects.toMatchObject({ code: "forbidden" });
  expect(seen).toEqual([]);
});

test("what can never be posted to is refused when a job is made, and what is not known yet is not", async () => {
  const { webhooks } = openWebhooks();
  for (const url of [
    "http://10.0.0.1/x",
    "http://169.254.169.254/latest",
    "http://[fe80::1]/",
    "http://192.168.1.1:8080/",
  ])
    for (const allowLoopback of [true, false])
      await expect(webhooks.check({ url, allowLoopback })).rejects.toMatchObject({
        code: "forbidden",
        message: expect.stringContaining("not on the public internet"),
      });
  const here = "http://127.0.0.1:9/hook";
  await webhooks.check({ url: here, allowLoopback: true });
  await expect(webhooks.check({ url: here, allowLoopback: false })).rejects.toMatchObject({ code: "forbidden" });
  await webhooks.check({ url: "http://name-that-is-not-there.invalid/", allowLoopback: false });
});
