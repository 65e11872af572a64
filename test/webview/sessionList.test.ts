import { expect, test } from "vitest";
import { createPanelSession } from "../../webview-ui/state/sessionState.ts";
import { createSessionList } from "../../webview-ui/state/sessionList.ts";
import { openPanelClient } from "./panelClient.ts";

test("a gateway that says again and again that it runs is subscribed to once", async () => {
  const { fake, gateway } = openPanelClient();
  const list = createSessionList(gateway);
  const session = createPanelSession(gateway, "main");
  for (let times = 0; times < 10; times++) await Promise.all([list.follow(), list.follow()]);
  await session.reload();
  expect([session.problem.value, session.phase.value]).toEqual([undefined, "ready"]);
  expect(fake.subscriptions()).toBe(2);
  fake.loseWire();
  await list.follow();
  expect(fake.subscriptions()).toBe(1);
});
