import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { saveExport } from "../../../src/vscode/choices/saveExport.ts";
import { sessionCommands } from "../../../src/vscode/sessions/sessionCommands.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

const progress = () => screen.progress.find(({ options }) => options["location"] === 15);

test("a summary that is made by hand shows that it goes on, and is ended in the gateway by a click", async () => {
  openScreen();
  const made = Promise.withResolvers<never>();
  const gateway = createEdgeGateway({
    "sessions.compact": () => made.promise,
    "sessions.abort": () => made.reject(new AppError("conflict", "The compaction was stopped")),
  });
  const { window } = createEdgeWindow(gateway, { sessions: { selection: [] } });
  const done = sessionCommands["pincer.compactSession"]!(window, { key: "s_1" });
  await expect.poll(progress).toMatchObject({ options: { cancellable: true } });
  progress()!.cancel();
  await done;
  expect(gateway.calls).toEqual([
    ["sessions.compact", { sessionKey: "s_1" }],
    ["sessions.abort", { sessionKey: "s_1", only: "compaction" }],
  ]);
  expect(screen.asked).toEqual([]);
});

test("an export that is ended reads no further page, and asks for no file", async () => {
  openScreen();
  const reading = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const gateway = createEdgeGateway({
    "session.status": { sessionKey: "s_1", title: "Garden" },
    async "sessions.history"() {
      reading.resolve();
      await goOn.promise;
      return { messages: [{ seq: 5, role: "user", text: "five" }], hasMore: true };
    },
  });
  const { window } = createEdgeWindow(gateway);
  const done = saveExport(window, "s_1", "json");
  await reading.promise;
  await expect.poll(progress).toMatchObject({ options: { cancellable: true } });
  progress()!.cancel();
  goOn.resolve();
  await done;
  expect(gateway.calls.map(([name]) => name)).toEqual(["session.status", "sessions.history"]);
  expect(screen.asked).toEqual([]);
});

test("what is over at once is told by what comes of it alone", async () => {
  openScreen();
  const gateway = createEdgeGateway({ "sessions.compact": () => ({}) });
  const { window } = createEdgeWindow(gateway, { sessions: { selection: [] } });
  await sessionCommands["pincer.compactSession"]!(window, { key: "s_1" });
  expect(gateway.calls).toEqual([["sessions.compact", { sessionKey: "s_1" }]]);
  expect(progress()).toBeUndefined();
});
