import { expect, test } from "vitest";
import type { GatewayStatus } from "../../../src/vscode/host/windowGateway.ts";
import { english } from "../../fakes/english.ts";
import { statusText, type Activity } from "../../../src/vscode/status/statusText.ts";

const idle: Activity = { busy: 0, waiting: 0 };
const running: GatewayStatus = { state: "running", role: "leader", url: "http://127.0.0.1:3000" };

test.each<[GatewayStatus, Activity, string]>([
  [{ state: "stopped" }, idle, "$(circle-slash) Pincer: stopped"],
  [{ state: "restricted" }, idle, "$(shield) Pincer: restricted"],
  [{ state: "starting" }, idle, "$(loading~spin) Pincer: starting"],
  [{ state: "error", message: "port" }, idle, "$(error) Pincer: error"],
  [running, idle, "$(pass) Pincer"],
  [{ ...running, role: "client" }, idle, "$(plug) Pincer: attached"],
  [running, { busy: 1, waiting: 0 }, "$(sync~spin) Pincer: 1 run"],
  [running, { busy: 3, waiting: 2 }, "$(bell-dot) Pincer: 2 approvals"],
  // What was counted before it stopped no longer holds.
  [{ state: "stopped" }, { busy: 3, waiting: 2 }, "$(circle-slash) Pincer: stopped"],
])("%j with %j", (status, activity, text) => {
  expect(statusText(status, activity, english).text).toBe(text);
});

test("only an error has the error's colour, and only an approval asks for input", () => {
  expect(statusText({ state: "error" }, idle, english)).toMatchObject({ isError: true, needsInput: false });
  expect(statusText(running, { busy: 0, waiting: 1 }, english)).toMatchObject({ isError: false, needsInput: true });
  expect(statusText(running, idle, english)).toMatchObject({
    isError: false,
    needsInput: false,
    label: "Pincer: running",
  });
});
