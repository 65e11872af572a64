import { createServer, type Server } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { listen } from "../../src/gateway/listen/listen.ts";
import { listenerIn } from "../../src/gateway/listen/portHolder.ts";

/** A server to whom the system refuses these ports, as Windows does with those that Hyper-V has set aside. */
function refusing(isKept: (port: number) => boolean): () => Server {
  return () => {
    const server = createServer();
    const listenReally = server.listen.bind(server) as (options: { port: number }, then: () => void) => Server;
    server.listen = ((options: { port: number }, then: () => void) => {
      // Whatever else runs on this machine, one that is not kept is free.
      if (!isKept(options.port)) return listenReally({ ...options, port: 0 }, then);
      queueMicrotask(() => server.emit("error", Object.assign(new Error("listen EACCES"), { code: "EACCES" })));
      return server;
    }) as Server["listen"];
    onTestFinished(() => void server.close());
    return server;
  };
}

test("a default port that the system keeps gives way to the next one", async () => {
  const { port, servers } = await listen(
    refusing((one) => one < 3009),
    { host: "127.0.0.1", port: 3001, portIsDefault: true },
  );
  expect(port).toBe(3009);
  for (const server of servers) server.close();
});

test("a port that was chosen and is kept is named for what it is; below 1024 rights are what lacks", async () => {
  const kept = refusing(() => true);
  await expect(listen(kept, { host: "127.0.0.1", port: 3456 })).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/^Port 3456 is (set aside by Windows|kept from this user).*gateway\.port$/),
  });
  await expect(listen(kept, { host: "127.0.0.1", port: 3000, portIsDefault: true })).rejects.toMatchObject({
    message: expect.stringMatching(/^The ports 3000 to 3010 are /),
  });
  const below = process.platform === "win32" ? /set aside/ : /needs rights.*above 1023/;
  await expect(listen(kept, { host: "127.0.0.1", port: 80 })).rejects.toMatchObject({
    message: expect.stringMatching(below),
  });
});

test("who has a port on Windows, in whatever language it says so", () => {
  const said = [
    "Aktive Verbindungen",
    "  Proto  Lokale Adresse         Remoteadresse          Status           PID",
    "  TCP    127.0.0.1:13000        0.0.0.0:0              ABHÖREN          11",
    "  TCP    127.0.0.1:50122        127.0.0.1:3000         HERGESTELLT      12",
    "  TCP    127.0.0.1:3000         0.0.0.0:0              ABHÖREN          4242",
    "  TCP    [::1]:3001             [::]:0                 LISTENING        77",
    "  UDP    0.0.0.0:3002           *:*                                     99",
  ].join("\r\n");
  expect([3000, 3001, 3002, 50122].map((port) => listenerIn(said, port))).toEqual([4242, 77, undefined, undefined]);
});
