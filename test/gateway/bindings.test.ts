import { randomInt } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get as getHttps } from "node:https";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { generate } from "selfsigned";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { connectWire } from "../../src/client/connectWire.ts";
import type { Hosts } from "../../src/gateway/auth/hosts.ts";
import { openBindings } from "../../src/gateway/listen/bindings.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { freePort } from "../fakes/freePort.ts";
import { openGatewayBench, TOKEN } from "./bench.ts";

const tokens = [{ name: "default", value: TOKEN, scope: "admin" as const }];
const loopback = { host: "127.0.0.1", port: 0 };
const nobody = {
  onRequest: () => {},
  onCheckContinue: () => {},
  onCheckExpectation: () => {},
  onUpgrade: () => {},
  onConnect: () => {},
  onMisspoken: () => {},
};

test("moving to another port drops none of a hundred requests under way", async () => {
  const gate = Promise.withResolvers<void>();
  const turns = Array.from({ length: 100 }, () => [{ wait: gate.promise }, "done"]);
  const clock = createFakeClock();
  const { gateway, post, get, model, auth } = await openGatewayBench({ turns, gateway: { clock } });
  const before = gateway.url;
  const sent = Array.from({ length: 100 }, (_, index) => post("/api/sessions/spawn", { task: `task ${index}` }));
  while (model.requests.length < 100) await new Promise((resolve) => setImmediate(resolve));
  const stream = await fetch(`${before}/api/events`, { headers: auth });

  const port = await freePort();
  await gateway.reconfigure({ tokens, address: { host: "127.0.0.1", port } });
  expect(gateway.url).toBe(`http://127.0.0.1:${port}`);
  expect((await get("/api/gateway/status")).body.url).toBe(gateway.url);
  // For a moment both are served; then only what is under way.
  const isThere = () => fetch(`${before}/health`, { headers: { Connection: "close" } }).then(Boolean, () => false);
  expect(await isThere()).toBe(true);
  await clock.advance(1000);
  while (await isThere()) await new Promise((resolve) => setTimeout(resolve, 50));
  gate.resolve();
  expect((await Promise.all(sent)).map(({ status, body }) => [status, body.reply])).toEqual(
    Array.from({ length: 100 }, () => [200, "done"]),
  );
  await stream.body!.cancel();
});

test("an address that cannot be had leaves the one before, and the tokens are the new ones", async () => {
  const taken = createServer();
  onTestFinished(() => void taken.close());
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as { port: number };
  const kept = { name: "kept", value: `${TOKEN}kept`, scope: "read" as const };
  const { gateway, get } = await openGatewayBench({ gateway: { tokens: [...tokens, kept] } });
  const other = [{ name: "default", value: `${TOKEN}other`, scope: "admin" as const }, kept];
  await expect(gateway.reconfigure({ tokens: other, address: { host: "127.0.0.1", port } })).rejects.toThrow(/taken/);
  await expect(gateway.reconfigure({ tokens: other, address: { ...loopback, host: "0.0.0.0" } })).rejects.toThrow(
    /needs gateway\.tls/,
  );
  const asked = [TOKEN, `${TOKEN}other`, kept.value].map((token) =>
    get("/api/gateway/status", { Authorization: `Bearer ${token}` }),
  );
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([401, 200, 200]);
});

test("TLS is turned on at the same port while a request is under way", async () => {
  const gate = Promise.withResolvers<void>();
  const { gateway, post, model } = await openGatewayBench({ turns: [[{ wait: gate.promise }, "done"]] });
  const { port } = gateway;
  const sent = post("/api/sessions/send", { message: "hi" });
  while (model.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await gateway.reconfigure({ tokens, address: { host: "127.0.0.1", port, tls: "selfSigned" } });
  expect(gateway.url).toBe(`https://127.0.0.1:${port}`);
  const wire = await connectWire({ url: gateway.url, token: TOKEN, certificate: gateway.certificate! });
  const answer = new Promise((resolve) => wire.onFrame(resolve));
  wire.send({ type: "req", id: "1", method: "sessions.list" });
  expect(await answer).toMatchObject({ type: "res", id: "1", ok: true, payload: { count: 1 } });
  wire.close();
  gate.resolve();
  expect(await sent).toMatchObject({ status: 200, body: { reply: "done" } });
});

test("a renewed certificate is served without a new port", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-pem-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const tls = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  const renew = async (name: string) => {
    const pair = await generate([{ name: "commonName", value: name }], { keyType: "ec", algorithm: "sha256" });
    writeFileSync(tls.cert, pair.cert);
    writeFileSync(tls.key, pair.private);
  };
  mkdirSync(folder, { recursive: true });
  await renew("first");
  const clock = createFakeClock();
  let told = 0;
  const { gateway } = await openGatewayBench({ gateway: { tls, clock, onRenewed: () => (told += 1) } });
  const { port } = gateway;
  expect(await subjectOf(port)).toBe("first");
  await renew("second");
  await gateway.reconfigure({ tokens, address: { host: "127.0.0.1", port: 0, tls } });
  expect([await subjectOf(port), gateway.port, told]).toEqual(["second", port, 0]);
  await renew("third");
  await clock.advance(3_600_000);
  await expect.poll(() => subjectOf(port)).toBe("third");
  expect([gateway.port, told]).toEqual([port, 1]);
  writeFileSync(tls.cert, "half of");
  await clock.advance(3_600_000);
  await renew("fourth");
  await clock.advance(3_600_000);
  await expect.poll(() => subjectOf(port)).toBe("fourth");
});

