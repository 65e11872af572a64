import { expect, test } from "vitest";
import { ANNA, openDiscordChat } from "./discordBench.ts";

const MESSAGES = /^\/channels\/\d+\/messages$/;

test("a job's record says what Discord made of its result, in its words where it refused", async () => {
  const { bench, discord, listening } = await openDiscordChat({ turns: [["one"], ["two"]] });
  await listening();
  const job = await bench.core.jobs.add(
    {
      name: "nightly",
      schedule: { kind: "at", at: "2040-01-01T00:00:00.000Z" },
      payload: { kind: "agentTurn", message: "report" },
      sessionTarget: "isolated",
      delivery: { mode: "announce", channel: "discord", to: ANNA },
    },
    { via: "api" },
  );
  const fate = async () => (await bench.core.jobs.firings({ jobId: job.id, limit: 1 }))[0]?.delivery;
  await bench.core.jobs.run(job.id);
  await expect.poll(fate).toEqual({ status: "delivered", channel: "discord" });
  expect(discord.texts(discord.dm(ANNA))).toEqual([expect.stringContaining("one")]);
  const words = { code: 50_007, message: "Cannot send messages to this user" };
  discord.fail({ method: "POST", path: MESSAGES, status: 403, ...words });
  await bench.core.jobs.run(job.id);
  await expect.poll(fate).toEqual({
    ...{ status: "refused", channel: "discord" },
    error: expect.stringContaining("Cannot send messages to this user"),
  });
});
