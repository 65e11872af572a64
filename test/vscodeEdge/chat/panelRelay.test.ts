import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { linkedWires } from "../../../src/net/linkedWires.ts";
import { silentLog } from "../../../src/base/log.ts";
import type { HostMessage, PanelMessage } from "../../../src/protocol/panel/editor.ts";
import type { Frame, RequestFrame, Wire } from "../../../src/protocol/frame.ts";
import { PanelRelay } from "../../../src/vscode/chat/panelRelay.ts";

/** A relay between what the page sees and gateways that answer every request but "runs.wait". */
function openRelay() {
  const seen: (Frame | HostMessage)[] = [];
  const told: PanelMessage[] = [];
  const gateways: Wire[] = [];
  let runs = true;
  const picked = Promise.withResolvers<string>();
  const relay = new PanelRelay({
    post: (message) => seen.push(message),
    connect() {
      if (!runs) return Promise.reject(new AppError("unavailable", "The gateway is not running."));
      const [near, far] = linkedWires();
      far.onFrame((frame) => {
        if (frame.type === "req" && frame.method !== "runs.wait") {
          far.send({ type: "res", id: frame.id, ok: true, payload: frame.method });
        }
      });
      gateways.push(far);
      return Promise.resolve(near);
    },
    answer(method) {
      if (method === "editor.copy") return Promise.resolve(undefined);
      if (method === "editor.pickFiles") return picked.promise;
      return Promise.reject(new AppError("not_found", `no ${method}`));
    },
    onMessage: (message) => told.push(message),
    log: silentLog,
  });
  return { relay, seen, told, gateways, pick: picked.resolve, stop: () => (runs = false) };
}

const request = (id: string, method: string): RequestFrame => ({ type: "req", id, method, params: {} });

test("carries requests to the gateway and answers back, over one wire", async () => {
  const { relay, seen, gateways } = openRelay();
  relay.receive(request("1", "sessions.list"));
  relay.receive(request("2", "models.list"));
  await expect.poll(() => seen).toHaveLength(2);
  expect(seen).toEqual([
    { type: "res", id: "1", ok: true, payload: "sessions.list" },
    { type: "res", id: "2", ok: true, payload: "models.list" },
  ]);
  expect(gateways).toHaveLength(1);
});

test("carries events down, and answers editor.* by itself", async () => {
  const { relay, seen, gateways } = openRelay();
  relay.receive(request("1", "editor.copy"));
  relay.receive(request("2", "editor.format"));
  relay.receive(request("3", "events.subscribe"));
  await expect.poll(() => seen).toHaveLength(3);
  const payload = { type: "session.deleted", sessionKey: "a", id: 1, at: "2026-11-22T12:00:00.000Z" } as const;
  gateways[0]!.send({ type: "event", event: payload.type, payload });
  await expect.poll(() => seen).toHaveLength(4);
  expect(seen).toContainEqual({ type: "res", id: "1", ok: true, payload: null });
  expect(seen).toContainEqual({
    type: "res",
    id: "2",
    ok: false,
    error: { code: "not_found", message: "no editor.format" },
  });
  expect(seen.at(-1)).toEqual({ type: "event", event: "session.deleted", payload });
});

