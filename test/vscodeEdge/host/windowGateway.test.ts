import { expect, test } from "vitest";
import type { App } from "../../../src/app.ts";
import { AppError } from "../../../src/base/appError.ts";
import { Emitter } from "../../../src/base/emitter.ts";
import { linkedWires } from "../../../src/net/linkedWires.ts";
import { silentLog } from "../../../src/base/log.ts";
import type { GatewayEvent } from "../../../src/protocol/event.ts";
import type { Wire } from "../../../src/protocol/frame.ts";
import { english } from "../../fakes/english.ts";
import { Gateway } from "../../../src/vscode/host/windowGateway.ts";

/** An app whose gateway answers everything with {}. */
function createApp(url: string) {
  const changes = new Emitter<void>();
  const far: Wire[] = [];
  let tellClosed = (_reason: string) => {};
  const app: App & {
    closes: number;
    lose(reason: string): void;
    cut(reason: string): void;
    tell(event: GatewayEvent): void;
    change(): void;
  } = {
    role: "leader",
    url,
    closes: 0,
    configPath: "/tmp/openclaw.yml",
    token: () => "token",
    diagnostics: () => [],
    refuseGone() {},
    rules: () => [],
    leader: "Editor",
    onDidChange: (listener) => changes.on(listener),
    change: () => changes.emit(),
    closed: new Promise((resolve) => (tellClosed = resolve)),
    connect() {
      const [near, end] = linkedWires();
      end.onFrame((frame) => frame.type === "req" && end.send({ type: "res", id: frame.id, ok: true, payload: {} }));
      far.push(end);
      return Promise.resolve(near);
    },
    close() {
      app.closes++;
      tellClosed("closed");
      return Promise.resolve();
    },
    cut: (reason) => far.splice(0).forEach((end) => end.close(reason)),
    lose(reason) {
      for (const end of far) end.close(reason);
      tellClosed(reason);
    },
    tell: (payload) => far.forEach((end) => end.send({ type: "event", event: payload.type, payload })),
  };
  return app;
}

function createGateway(opens: (() => Promise<App>)[], options: { trusted?: () => boolean } = {}) {
  const gateway = new Gateway({
    open: () => opens.shift()?.() ?? Promise.reject(new AppError("unavailable", "No more apps")),
    trusted: options.trusted ?? (() => true),
    log: silentLog,
    texts: english,
    backoffMs: [0, 1, 1],
  });
  const states: string[] = [gateway.status.state];
  gateway.onDidChange(({ state, message }) => states.push(message ? `${state}: ${message}` : state));
  return { gateway, states };
}

const event: GatewayEvent = { type: "session.deleted", sessionKey: "a", id: 1, at: "2026-11-22T12:00:00.000Z" };

test("starts, calls, hears events and stops", async () => {
  const app = createApp("http://127.0.0.1:3000");
  const { gateway, states } = createGateway([() => Promise.resolve(app)]);
  await gateway.start();
  expect(gateway.status).toEqual({ state: "running", role: "leader", url: "http://127.0.0.1:3000" });
  expect(await gateway.client().call("models.list", {})).toEqual({});
  const heard = new Promise((resolve) => gateway.onEvent(resolve));
  app.tell(event);
  expect(await heard).toEqual(event);
  await gateway.stop();
  expect(app.closes).toBe(1);
  expect(states).toEqual(["stopped", "starting", "running", "stopped"]);
  expect(() => gateway.client()).toThrow("The gateway is not running.");
});

test("two starts at once are one", async () => {
  const app = createApp("http://a");
  const { gateway, states } = createGateway([() => Promise.resolve(app)]);
  await Promise.all([gateway.start(), gateway.start()]);
  await gateway.start();
  expect(states).toEqual(["stopped", "starting", "running"]);
});

test("a start that fails says why and can be tried again", async () => {
  const fail = () => Promise.reject(new AppError("conflict", "Port 3000 is taken"));
  const { gateway, states } = createGateway([fail, () => Promise.resolve(createApp("http://a"))]);
  await gateway.start();
  expect(gateway.status).toEqual({ state: "error", message: "Port 3000 is taken" });
  await gateway.start();
  expect(states.at(-1)).toBe("running");
});

test("opens another app when the gateway goes away, however often it takes, and hears its events", async () => {
  const first = createApp("http://a");
  const second = createApp("http://b");
  const fail = () => Promise.reject(new AppError("unavailable", "not yet"));
  const { gateway, states } = createGateway([() => Promise.resolve(first), fail, fail, () => Promise.resolve(second)]);
  await gateway.start();
  first.lose("its window was closed");
  await expect.poll(() => gateway.status.url).toBe("http://b");
  expect(states.slice(0, 4)).toEqual(["stopped", "starting", "running", "starting: its window was closed"]);
  const heard = new Promise((resolve) => gateway.onEvent(resolve));
  second.tell(event);
  expect(await heard).toEqual(event);
  expect(first.closes).toBe(0);
});

