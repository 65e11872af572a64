import { expect, test } from "vitest";
import { CronView } from "../../../src/vscode/jobs/cronView.ts";
import { createEdgeGateway, quiet, toGateway } from "../editor/edge.ts";
import { openScreen, screen, TreeItemCheckboxState } from "../editor/vscode.ts";

test("what happens to jobs while their list is on its way counts: what is deleted is no row", async () => {
  openScreen();
  const { promise, resolve } = Promise.withResolvers<void>();
  const jobs = ["a", "b"].map((id) => ({ id, name: id }));
  const list = async () => {
    await promise;
    return { jobs };
  };
  const gateway = createEdgeGateway({ "cron.list": list });
  const view = new CronView(toGateway(gateway), quiet);
  const listing = view.getChildren();
  gateway.tell({ type: "job.deleted", jobId: "b" });
  gateway.tell({ type: "job.changed", job: { id: "a", name: "renamed" } });
  resolve();
  expect(await listing).toEqual([{ id: "a" }]);
  expect(view.job({ id: "a" })?.name).toBe("renamed");
  view.dispose();
});

test("a one-shot whose time has passed is not turned on by its box: it says so in words, and another schedule is offered", async () => {
  openScreen([[/^The time of “Tea” has passed/, "Edit…"]]);
  const once = (id: string, at: string) => ({ id, name: "Tea", enabled: false, schedule: { kind: "at", at } });
  const jobs = [once("past", "2020-01-01T00:00:00Z"), once("ahead", "2999-01-01T00:00:00Z")];
  const gateway = createEdgeGateway({ "cron.list": { jobs }, "cron.update": {} });
  const view = new CronView(toGateway(gateway), quiet);
  await view.getChildren();
  const tick = screen.trees.at(-1)!["tick"] as (node: object, state: number) => void;
  tick({ id: "past" }, TreeItemCheckboxState.Checked);
  await expect.poll(() => screen.commands).toContainEqual(["pincer.editJob", { id: "past" }]);
  tick({ id: "ahead" }, TreeItemCheckboxState.Checked);
  tick({ id: "past" }, TreeItemCheckboxState.Unchecked);
  await expect.poll(() => gateway.calls.filter(([name]) => name === "cron.update").length).toBe(2);
  expect(gateway.calls.slice(-2).map(([, input]) => input)).toEqual([
    { id: "ahead", patch: { enabled: true } },
    { id: "past", patch: { enabled: false } },
  ]);
  view.dispose();
});