test("a request is answered also when the gateway goes away first, and the next one finds the new gateway", async () => {
  const { relay, seen, gateways } = openRelay();
  relay.receive(request("1", "runs.wait"));
  await expect.poll(() => gateways).toHaveLength(1);
  await new Promise(setImmediate);
  gateways[0]!.close("its window was closed");
  await expect.poll(() => seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({ id: "1", ok: false, error: { code: "unavailable" } });
  relay.receive(request("2", "sessions.list"));
  await expect.poll(() => seen).toHaveLength(2);
  expect(seen[1]).toMatchObject({ id: "2", ok: true });
  expect(gateways).toHaveLength(2);
});

test("says that there is no gateway, and asks again at the next request", async () => {
  const { relay, seen, stop } = openRelay();
  stop();
  relay.receive(request("1", "sessions.list"));
  relay.receive(request("2", "sessions.list"));
  await expect.poll(() => seen).toHaveLength(2);
  for (const answer of seen) expect(answer).toMatchObject({ ok: false, error: { code: "unavailable" } });
});

test("a page that starts anew lets go of the wire of the page before it", async () => {
  const { relay, seen, told, gateways } = openRelay();
  relay.receive(request("1", "events.subscribe"));
  await expect.poll(() => seen).toHaveLength(1);
  const closed = new Promise((resolve) => gateways[0]!.onClose(resolve));
  relay.receive({ type: "panel", event: "ready" });
  await closed;
  expect(told).toEqual([{ type: "panel", event: "ready" }]);
  relay.receive(request("1", "sessions.list"));
  await expect.poll(() => seen).toHaveLength(2);
  expect(gateways).toHaveLength(2);
});

test("what a page that is gone had asked is answered to nobody: the next one counts its requests anew", async () => {
  const { relay, seen, gateways, pick } = openRelay();
  relay.receive(request("1", "editor.pickFiles"));
  // Its wire opens only after the page is gone.
  relay.receive(request("2", "runs.wait"));
  relay.receive({ type: "panel", event: "ready" });
  relay.receive(request("1", "runs.wait"));
  await expect.poll(() => gateways).toHaveLength(2);
  pick("notes.md");
  await new Promise(setImmediate);
  gateways[1]!.close("its window was closed");
  await expect.poll(() => seen).not.toEqual([]);
  await new Promise(setImmediate);
  expect(seen).toMatchObject([{ id: "1", ok: false, error: { code: "unavailable" } }]);
});

test("the line of a page stays its own where that of the page before fails only then", async () => {
  const late = Promise.withResolvers<never>();
  const gateways: Wire[] = [];
  const seen: Frame[] = [];
  let asked = 0;
  const relay = new PanelRelay({
    post: (message) => seen.push(message as Frame),
    connect() {
      if (asked++ === 0) return late.promise;
      const [here, there] = linkedWires();
      gateways.push(there);
      there.onFrame(
        (frame) => frame.type === "req" && there.send({ type: "res", id: frame.id, ok: true, payload: null }),
      );
      return Promise.resolve(here);
    },
    answer: () => Promise.resolve(undefined),
    onMessage() {},
    log: silentLog,
  });
  relay.receive(request("1", "sessions.list"));
  relay.receive({ type: "panel", event: "ready" });
  relay.receive(request("1", "sessions.list"));
  late.reject(new AppError("unavailable", "gone"));
  await expect.poll(() => seen).toHaveLength(1);
  relay.receive(request("2", "sessions.list"));
  await expect.poll(() => seen).toHaveLength(2);
  expect(gateways).toHaveLength(1);
});

test("drops what the page never sends", async () => {
  const { relay, seen, gateways } = openRelay();
  relay.receive(request("1", "gateway.token.rotate"));
  relay.receive({ type: "event", event: "message" });
  relay.receive(request("2", "editor.copy"));
  await expect.poll(() => seen).toHaveLength(1);
  expect(gateways).toHaveLength(0);
});

test("what is asked over a wire that closes as it opens is answered, too", async () => {
  const { relay, seen, gateways } = openRelay();
  relay.receive(request("1", "runs.wait"));
  gateways[0]!.close("another gateway took over");
  await expect.poll(() => seen).toHaveLength(1);
  const error = { code: "unavailable", message: "The gateway went away: another gateway took over" };
  expect(seen[0]).toMatchObject({ type: "res", id: "1", ok: false, error });
  relay.receive(request("2", "sessions.list"));
  await expect.poll(() => seen.at(-1)).toEqual({ type: "res", id: "2", ok: true, payload: "sessions.list" });
});
