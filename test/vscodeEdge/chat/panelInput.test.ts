import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { routeTable } from "../../../src/gateway/routes/routeTable.ts";
import { readPanelInput, readParams } from "../../../src/vscode/chat/panelInput.ts";

test.each([
  { type: "req", id: "1", method: "sessions.send", params: { message: "hi" } },
  { type: "req", id: "1", method: "session.status", params: {} },
  { type: "req", id: "1", method: "events.subscribe", params: {} },
  { type: "req", id: "1", method: "editor.copy", params: { text: "x" } },
  { type: "panel", event: "ready" },
  { type: "panel", event: "selected", sessionKey: "main" },
])("lets %j through", (message) => {
  expect(readPanelInput(message)).toEqual(message);
});

test.each([
  null,
  "req",
  {},
  { type: "res", id: "1", ok: true, payload: null },
  { type: "event", event: "text.delta", payload: {} },
  { type: "req", id: 1, method: "sessions.list" },
  { type: "req", id: "x".repeat(65), method: "sessions.list" },
  { type: "req", id: "1", method: "gateway.token.rotate" },
  { type: "req", id: "1", method: "config.get" },
  { type: "req", id: "1", method: "cron.add" },
  { type: "req", id: "1", method: "sessions.send\nx" },
  { type: "panel", event: "selected" },
  { type: "panel", event: "other" },
])("drops %j", (message) => {
  expect(readPanelInput(message)).toBeUndefined();
});

test("params must have the fields, with the types, and no others", () => {
  const fields = { path: "string", line: "number?" } as const;
  expect(readParams({ path: "a" }, fields)).toEqual({ path: "a" });
  expect(readParams({ path: "a", line: 3 }, fields)).toEqual({ path: "a", line: 3 });
  for (const wrong of [
    null,
    [],
    "a",
    {},
    { path: 1 },
    { path: "a", line: "3" },
    { path: "a", line: NaN },
    { path: "a", more: 1 },
  ]) {
    expect(readParams(wrong, fields)).toBeUndefined();
  }
});

test("whatever the panel calls is let through, and whatever the phone's page calls is for phones", () => {
  const root = join(import.meta.dirname, "../../../webview-ui");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
  const calledIn = (some: string[]) =>
    some.flatMap((file) =>
      [...readFileSync(join(root, file), "utf8").matchAll(/gateway\s*\.call\("([^"]+)"/g)].map((match) => match[1]!),
    );
  const isOfPhone = (file: string) => /^phone[/\\]/.test(file);
  const methods = calledIn(files.filter((file) => !isOfPhone(file)));
  const ofPhone = calledIn(files.filter(isOfPhone));
  expect(methods).toContain("prompts.list");
  expect(ofPhone).toContain("phones.self");
  for (const method of ofPhone) expect(routeTable.find(({ name }) => name === method)?.phone, method).toBeDefined();
  for (const method of methods)
    expect(readPanelInput({ type: "req", id: "1", method, params: {} }), method).toBeDefined();
});
