import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { GatewayProcess } from "./gatewayProcess.ts";

type Gateway = Pick<GatewayProcess, "url" | "token">;

/** A request byte by byte, for clients that read slowly, or leave in the middle. */
export function toGet(gateway: Gateway, path: string): string {
  return `GET ${path} HTTP/1.1\r\n${toHead(gateway)}\r\n`;
}

export function toPost(gateway: Gateway, path: string, body: unknown): string {
  const text = JSON.stringify(body);
  const lines = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n`;
  return `POST ${path} HTTP/1.1\r\n${toHead(gateway)}${lines}\r\n${text}`;
}

/** Of a WebSocket that asks for `method` at once. */
export function toUpgrade(gateway: Gateway, method: string, params: object): Buffer {
  const key = Buffer.alloc(16).toString("base64");
  const lines = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n`;
  const text = Buffer.from(JSON.stringify({ type: "req", id: "1", method, params }));
  // One text frame of less than 126 bytes, with a mask of zeros.
  const frame = [Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text];
  return Buffer.concat([Buffer.from(`GET /ws HTTP/1.1\r\n${toHead(gateway)}${lines}\r\n`), ...frame]);
}

function toHead({ url, token }: Gateway): string {
  return `Host: ${new URL(url).host}\r\nAuthorization: Bearer ${token}\r\n`;
}

/** Resolves when it is sent. */
export async function openClient({ url }: Gateway, bytes: string | Buffer): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  await once(socket, "connect");
  // A gateway may cut off who reads too slowly.
  socket.on("error", () => {});
  await new Promise((resolve) => socket.write(bytes, resolve));
  return socket;
}

/** Resolves when the first bytes came; reads no more after them. */
export async function openReader(gateway: Gateway, bytes: string | Buffer): Promise<Socket> {
  const socket = await openClient(gateway, bytes);
  await once(socket, "data");
  socket.pause();
  return socket;
}

/** Leaves without a farewell, as who is cut off. Resolves when it is gone. */
export async function leave(socket: Socket): Promise<void> {
  if (socket.closed) return;
  const closed = once(socket, "close");
  socket.resetAndDestroy();
  await closed;
}
