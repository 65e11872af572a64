import { expect, test } from "vitest";
import { call, type Piece, type Turn } from "../../fakes/scriptedProvider.ts";
import { nextEvent } from "../bench.ts";
import { brought, keyOf, never, openSubagents, origin, rest, send, shown, spawn } from "./subagentBench.ts";

test("a wait ends with the first or with all, and the results follow it", async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const waits: string[][] = [];
  const see =
    (next: Piece[], then?: () => void): Turn =>
    (request) => {
      waits.push(shown(request).slice(-2));
      then?.();
      return next;
    };
  const bench = await openSubagents({
    go: [
      [spawn("one"), spawn("two")],
      () => [call("sessions_wait", { any: true }, "w1")],
      see([call("sessions_wait", {}, "w2")], () => gates[0]!.resolve()),
      see(["both"]),
    ],
    one: [[{ wait: gates[0]!.promise }, "1"]],
    two: [[{ wait: gates[1]!.promise }, "2"]],
  });
  bench.core.events.on((event) => {
    if (event.type === "tool.started" && event.callId === "w1") gates[1]!.resolve();
  });
  expect(await (await send(bench)).outcome).toEqual({ type: "done", reply: "both" });
  expect(waits[0]![0]).toMatch(/^tool: \{"status":"ok".*"done"/);
  expect(waits[0]![1]).toMatch(/\n\n2$/);
  expect(waits[1]![0]).toMatch(/"atWork":\[\]/);
  expect(waits[1]![1]).toMatch(/\n\n1$/);
  expect(await brought(bench)).toEqual(["two is done. 2", "one is done. 1"]);
});

test("a wait for the first ends at once when one was first", async () => {
  const asked = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const bench = await openSubagents({
    go: [
      [spawn("one"), spawn("two")],
      async () => (asked.resolve(), await ended.promise, [call("sessions_wait", { any: true })]),
      (request) => [shown(request).slice(-2).join(" ")],
    ],
    one: [[never]],
    // What comes before the step is asked for is read with it.
    two: [async () => (await asked.promise, ["2"])],
  });
  bench.core.events.on((event) => {
    if (event.type === "run.queued" && event.sessionKey === "main") ended.resolve();
  });
  const outcome = await (await send(bench)).outcome;
  expect(outcome).toMatchObject({ type: "done", reply: expect.stringMatching(/"status":"ok","ended":\[\].*\n\n2$/s) });
});

test("a wait has a limit, is refused for what waits back and for what is no sub-agent", async () => {
  const results: string[] = [];
  const bench = await openSubagents({
    go: [
      [spawn("asks back"), spawn("still")],
      async () => {
        const key = await keyOf(bench, "asks back");
        await expect
          .poll(async () => (await bench.core.runs.list({ sessionKey: "main", limit: 9 })).length)
          .toBeGreaterThan(1);
        return [
          call("sessions_wait", { sessionKeys: [key] }, "w1"),
          call("sessions_wait", { sessionKeys: ["main"] }, "w2"),
          call("sessions_wait", { sessionKeys: [await keyOf(bench, "still")], timeoutSeconds: 0.05 }, "w3"),
        ];
      },
      (request) => {
        results.push(...shown(request).slice(-3));
        return ["enough"];
      },
    ],
    "asks back": [[call("sessions_send", { sessionKey: "main", message: "hm?" })]],
    still: [[never]],
  });
  await (
    await send(bench)
  ).outcome;
  expect(results[0]).toMatch(/waits on this one, so waiting for it would never end/);
  expect(results[1]).toMatch(/Session main is no sub-agent of this one/);
  expect(results[2]).toMatch(/"status":"timed_out"/);
});

test("a parent that waits leaves its place among those at work to others", async () => {
  const spawned: string[] = [];
  const deep = (next: string): Turn[] => [
    [spawn(next)],
    (request) => (spawned.push(shown(request).at(-1)!), [call("sessions_wait", {})]),
    ["done"],
  ];
  const settings = { tree: { depth: 9, running: 1, runs: 50, chain: 50 } };
  // Each is the only one at work once the one before waits, so the next is let in only when waiting does not count.
  const bench = await openSubagents(
    {
      go: deep("a"),
      a: [[spawn("too soon")], (request) => (spawned.push(shown(request).at(-1)!), ["done"])],
    },
    { settings },
  );
  await (
    await send(bench)
  ).outcome;
  await rest(bench);
  expect(spawned[0]).toMatch(/"status":"accepted"/);
  expect(spawned[1]).toMatch(/1 at once is the limit/);

  const waiting = Promise.withResolvers<void>();
  const second = await openSubagents(
    {
      go: [[spawn("a")], ["started"]],
      a: [[call("sessions_send", { sessionKey: "main", message: "back", timeoutSeconds: 60 })]],
      back: [["ok"]],
    },
    { settings: { tree: { ...settings.tree, running: 2 } } },
  );
  await (
    await send(second)
  ).outcome;
  await rest(second);
  waiting.resolve();
  expect(await brought(second)).toHaveLength(1);
});

