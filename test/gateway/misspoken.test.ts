import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import type { Log } from "../../src/base/log.ts";
import { silentLog } from "../../src/base/log.ts";
import { createRestClient } from "../../src/client/restClient.ts";
import { connectWire } from "../../src/client/connectWire.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { openGatewayBench, TOKEN } from "./bench.ts";

const said: string[] = [];
const log: Log = { ...silentLog, warn: (line) => said.push(line) };

function stateFolder(): string {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-misspoken-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  return stateDir;
}

/** What a client says of a call, over REST and over a WebSocket. */
async function failures(url: string): Promise<string[]> {
  const address = { url, token: TOKEN };
  const calls = [createRestClient(address).get("models.list"), connectWire(address)];
  return (await Promise.allSettled(calls)).map((one) => (one.status === "rejected" ? String(one.reason.message) : ""));
}

test("plain HTTP at a port of TLS is answered with a sentence, and logged once a minute", async () => {
  said.length = 0;
  const clock = createFakeClock();
  const { gateway } = await openGatewayBench({ gateway: { tls: "selfSigned", stateDir: stateFolder(), log, clock } });
  const { port } = new URL(gateway.url);
  for (const round of [1, 2]) {
    const socket = connect(Number(port), "127.0.0.1");
    socket.write("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    const answer = await text(socket);
    expect(answer.split("\r\n")[0], `round ${round}`).toBe("HTTP/1.1 400 Bad Request");
    expect(answer).toContain("begin the address with https://");
  }
  expect(await failures(`http://127.0.0.1:${port}`)).toEqual([
    expect.stringContaining("This port speaks TLS"),
    expect.stringContaining("This port speaks TLS"),
  ]);
  const line = "A client spoke plain HTTP to a port that speaks TLS: its address must begin with https://";
  expect(said).toEqual([line]);
  await clock.advance(60_000);
  await failures(`http://127.0.0.1:${port}`);
  expect(said).toEqual([line, line]);
  expect(gateway.status().connections).toBe(0);
});

test("TLS at a port of plain HTTP is a sentence in the client and in the log", async () => {
  said.length = 0;
  const { gateway } = await openGatewayBench({ gateway: { log, clock: createFakeClock() } });
  const sentence = `does not speak TLS as this client does; a gateway without it is at ${gateway.url}`;
  expect(await failures(gateway.url.replace("http:", "https:"))).toEqual([
    expect.stringContaining(sentence),
    expect.stringContaining(sentence),
  ]);
  expect(said).toEqual(["A client spoke TLS to a port that speaks plain HTTP: its address must begin with http://"]);
});

test("what hangs up on plain HTTP is said to want TLS, perhaps", async () => {
  const server = createServer((socket) => socket.once("data", () => socket.end()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const sentence = `What listens at http://127.0.0.1:${port} answers no plain HTTP; a gateway with TLS is at https://127.0.0.1:${port}`;
  expect(await failures(`http://127.0.0.1:${port}`)).toEqual([sentence, sentence]);
});
