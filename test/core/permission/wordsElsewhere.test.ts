import { expect, test } from "vitest";
import { sessionsSend } from "../../../src/tools/sessions/sessionsSendTool.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { nextEvent, openBench } from "../bench.ts";
import { jobByHand, user } from "../jobs/jobsBench.ts";
import { shell } from "./shellTool.ts";

test("what a job with grants says to another session may do there what they cover, and is refused the rest at once", async () => {
  const bench = await openBench({
    tools: [sessionsSend, shell],
    turns: [
      [call("sessions_send", { sessionKey: "main", message: "do it" }, "s")],
      [call("shell", { line: "touch x" }, "a"), call("shell", { line: "npm test" }, "b")],
      ["said"],
      ["over"],
    ],
  });
  const { core, store } = bench;
  await core.sessions.get("main");
  const job = await core.jobs.add(jobByHand({ grants: [{ allow: "exec", command: "npm test" }] }), user);
  await core.jobs.run(job.id);
  await expect.poll(async () => (await store.listSlots({ limit: 1 }))[0]?.status).toBe("ok");
  const { messages } = await store.listMessages("main", { limit: 10 });
  expect(messages.flatMap((message) => (message.role === "tool" ? [message.text] : []))).toEqual([
    expect.stringContaining("Nobody is there to be asked, and no grant allows it: run touch x."),
    "ran npm test",
  ]);
  expect(await core.approvals.list()).toEqual([]);
  // Who speaks for themselves there is asked, as before.
  bench.model.turns.push([call("shell", { line: "touch x" }, "c")], ["denied"]);
  const asked = nextEvent(core, "approval.asked");
  await core.sessions.send({ text: "go", origin: { via: "panel" }, sessionKey: "main" });
  expect((await asked).approval.summary).toBe("run touch x");
});
