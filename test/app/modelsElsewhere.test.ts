import { expect, test } from "vitest";
import { createRouteClient } from "../../src/client/routeClient.ts";
import { createScriptedProvider } from "../fakes/scriptedProvider.ts";
import { createAppBench } from "./bench.ts";

/** A gateway, and a window beside it that alone has a model. */
async function openBoth() {
  const bench = createAppBench();
  const leader = await bench.open();
  const { provider, requests, turns } = createScriptedProvider([], { id: "vscode" });
  const host = bench.host({ name: "VS Code", workspaces: () => [], providers: [provider] });
  const window = await bench.open({ mode: "join", host });
  const client = createRouteClient(await leader.connect("panel"));
  const listed = async () => (await client.call("models.list", {})).models.find(({ id }) => id === "vscode/m");
  await expect.poll(listed).toBeDefined();
  return { bench, leader, window, client, requests, turns, listed };
}

test("a model that only another window has is listed with where it is, and asked there", async () => {
  const { client, requests, turns, listed, bench, window } = await openBoth();
  expect(await listed()).toMatchObject({ id: "vscode/m", ready: true, at: "VS Code" });
  turns.push(["from the window"]);
  const { session } = await client.call("sessions.create", { workspace: null, model: "vscode/m" });
  const { reply } = await client.call("sessions.send", { sessionKey: session.key, message: "hello" });
  expect(reply).toBe("from the window");
  expect(requests).toHaveLength(1);
  // Gone with its window, it is known no more.
  await window.close();
  bench.forget(window);
  await expect.poll(listed).toBeUndefined();
});

test("what runs in a folder that is open elsewhere cannot ask it, and says whose it is", async () => {
  const { client, requests } = await openBoth();
  const { session } = await client.call("sessions.create", { model: "vscode/m" });
  expect(session.workspace).toBeDefined();
  await expect(client.call("sessions.send", { sessionKey: session.key, message: "hello" })).rejects.toThrow(
    "vscode/m is a model that VS Code alone can ask, and this session works where another process has its folder",
  );
  expect(requests).toHaveLength(0);
});