test("a steer is read at the next step of the run it is meant for, and is the next run's where that has ended", async () => {
  const seen: string[] = [];
  const asked = Promise.withResolvers<void>();
  const step = Promise.withResolvers<void>();
  const bench = await openSubagents({
    go: [
      async () => {
        asked.resolve();
        await step.promise;
        return [call("add", { a: 1, b: 2 })];
      },
      (request) => (seen.push(shown(request).at(-1)!), ["turned"]),
      ["answered apart"],
    ],
  });
  const run = await send(bench);
  // What comes before that is read at once.
  await asked.promise;
  const steer = await bench.core.subagents.steer({ sessionKey: "main", text: "left!", origin });
  step.resolve();
  expect(await steer.outcome).toEqual({ type: "done", reply: "", joined: run.id });
  expect(await run.outcome).toEqual({ type: "done", reply: "turned" });
  expect(seen).toEqual(["user: left!"]);
  await expect(bench.core.subagents.steer({ sessionKey: "main", text: "more", origin })).rejects.toMatchObject({
    code: "conflict",
    message: "No run of session main is under way, so there is none to steer. Send the message instead.",
  });
});

test("a steer that comes while the last answer is written is answered by a run of its own", async () => {
  const writing = Promise.withResolvers<void>();
  const bench = await openSubagents({ go: [["the end", { wait: writing.promise }], ["answered apart"]] });
  const delta = nextEvent(bench.core, "text.delta");
  const run = await send(bench);
  await delta;
  const steer = await bench.core.subagents.steer({ sessionKey: "main", text: "wait", origin, runId: run.id });
  writing.resolve();
  expect(await run.outcome).toEqual({ type: "done", reply: "the end" });
  expect(await steer.outcome).toEqual({ type: "done", reply: "answered apart" });
});

test("a parent steers its own child, whose result waits for what comes of it; others it may not", async () => {
  const told: string[] = [];
  const listening = Promise.withResolvers<void>();
  const bench = await openSubagents({
    go: [
      [spawn("look")],
      async () => {
        await listening.promise;
        return [
          call("sessions_steer", { sessionKey: await keyOf(bench, "look"), message: "in the cellar" }, "s1"),
          call("sessions_steer", { sessionKey: "main", message: "x" }, "s2"),
        ];
      },
      (request) => (told.push(...shown(request).filter((line) => line.startsWith("tool: "))), ["ok"]),
      ["heard"],
    ],
    look: [
      async () => {
        const steered = nextEvent(bench.core, "run.queued");
        listening.resolve();
        await steered;
        return ["nothing here"];
      },
      ["it was in the cellar"],
    ],
  });
  await (
    await send(bench)
  ).outcome;
  await rest(bench);
  expect(told[1]).toMatch(/"status":"accepted"/);
  expect(told[2]).toMatch(/Session main is no sub-agent of this one/);
  expect(await brought(bench)).toEqual(["look is done. it was in the cellar"]);
});

test("a parent steers no run that a person began in its child's session: what they allowed is not its own", async () => {
  const results: string[] = [];
  const bench = await openSubagents({
    go: [
      [spawn("look")],
      async () => {
        const key = await keyOf(bench, "look");
        await bench.core.subagents.cancel(key, { tree: true });
        const started = nextEvent(bench.core, "run.started");
        await bench.core.sessions.send({ text: "by hand", origin, sessionKey: key });
        await started;
        return [call("sessions_steer", { sessionKey: key, message: "in the cellar" }, "s1")];
      },
      (request) => {
        results.push(shown(request).join("\n"));
        return ["ok"];
      },
    ],
    look: [[never], [never]],
  });
  await (
    await send(bench)
  ).outcome;
  expect(results[0]).toMatch(/was not begun by an agent, so no agent may steer it/);
});

test("a steer ends a wait", async () => {
  const bench = await openSubagents({
    go: [[spawn("look")], [call("sessions_wait", { timeoutSeconds: 600 })], ["turned"]],
    look: [[never]],
  });
  const waiting = new Promise<void>((resolve) => {
    bench.core.events.on((event) => {
      if (event.type === "tool.started" && event.name === "sessions_wait") resolve();
    });
  });
  const run = await send(bench);
  await waiting;
  await bench.core.subagents.steer({ sessionKey: "main", text: "never mind", origin });
  expect(await run.outcome).toEqual({ type: "done", reply: "turned" });
  expect(shown(bench.model.requests.at(-1)!).at(-1)).toBe("user: never mind");
});
