import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { sendOnce } from "../../src/net/sendOnce.ts";

test("each address of a host has seconds to answer, for those who are far away from it", async () => {
  const server = http.createServer((_, response) => void response.end("here"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const opened = vi.spyOn(http.Agent.prototype, "createConnection");
  onTestFinished(() => opened.mockRestore());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { status, body } = await sendOnce({ url, timeoutMs: 10_000, maxBytes: 100 });
  expect([status, body.toString()]).toEqual([200, "here"]);
  expect(opened.mock.calls[0]![0]).toMatchObject({ autoSelectFamilyAttemptTimeout: 3000 });
});
