import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createSocketWire } from "../../src/net/socketWire.ts";
import type { Frame, Wire } from "../../src/protocol/frame.ts";
import { createFakeClock, settle } from "../fakes/fakeClock.ts";

const MB = 1024 * 1024;
/** More than the sockets of this machine hold between them. */
const frameOf = (id: string, size = 20 * MB): Frame => ({ type: "res", id, ok: true, payload: "x".repeat(size) });
const idOf = (data: unknown) => (JSON.parse(String(data)) as { id: string }).id;

/** A wire, and the client at its other end. */
async function openLine() {
  const clock = createFakeClock();
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  await once(server, "listening");
  const connected = new Promise<Wire>((resolve) =>
    server.once("connection", (socket, { socket: line }) => resolve(createSocketWire(socket, line, clock))),
  );
  const { port } = server.address() as AddressInfo;
  const line = connect(port, "127.0.0.1");
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { createConnection: () => line });
  onTestFinished(() => {
    client.terminate();
    server.close();
  });
  await once(client, "open");
  return { clock, client, line, wire: await connected };
}

test("frames longer than all that may wait come whole, and in their order", async () => {
  const { client, wire } = await openLine();
  const ids: string[] = [];
  client.on("message", (data) => ids.push(idOf(data)));
  const closed = once(client, "close");
  for (const [id, size] of [["1"], ["2", 10], ["3"], ["4", 10]] as const) wire.send(frameOf(id, size));
  wire.close("that was all");
  const [code, reason] = (await closed) as [number, Buffer];
  expect([ids, code, String(reason)]).toEqual([["1", "2", "3", "4"], 1000, "that was all"]);
});

test("a reader that is slow is waited for, and one that has stopped is cut", async () => {
  const { client, line, wire, clock } = await openLine();
  let read = 0;
  let enough = 0;
  line.on("data", (piece: Buffer) => {
    read += piece.length;
    if (read >= enough) client.pause();
  });
  client.pause();
  wire.send(frameOf("1", 40 * MB));
  const drained = wire.drained!();
  let isOver = false;
  const over = drained.catch((error: Error) => error).finally(() => (isOver = true));
  for (enough = 8 * MB; enough <= 24 * MB; enough += 8 * MB) {
    client.resume();
    await expect.poll(() => read).toBeGreaterThanOrEqual(enough);
    await settle();
    await clock.advance(14_000);
    expect(isOver).toBe(false);
  }
  await expect.poll(async () => (await clock.advance(15_000), isOver)).toBe(true);
  expect(await over).toMatchObject({ code: "unavailable" });
});

test("who asks and never reads is cut", async () => {
  const { client, wire } = await openLine();
  client.pause();
  const closed = new Promise((resolve) => wire.onClose(resolve));
  for (let id = 1; id <= 5; id++) wire.send(frameOf(String(id)));
  expect(await closed).toBe("code 1006");
});