test("a self-signed certificate is served anew before it runs out, and where the clock is set back before its beginning", async () => {
  const clock = createFakeClock();
  const { gateway } = await openGatewayBench({ gateway: { tls: "selfSigned", clock } });
  const { port, certificate: first } = gateway;
  const day = 24 * 3_600_000;
  await clock.advance(3_600_000);
  expect(gateway.certificate).toBe(first);
  await clock.set(clock.now() + 370 * day);
  await expect.poll(() => gateway.certificate === first).toBe(false);
  const second = gateway.certificate;
  await clock.set(clock.now() - 3 * day);
  await clock.advance(3_600_000);
  await expect.poll(() => gateway.certificate === second).toBe(false);
  expect(gateway.port).toBe(port);
});

test("the files that a changed gateway.tls names are looked at from then on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-pem-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = async (file: string, name: string) => {
    const pair = await generate([{ name: "commonName", value: name }], { keyType: "ec", algorithm: "sha256" });
    const tls = { cert: join(folder, `${file}-cert.pem`), key: join(folder, `${file}-key.pem`) };
    writeFileSync(tls.cert, pair.cert);
    writeFileSync(tls.key, pair.private);
    return tls;
  };
  const clock = createFakeClock();
  const { gateway } = await openGatewayBench({ gateway: { tls: await write("old", "first"), clock } });
  const { port } = gateway;
  await gateway.reconfigure({
    tokens,
    address: { host: "127.0.0.1", port: 0, tls: await write("new", "second") },
  });
  await clock.advance(3_600_000);
  expect(await subjectOf(port)).toBe("second");
  const faulty = await write("faulty", "fourth");
  writeFileSync(faulty.key, "no key");
  await expect(gateway.reconfigure({ tokens, address: { host: "127.0.0.1", port: 0, tls: faulty } })).rejects.toThrow();
  await write("new", "third");
  await clock.advance(3_600_000);
  await expect.poll(() => subjectOf(port)).toBe("third");
});

function subjectOf(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = getHttps({ port, host: "127.0.0.1", path: "/health", rejectUnauthorized: false, agent: false });
    request.on("response", (response) => {
      const { subject } = (response.socket as TLSSocket).getPeerCertificate();
      response.resume();
      resolve(String(subject.CN));
    });
    request.on("error", reject);
  });
}

test("a port that somebody has for a moment while it is let go of is had again", async () => {
  let binds = 0;
  let port = 0;
  const gone = Promise.withResolvers<void>();
  const bindings = await openBindings(loopback, {
    ...{ stateDir: tmpdir(), clock: systemClock, log: silentLog, hostNames: [] },
    createRequests() {
      binds += 1;
      if (binds !== 2) return nobody;
      // As the system does for whoever connects to anything: any free port may be the near end.
      const holder = createServer().listen(port, "127.0.0.1");
      holder.once("listening", () => setTimeout(() => holder.close(() => gone.resolve()), 150));
      return nobody;
    },
  });
  onTestFinished(() => bindings.close());
  port = bindings.current().port;
  await bindings.move({ host: "localhost", port });
  await gone.promise;
  expect(bindings.current()).toMatchObject({ port });
});

test("the port that the default gave way to is left for the chosen one, and for none that is the default still", async () => {
  const { holder, port } = await holdLowPort();
  const bindings = await openBindings(
    { host: "127.0.0.1", port, portIsDefault: true },
    { stateDir: tmpdir(), clock: systemClock, log: silentLog, hostNames: [], createRequests: () => nobody },
  );
  onTestFinished(() => bindings.close());
  const gaveWayTo = bindings.current().port;
  expect(gaveWayTo).toBeGreaterThan(port);
  await expect(bindings.move({ host: "127.0.0.1", port })).rejects.toThrow(/taken/);
  expect(bindings.current().port).toBe(gaveWayTo);
  await new Promise((resolve) => holder.close(resolve));
  await bindings.move({ host: "127.0.0.1", port, portIsDefault: true });
  await bindings.move({ host: "127.0.0.1", port: gaveWayTo });
  expect(bindings.current().port).toBe(gaveWayTo);
  await bindings.move({ host: "127.0.0.1", port });
  expect(bindings.current()).toMatchObject({ port, url: `http://127.0.0.1:${port}` });
});

test("whoever has another network is found by its new address, which takes one look at the machine's a second", async () => {
  let addresses = ["127.0.0.1", "192.168.1.5"];
  let looks = 0;
  let hosts: Hosts | undefined;
  const clock = createFakeClock();
  const bindings = await openBindings(
    { host: "0.0.0.0", port: 0 },
    {
      ...{ stateDir: tmpdir(), clock, log: silentLog, hostNames: ["box.example"] },
      createRequests: (known) => ((hosts = known), nobody),
      listAddresses: () => ((looks += 1), addresses),
    },
  );
  onTestFinished(() => bindings.close());
  const { port } = bindings.current();
  const known = () =>
    ["192.168.1.5", "10.0.0.7", "box.example", "evil.example"].filter((name) => hosts!.has(`${name}:${port}`));
  expect(known()).toEqual(["192.168.1.5", "box.example"]);
  addresses = ["127.0.0.1", "10.0.0.7"];
  expect(bindings.current().reachable()[0]).toBe(`http://10.0.0.7:${port}`);
  await clock.advance(1000);
  looks = 0;
  for (let round = 0; round < 3; round += 1) known();
  expect({ known: known(), looks }).toEqual({ known: ["10.0.0.7", "box.example"], looks: 1 });
});

/** Below 3010, which is how far a default gives way. */
async function holdLowPort(): Promise<{ holder: Server; port: number }> {
  for (;;) {
    const port = randomInt(2000, 2900);
    const holder = createServer();
    const isHeld = new Promise<boolean>((resolve) => {
      holder.once("error", () => resolve(false));
      holder.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (await isHeld) return { holder, port };
  }
}
