import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EditorDoor, openEditorDoor } from "../vscode/editorDoor.ts";

const folder = mkdtempSync(path.join(tmpdir(), "pincer-door-"));
const socket = path.join(folder, "editor");
const seen: { url?: string; headers: IncomingHttpHeaders }[] = [];
/** Stands for the editor: says what it was asked, and shakes hands with every upgrade. */
const editor = createServer((incoming, response) => {
  seen.push({ url: incoming.url, headers: incoming.headers });
  response.end("the editor");
});
editor.on("upgrade", (incoming, client) => {
  seen.push({ url: incoming.url, headers: incoming.headers });
  client.write("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n");
  client.pipe(client);
});
let door: EditorDoor;
let cookie: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => editor.listen(socket, resolve));
  door = await openEditorDoor({ socket, port: 0 });
  cookie = `pincer-editor-${door.port}=${new URL(door.address()).searchParams.get("tkn")}`;
});

afterAll(async () => {
  await door.close();
  editor.close();
  rmSync(folder, { recursive: true });
});

test("its address trades the secret for a cookie and leads to the same place without it", async () => {
  const { status, headers } = await ask(door.address({ folder: "/a b/c#d&e" }).slice(door.url.length));
  expect(status).toBe(302);
  expect(headers.location).toBe(`${door.url}/?folder=%2Fa+b%2Fc%23d%26e`);
  expect(headers["set-cookie"]).toEqual([`${cookie}; Path=/; HttpOnly; SameSite=Strict`]);
});

test("the cookie opens it, and the editor never sees the cookie", async () => {
  const answer = await ask("/vscode-remote-resource?path=/x", { cookie: `a=1; ${cookie}; b=2` });
  expect(answer).toMatchObject({ status: 200, body: "the editor" });
  expect(seen.at(-1)).toMatchObject({ url: "/vscode-remote-resource?path=/x", headers: { cookie: "a=1; b=2" } });
  expect(seen.at(-1)?.headers.host).toBe(`127.0.0.1:${door.port}`);
});

const port = () => door.port;
const refused: [what: string, path: string, headers: () => Record<string, string | string[]>][] = [
  ["nothing", "/", () => ({})],
  ["a wrong secret", "/?tkn=x", () => ({})],
  ["an empty secret", "/?tkn=", () => ({})],
  ["a wrong cookie", "/", () => ({ cookie: `pincer-editor-${port()}=x` })],
  ["a file of the user", "/vscode-remote-resource?path=/root/.pincer/token", () => ({})],
  ["a health check", "/healthz", () => ({})],
  ["a foreign host", "/", () => ({ cookie, host: `evil.example:${port()}` })],
  ["a foreign host with a good name in it", "/", () => ({ cookie, host: `127.0.0.1:${port()}.evil.example` })],
  ["a host without its port", "/", () => ({ cookie, host: "127.0.0.1" })],
  ["another port's host", "/", () => ({ cookie, host: `127.0.0.1:${port() + 1}` })],
  ["a foreign origin", "/", () => ({ cookie, origin: "http://evil.example" })],
  ["the origin of another port", "/", () => ({ cookie, origin: "http://127.0.0.1:1" })],
  ["no origin at all, said aloud", "/", () => ({ cookie, origin: "null" })],
  ["a page of another site", "/", () => ({ cookie, "sec-fetch-site": "cross-site" })],
  ["a page of another port", "/", () => ({ cookie, "sec-fetch-site": "same-site" })],
  ["another server's path", "//evil.example/", () => ({ cookie })],
  ["a whole address", "http://evil.example/", () => ({ cookie })],
  ["a path that reads as another server's", "/\\evil.example/", () => ({ cookie })],
  ["a path that no address can have", "/\\x:99999/", () => ({})],
];

for (const [what, target, headers] of refused) {
  test(`${what} is refused with 403, as a request and as an upgrade`, async () => {
    const before = seen.length;
    expect((await ask(target, headers())).status).toBe(403);
    expect(await upgrade(target, headers())).toMatch(/^HTTP\/1.1 403 /);
    expect(seen.length).toBe(before);
  });
}

test.runIf(process.platform === "linux")("it listens on 127.0.0.1 and no other address of this machine", async () => {
  const socket = connect(door.port, "127.0.0.2");
  const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNREFUSED");
});

test("two hosts are refused", async () => {
  const line = await raw(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nHost: evil.example\r\nCookie: ${cookie}\r\n\r\n`,
  );
  expect(line).toMatch(/^HTTP\/1.1 (400|403) /);
});

test("a page that it serves gets its upgrade, and it is closed with the door", async () => {
  expect(await upgrade("/ws", { cookie, origin: `http://127.0.0.1:${port()}` })).toMatch(/^HTTP\/1.1 101 /);
  expect(seen.at(-1)?.headers.cookie).toBeUndefined();
  const second = await openEditorDoor({ socket, port: 0 });
  const mine = `pincer-editor-${second.port}=${new URL(second.address()).searchParams.get("tkn")}`;
  const held = connect(second.port, "127.0.0.1");
  held.write(
    `GET /ws HTTP/1.1\r\nhost: 127.0.0.1:${second.port}\r\ncookie: ${mine}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n`,
  );
  await new Promise((resolve) => held.once("data", resolve));
  const closed = new Promise((resolve) => held.once("close", resolve));
  await second.close();
  await closed;
});

test("it takes the next port when the preferred one is taken", async () => {
  const next = await openEditorDoor({ socket, port: door.port });
  expect(next.port).toBeGreaterThan(door.port);
  await next.close();
});

test("an editor that is gone is a 502", async () => {
  const lost = await openEditorDoor({ socket: path.join(folder, "nobody"), port: 0 });
  const tkn = new URL(lost.address()).searchParams.get("tkn");
  const { status } = await fetch(`${lost.url}/`, { headers: { cookie: `pincer-editor-${lost.port}=${tkn}` } });
  expect(status).toBe(502);
  await lost.close();
});

interface Answer {
  status?: number;
  headers: IncomingHttpHeaders;
  body: string;
}

function ask(target: string, headers: Record<string, string | string[]> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port: door.port, path: target, headers }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => (body += text));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
    });
    asked.on("error", reject).end();
  });
}

function upgrade(target: string, headers: Record<string, string | string[]>): Promise<string> {
  const all = { host: `127.0.0.1:${port()}`, ...headers, connection: "Upgrade", upgrade: "websocket" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${String(value)}`);
  return raw([`GET ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
}

/** The first line that comes back for these bytes. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = connect(door.port, "127.0.0.1");
    client.on("error", reject).write(bytes);
    client.once("data", (data) => {
      resolve(data.toString("latin1").split("\r\n")[0]!);
      client.destroy();
    });
  });
}