test("waits for a gateway that is only just starting elsewhere, but not for a port that is taken", async () => {
  const notYet = () => Promise.reject(new AppError("unavailable", "is not serving yet"));
  const { gateway } = createGateway([notYet, notYet, () => Promise.resolve(createApp("http://a"))]);
  await gateway.start();
  expect(gateway.status.state).toBe("running");
  const taken = () => Promise.reject(new AppError("conflict", "taken"));
  const opens = [taken, taken];
  await createGateway(opens).gateway.start();
  expect(opens).toHaveLength(1);
});

test("takes another wire when only its wire was cut", async () => {
  const app = createApp("http://a");
  const { gateway } = createGateway([() => Promise.resolve(app)]);
  await gateway.start();
  const again = new Promise((resolve) => gateway.onDidChange(resolve));
  app.cut("token changed");
  await again;
  expect(await gateway.client().call("models.list", {})).toEqual({});
  expect(app.closes).toBe(0);
});

test("says where the faults are that keep it from starting", async () => {
  const details = [{ path: "/home/me/openclaw.yml:3:5", message: "Unknown key" }];
  const { gateway } = createGateway([() => Promise.reject(new AppError("bad_request", "wrong", { details }))]);
  await gateway.start();
  expect(gateway.status).toEqual({ state: "error", message: "wrong", details });
});

test("gives up after the last wait and says why", async () => {
  const first = createApp("http://a");
  const { gateway } = createGateway([() => Promise.resolve(first)]);
  await gateway.start();
  first.lose("crashed");
  await expect.poll(() => gateway.status).toEqual({ state: "error", message: "No more apps" });
});

test("an app that opens after the stop is closed again", async () => {
  const app = createApp("http://a");
  const [asked, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<App>()];
  const open = () => {
    asked.resolve();
    return opened.promise;
  };
  const { gateway, states } = createGateway([open]);
  const started = gateway.start();
  await asked.promise;
  await gateway.stop();
  opened.resolve(app);
  await started;
  expect(app.closes).toBe(1);
  expect(states).toEqual(["stopped", "starting", "stopped"]);
});

test("a start says at once that it starts, and opens when its caller is through", async () => {
  const opens = [() => Promise.resolve(createApp("http://a"))];
  const { gateway } = createGateway(opens);
  const started = gateway.start();
  expect([gateway.status.state, opens.length]).toEqual(["starting", 1]);
  // What is done at once after it, to its last microtask, comes first.
  await Promise.resolve();
  expect(opens).toHaveLength(1);
  // As a command does that is run meanwhile.
  await gateway.start();
  expect([gateway.status.state, opens.length]).toEqual(["running", 0]);
  await started;
});

test("what is stopped before it opens is not opened at all, and starts again when it is told to", async () => {
  const opens = [() => Promise.resolve(createApp("http://a"))];
  const { gateway, states } = createGateway(opens);
  const started = gateway.start();
  await gateway.stop();
  await started;
  expect([states, opens.length]).toEqual([["stopped", "starting", "stopped"], 1]);
  await gateway.start();
  expect(gateway.status.state).toBe("running");
});

test("a stop is no loss: nothing is opened again", async () => {
  const app = createApp("http://a");
  const opens = [() => Promise.resolve(app), () => Promise.resolve(createApp("http://b"))];
  const { gateway } = createGateway(opens);
  await gateway.start();
  await gateway.stop();
  await app.closed;
  expect(opens).toHaveLength(1);
  expect(gateway.status.state).toBe("stopped");
});

test("nothing opens in a workspace that is not trusted, until it is", async () => {
  let trusted = false;
  const opens = [() => Promise.resolve(createApp("http://a"))];
  const { gateway } = createGateway(opens, { trusted: () => trusted });
  expect(gateway.status.state).toBe("restricted");
  await gateway.start();
  expect(gateway.status.state).toBe("restricted");
  expect(opens).toHaveLength(1);
  trusted = true;
  await gateway.start();
  expect(gateway.status.state).toBe("running");
});

test("a change of the app is told with its new address", async () => {
  const app = createApp("http://a");
  const { gateway } = createGateway([() => Promise.resolve(app)]);
  await gateway.start();
  const changed = new Promise((resolve) => gateway.onDidChange(resolve));
  app.change();
  expect(await changed).toEqual({ state: "running", role: "leader", url: "http://a" });
});
