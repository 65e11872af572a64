import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { AppError } from "../../src/base/appError.ts";
import { isoTime } from "../../src/base/clock.ts";
import type { Log } from "../../src/base/log.ts";
import type { ModelRequest } from "../../src/core/ports/provider.ts";
import { encryptPush } from "../../src/gateway/phones/push/encryptPush.ts";
import { checkEndpoint, postPush, sendPush } from "../../src/gateway/phones/push/sendPush.ts";
import { nextEvent } from "../core/bench.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { openPushService } from "../fakes/pushService.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { expectMode } from "../posix.ts";
import { TOKEN } from "./bench.ts";
import { openPhoneBench } from "./phoneBench.ts";

test("a message is sealed as the example of RFC 8291 is", () => {
  const sealed = encryptPush(
    "When I grow up, I want to be a watermelon",
    {
      p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
      auth: "BTBZMqHH6r4Tts7J_aSIgg",
    },
    {
      privateKey: Buffer.from("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw", "base64url"),
      salt: Buffer.from("DGv6ra1nlYgDCS1FRnbzlw", "base64url"),
      paddedBytes: 0,
    },
  );
  expect(sealed.toString("base64url")).toBe(
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
  );
});

/** A phone that is told of what waits, by a vendor that a test may have fail. */
async function openTold() {
  const clock = createFakeClock();
  const service = await openPushService();
  onTestFinished(service.close);
  // What is denied ends its run: it asks for nothing more.
  const turns = Array.from(
    { length: 40 },
    () =>
      ({ messages }: ModelRequest) =>
        messages.at(-1)?.role === "tool" ? ["done"] : [call("note", { text: "rm -rf /home/ada" })],
  );
  // The clock is moved on until what is waited for has come, however far that is.
  const settings = { approvalTimeoutMs: 86_400_000 };
  const bench = await openPhoneBench({ clock, turns, settings, gateway: { clock, postPush: service.post } });
  const phone = await bench.pair();
  // As the route does, but that no name of the network is looked up.
  const [note] = await bench.core.store.listNotes("phone", `paired:${phone.id}`);
  const value = { ...note!.value, push: service.subscription };
  await bench.core.store.commit({ channels: [{ note: { channel: "phone", key: note!.key }, value }] });
  /** Asks in a session of its own. */
  const askNow = async () => {
    const asked = nextEvent(bench.core, "approval.asked");
    const { key } = await bench.core.sessions.create({});
    await bench.core.sessions.send({ text: "go", origin: { via: "panel" }, sessionKey: key });
    return (await asked).approval;
  };
  return { ...bench, clock, service, phone, askNow };
}

test("a phone is told that something waits, sealed and signed, and nothing of what it is", async () => {
  const { askNow, service, phone, ask, gateway, folder, core, clock } = await openTold();
  const approval = await askNow();
  await expect.poll(() => service.received.length).toBe(1);
  const told = service.received[0]!;
  expect(JSON.parse(told.text)).toEqual({ kind: "approval", id: approval.id, sessionKey: approval.sessionKey });
  // For as long as it waits.
  expect(told.headers).toMatchObject({ "content-encoding": "aes128gcm", ttl: "86400", urgency: "high" });
  const { pushKey } = (await ask("/api/phones/self", { token: phone.token })).body;
  // Where the program comes from: no address of a house, which Apple cannot look up and nobody needs to know.
  expect([told.publicKey, told.sub]).toEqual([pushKey, "https://github.com/pincer-dev/pincer"]);
  const file = join(folder, "push-keys");
  expectMode(file, 0o600);
  expect(readFileSync(file, "utf8")).toContain("PRIVATE KEY");
  expect((await ask("/api/phones/list", { token: TOKEN })).body.phones[0].push).toBe(true);
  // Its length tells nothing either, and the newest takes the place of one that has not come yet.
  await askNow();
  await expect.poll(() => service.received.length).toBe(2);
  expect(new Set(service.received.map(({ bytes }) => bytes)).size).toBe(1);
  expect(told.bytes).toBeLessThan(4096);
  const topics = () => service.received.map(({ headers }) => headers["topic"]);
  // What Apple decodes: whole bytes in base64url, in 32 characters at most.
  expect(topics()).toEqual([told.headers["topic"], expect.stringMatching(/^[\w-]{32}$/)]);
  expect(new Set(topics()).size).toBe(1);
  const question = { id: "q", server: "s", message: "?", fields: [], createdAt: isoTime(clock.now()) };
  core.tell({ type: "mcp.asked", question: { ...question, expiresAt: isoTime(clock.now() + 90_000) } });
  await expect.poll(() => service.received.length).toBe(3);
  expect([service.received[2]!.headers["ttl"], new Set(topics()).size]).toEqual(["90", 2]);
  // One that was removed is told nothing.
  await gateway.phones.remove(phone.id);
  await askNow();
  expect(service.asked()).toBe(3);
});

