import { expect, test } from "vitest";
import { CronView } from "../../../src/vscode/jobs/cronView.ts";
import { createEdgeGateway, quiet, toGateway } from "../editor/edge.ts";
import { openScreen } from "../editor/vscode.ts";

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
