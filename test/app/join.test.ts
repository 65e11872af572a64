import { expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { createRouteClient } from "../../src/client/routeClient.ts";
import { call, createAppBench } from "./bench.ts";

const openClient = async (app: App) => createRouteClient(await app.connect("panel"));

test("the older leader gone, the one that worked beside it leads, as the same app", async () => {
  const bench = createAppBench();
  const leader = await bench.open();
  const window = await bench.open({ mode: "join", host: bench.host({ name: "window", workspaces: () => [] }) });
  expect(window.role).toBe("client");
  expect(window.url).toBe(leader.url);
  const led = new Promise<void>((resolve) => window.onDidChange(() => window.role === "leader" && resolve()));
  bench.forget(leader);
  await leader.close();
  const wire = await openClient(window);
  await led;
  expect((await call(window, "/health")).status).toBe(200);
  expect((await wire.call("gateway.status", {})).url).toBe(window.url);
});