test("a vendor that is busy is asked again, with bounds, and not once it was answered; one that knows nobody is asked no more", async () => {
  const { askNow, service, clock, core, ask } = await openTold();
  const told = (count: number, stepMs = 1000) =>
    expect
      .poll(async () => {
        await clock.advance(stepMs);
        return service.received.length;
      })
      .toBe(count);
  service.answers.push({ status: 429, retryAfter: "7" }, { status: 503 });
  const from = clock.now();
  await askNow();
  await told(1);
  expect([service.asked(), clock.now() - from >= 12_000]).toEqual([3, true]);

  service.answers.push(...Array.from({ length: 4 }, () => ({ status: 500 })));
  await askNow();
  await expect
    .poll(async () => {
      await clock.advance(10_000);
      return service.asked();
    })
    .toBe(7);

  service.answers.push({ status: 503 });
  const answered = await askNow();
  await expect.poll(() => service.asked()).toBe(8);
  await core.approvals.answer(answered.id, "deny", "panel");
  await clock.advance(60_000);

  service.answers.push({ status: 429, retryAfter: "86400" });
  await askNow();
  await expect.poll(() => service.asked()).toBe(9);
  await clock.advance(100_000);

  // As a date, and for longer than most are patient: the question waits all the same.
  const later = clock.now() + 600_000;
  service.answers.push({ status: 503, retryAfter: new Date(later).toUTCString() });
  await askNow();
  await expect.poll(() => service.asked()).toBe(10);
  await told(2, 60_000);
  expect(clock.now()).toBeGreaterThanOrEqual(Math.floor(later / 1000) * 1000);

  service.answers.push({ status: 410 });
  await askNow();
  await expect.poll(async () => (await ask("/api/phones/list", { token: TOKEN })).body.phones[0].push).toBe(false);
  await askNow();
  expect([service.asked(), service.received.length]).toEqual([12, 2]);
});

test.each([400, 401, 403])(
  "a vendor that will not take it (%s) is told of, until something is taken or the phone is told nothing any more",
  async (status) => {
    const { askNow, service, ask, phone, gateway } = await openTold();
    const told = async () => {
      const { push, pushFault } = (await ask("/api/phones/self", { token: phone.token })).body.phone;
      return [push, pushFault];
    };
    const { host } = new URL(service.subscription.endpoint);
    const fault = `${host} answered with status ${status}`;
    service.answers.push({ status });
    await askNow();
    await expect.poll(told).toEqual([true, fault]);
    expect((await ask("/api/phones/list", { token: TOKEN })).body.phones[0].pushFault).toBe(fault);
    // Another subscription may be taken, and nobody knows that yet.
    const { keys } = service.subscription;
    await gateway.phones.subscribe(phone.id, { endpoint: "https://8.8.8.8/x", keys });
    expect(await told()).toEqual([true, fault]);
    await gateway.phones.subscribe(phone.id, null);
    expect(await told()).toEqual([false, undefined]);
  },
);

test("what is taken again ends the word of what was not; one that is busy, or gone, is no fault of a phone's", async () => {
  const { askNow, service, ask, phone, clock } = await openTold();
  const self = async () => (await ask("/api/phones/self", { token: phone.token })).body.phone;
  service.answers.push({ status: 403 });
  await askNow();
  await expect.poll(async () => (await self()).pushFault).toMatch(/status 403$/);
  await askNow();
  await expect.poll(() => service.received.length).toBe(1);
  await expect.poll(async () => (await self()).pushFault).toBeUndefined();
  service.answers.push({ status: 429, retryAfter: "86400" });
  await askNow();
  await expect.poll(() => service.asked()).toBe(3);
  await clock.advance(1000);
  expect(await self()).toMatchObject({ push: true });
  expect((await self()).pushFault).toBeUndefined();
});

