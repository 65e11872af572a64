import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import type { NewJob } from "../../../src/protocol/job.ts";
import type { Rule } from "../../../src/protocol/rule.ts";
import { HOUR, jobOf, MINUTE, openJobsBench, user, openWebhooks } from "./jobsBench.ts";

const ADS: Rule = { deny: "network", host: "*.ads.example" };

async function open(rules: Rule[], answers: (AppError | undefined)[] = []) {
  const { posts, webhooks } = openWebhooks(answers);
  const bench = await openJobsBench({ webhooks, settings: { rules } });
  const { key: id } = await bench.core.sessions.create({ title: "Work" });
  const fate = async () => (await bench.store.listSlots({ limit: 1 }))[0]?.delivery;
  return { ...bench, posts, fate, agent: { via: "subagent", id } as const };
}

const postedTo = (url: string): Pick<NewJob, "delivery"> => ({ delivery: { mode: "webhook", url } });
const refused = (message: string) => ({ code: "bad_request", message: `delivery.url: ${message}` });

test.each([
  ["https://x.ads.example/in", ADS, "A rule keeps the agent from x.ads.example: deny network: *.ads.example"],
  ["http://X.ADS.example.:8080/", ADS, "A rule keeps the agent from x.ads.example: deny network: *.ads.example"],
  [
    "https://example.org/",
    { deny: "web_fetch", host: "example.org" },
    "A rule keeps the agent from example.org: deny web_fetch: example.org",
  ],
  ["https://example.org/", { deny: "network" }, "A rule keeps the agent from example.org: deny network"],
  [
    "https://192.0.2.7/",
    ADS,
    "192.0.2.7 may be the address of a host that a rule keeps the agent from; no rule names it",
  ],
  [
    "https://3221225991/",
    { deny: "network", host: "192.0.2.7" },
    "A rule keeps the agent from 192.0.2.7: deny network: 192.0.2.7",
  ],
] as [string, Rule, string][])(
  "the agent has no result posted to %s where a rule denies it",
  async (url, rule, why) => {
    const { core, agent } = await open([rule, { allow: "network", host: "*" }]);
    await expect(core.jobs.add(jobOf(postedTo(url)), agent)).rejects.toMatchObject(refused(why));
    const { id } = await core.jobs.add(jobOf(), agent);
    await expect(core.jobs.update(id, postedTo(url), agent)).rejects.toMatchObject(refused(why));
  },
);

test("what is not denied it may, and an address that a rule names", async () => {
  const { core, agent } = await open([ADS, { allow: "network", host: "192.0.2.7" }, { deny: "browser" }]);
  for (const url of ["https://ads.example/", "https://example.org/", "https://192.0.2.7/"])
    await core.jobs.add(jobOf(postedTo(url)), agent);
});

test("a rule that came since holds when a result is to go out, and between two tries", async () => {
  const { core, clock, settings, posts, fate, agent } = await open([], [new AppError("unavailable", "down")]);
  await core.jobs.add(jobOf(postedTo("https://x.ads.example/in")), agent);
  await clock.advance(HOUR + 1000);
  expect(posts).toHaveLength(1);
  settings.rules = [ADS];
  await clock.advance(MINUTE);
  const error = "A rule keeps the agent from x.ads.example: deny network: *.ads.example";
  expect(await fate()).toEqual({ status: "failed", error });
  await clock.advance(HOUR);
  expect(posts).toHaveLength(1);
});

test("what a person says of where a result goes is theirs, whoever made the job, and what the agent says the agent's", async () => {
  const { core, clock, settings, posts, fate, agent } = await open([ADS]);
  const denied = postedTo("https://x.ads.example/in");
  const theirs = await core.jobs.add(jobOf(denied), user);
  expect((await core.jobs.update(theirs.id, { name: "Renamed" }, agent)).delivery).toEqual(denied.delivery);
  await clock.advance(HOUR);
  expect(posts).toMatchObject([{ allowLoopback: true }]);
  await core.jobs.update(theirs.id, { enabled: false });

  const made = await core.jobs.add(jobOf(), agent);
  await core.jobs.update(made.id, denied, user);
  await clock.advance(HOUR);
  expect(posts).toMatchObject([{}, { allowLoopback: true }]);
  // Said by the agent, in a job of a person's: this machine's addresses are not for it, whatever the name is by then.
  settings.rules = [];
  await core.jobs.update(made.id, { enabled: false });
  await core.jobs.update(theirs.id, { enabled: true, ...denied }, agent);
  await clock.advance(HOUR);
  expect(posts).toMatchObject([{}, {}, { allowLoopback: false }]);
  settings.rules = [ADS];
  await clock.advance(HOUR);
  expect(posts).toHaveLength(3);
  expect(await fate()).toMatchObject({ status: "failed" });
  // It can still be turned off.
  expect(await core.jobs.update(theirs.id, { enabled: false })).toMatchObject({ enabled: false });
  await expect(core.jobs.update(theirs.id, { enabled: true })).rejects.toMatchObject({ code: "bad_request" });
});
