// A daily report as a job: added, listed, run once by hand, and removed again unless told to keep it.
import { PincerClient } from "./pincerClient.mjs";

const client = new PincerClient();
const { job } = await client.post("/api/cron/add", {
  job: {
    name: "daily-report",
    schedule: { kind: "cron", expr: "0 8 * * 1-5", tz: "Europe/Berlin" },
    payload: { kind: "agentTurn", message: "Report in five lines what changed in this workspace since yesterday." },
    sessionTarget: "isolated",
  },
});
console.log(`${job.name} is due at ${job.nextRunAt}`);
try {
  for (const { name, schedule } of (await client.get("/api/cron/list")).jobs)
    console.log(`- ${name}: ${JSON.stringify(schedule)}`);
  const { runId } = await client.post("/api/cron/run", { id: job.id });
  const { run } = await client.get("/api/runs/wait", { runId, timeoutSeconds: 120 });
  console.log(`== the report\n${run.outcome.reply ?? JSON.stringify(run.outcome)}`);
} finally {
  if (!process.argv.includes("--keep")) {
    await client.post("/api/cron/remove", { id: job.id });
    console.log(`${job.name} is removed; with --keep it stays`);
  }
}