test("of an endpoint no more is logged than its host, whatever went wrong", async () => {
  const said: unknown[] = [];
  const note = (...words: unknown[]) => void said.push(words);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const { subscription, close } = await openPushService();
  onTestFinished(close);
  const push = { ...subscription, endpoint: "https://push.example.net/told/capability" };
  const url = push.endpoint;
  const faults = [
    new AppError("bad_request", `${url} redirects too many times`),
    new AppError("not_found", `${url} has no address`, { cause: new Error(url) }),
    new TypeError(`fetch failed: ${url}`, { cause: new Error(url) }),
  ];
  for (const fault of faults) {
    const post = () => Promise.reject(fault);
    const keys = { publicKey: "", authorize: () => "" };
    const signal = new AbortController().signal;
    const pushing = { keys, clock: createFakeClock(), log, post, contact: "https://box.example", signal };
    expect(await sendPush(push, { text: "x", kind: "approval", expiresAt: Infinity }, pushing)).toBe("failed");
  }
  expect(said).toHaveLength(faults.length);
  expect(JSON.stringify(said)).toContain('"host":"push.example.net"');
  expect(JSON.stringify(said)).not.toContain("capability");
});

test("keys that cannot be read leave the page as it was, and are read when they can be", async () => {
  const { pair, ask, folder } = await openPhoneBench();
  const { token } = await pair();
  const file = join(folder, "push-keys");
  writeFileSync(file, "not a key");
  const self = async () => (await ask("/api/phones/self", { token })).body;
  expect(await self()).toMatchObject({ phone: { push: false }, pushKey: null });
  rmSync(file);
  expect(await self()).toMatchObject({ pushKey: expect.stringMatching(/^[\w-]{87}$/) });
});

test("a phone that subscribed with a key that is lost is told nothing, and is not said to be", async () => {
  const { askNow, service, phone, ask, core } = await openTold();
  const isOn = async () => [
    (await ask("/api/phones/self", { token: phone.token })).body.phone.push,
    (await ask("/api/phones/list", { token: TOKEN })).body.phones[0].push,
  ];
  const { pushKey } = (await ask("/api/phones/self", { token: phone.token })).body;
  const [note] = await core.store.listNotes("phone", `paired:${phone.id}`);
  const subscribedWith = (signedBy: string) => {
    const value = { ...note!.value, push: { ...service.subscription, signedBy } };
    return core.store.commit({ channels: [{ note: { channel: "phone", key: note!.key }, value }] });
  };
  await subscribedWith(pushKey);
  await askNow();
  await expect.poll(() => service.asked()).toBe(1);
  expect(await isOn()).toEqual([true, true]);
  await subscribedWith(service.subscription.keys.p256dh);
  expect(await isOn()).toEqual([false, false]);
  await askNow();
  await subscribedWith(pushKey);
  await askNow();
  await expect.poll(() => service.asked()).toBe(2);
});

test("nothing is pushed to what is not https on the public internet, nor with keys that seal nothing", async () => {
  const { post, pair, ask } = await openPhoneBench();
  const { token } = await pair();
  const service = await openPushService();
  onTestFinished(service.close);
  const { keys } = service.subscription;
  const subscribe = async (endpoint: string, given: object = keys, as = token) =>
    (await post("/api/phones/subscribe", { endpoint, keys: given }, { token: as })).status;
  for (const endpoint of ["https://127.0.0.1/x", "https://[::1]/x", "https://10.0.0.1/x", "https://169.254.169.254/x"])
    expect([endpoint, await subscribe(endpoint)]).toEqual([endpoint, 403]);
  for (const endpoint of ["http://8.8.8.8/x", "file:///etc/passwd", "nowhere", `https://8.8.8.8/${"x".repeat(1000)}`])
    expect([endpoint, await subscribe(endpoint)]).toEqual([endpoint, 400]);
  const off = `${keys.p256dh.slice(0, -4)}AAAA`;
  for (const given of [{ ...keys, p256dh: off }, { ...keys, auth: "short" }, { p256dh: keys.p256dh }])
    expect(await subscribe("https://8.8.8.8/x", given)).toBe(400);
  expect(await subscribe("https://8.8.8.8/x", keys, TOKEN)).toBe(400);
  expect((await ask("/api/phones/self", { token })).body.phone.push).toBe(false);
  expect(await subscribe("https://8.8.8.8/x")).toBe(200);
  expect((await ask("/api/phones/self", { token })).body.phone.push).toBe(true);
  expect((await post("/api/phones/unsubscribe", {}, { token })).body).toEqual({ push: false });
  // And again when it is sent, whatever was stored.
  const message = { headers: {}, body: Buffer.from("x"), signal: AbortSignal.timeout(5000) };
  await expect(postPush("https://127.0.0.1:1/x", message)).rejects.toMatchObject({ code: "forbidden" });
  await expect(checkEndpoint("http://8.8.8.8/")).rejects.toMatchObject({ code: "forbidden" });
});
