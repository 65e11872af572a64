import { describe, expect, test } from "vitest";
import { openBench } from "../core/bench.ts";
import { bearer, CI, github, openHookBench, SECRET, stripe } from "./hookBench.ts";

const ci = { token: CI, message: "Build {{payload.run.id}} failed: {{ payload.log }}" };
const gh = { hmac: { secret: SECRET }, message: "{{payload.action}}" };
const pay = { hmac: { secret: SECRET, header: "stripe-signature" }, event: "Paid: {{payload.data}}" };

describe("one delivery", () => {
  test.each([
    ["x-github-delivery", "72d3162e"],
    ["idempotency-key", "k1"],
    ["webhook-id", "msg_1"],
  ])("counts once by its %s, over gateways and starts", async (header, id) => {
    const bench = await openHookBench({ ci });
    const first = await bench.deliver("ci", '{"log":"a"}', { ...bearer(), [header]: id });
    const again = await bench.deliver("ci", '{"log":"a"}', { ...bearer(), [header]: id });
    expect(again).toMatchObject({ status: 202, body: first.body });
    const second = await openBench({ folder: bench.folder });
    const next = await openHookBench({ ci }, { over: second });
    expect((await next.deliver("ci", '{"log":"a"}', { ...bearer(), [header]: id })).body).toEqual(first.body);
    expect((await next.deliver("ci", '{"log":"a"}', { ...bearer(), [header]: `${id}-2` })).body).not.toEqual(
      first.body,
    );
    expect((await bench.core.runs.list({ limit: 10 })).length).toBe(2);
    // A client's own key is for one body; others name an event.
    const other = await bench.deliver("ci", '{"log":"b"}', { ...bearer(), [header]: id });
    expect(other.status).toBe(header === "idempotency-key" ? 409 : 202);
  });

  test("a hundred at once are one run", async () => {
    const { deliver, core } = await openHookBench({ gh: { ...gh, requestsPerMinute: 1000 } });
    const body = '{"action":"opened"}';
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        deliver("gh", body, { ...github(body), "X-GitHub-Delivery": `forged-${n % 10}` }),
      ),
    );
    expect(new Set(answers.map(({ status, body: { runId } }) => `${status} ${runId}`)).size).toBe(1);
    expect((await core.runs.list({ limit: 10 })).length).toBe(1);
  });

  test("a captured one is a repeat under whatever id it comes, unless its sender may say the same twice", async () => {
    const { deliver, core } = await openHookBench({ gh, twice: { ...gh, hmac: { secret: SECRET, sameBody: "new" } } });
    const body = '{"action":"opened"}';
    const send = async (name: string, id: string) =>
      (await deliver(name, body, { ...github(body), "X-GitHub-Delivery": id })).body.runId;
    expect(await send("gh", "1")).toBe(await send("gh", "2"));
    expect(await send("twice", "1")).not.toBe(await send("twice", "2"));
    expect(await send("twice", "1")).toBe(await send("twice", "1"));
    expect((await core.runs.list({ limit: 10 })).length).toBe(3);
  });

  test.each(["Idempotency-Key", "X-OpenClaw-Idempotency-Key", "Webhook-Id"])(
    "a signed one that comes again with %s is a repeat, and another body under it is not",
    async (header) => {
      const { deliver, core } = await openHookBench({ gh });
      const [one, two] = ['{"action":"opened"}', '{"action":"closed"}'];
      const send = (body: string, more: Record<string, string>) =>
        deliver("gh", body, { ...github(body), "X-GitHub-Delivery": "1", ...more });
      const first = await send(one, {});
      const own = { "X-GitHub-Delivery": "", [header]: "k" };
      expect(await send(one, own)).toMatchObject({ status: 202, body: first.body });
      expect(await send(one, { [header]: "k" })).toMatchObject({ status: 202, body: first.body });
      const second = await deliver("gh", two, { ...github(two), [header]: "k" });
      expect(second.status).toBe(202);
      expect(await deliver("gh", two, github(two))).toMatchObject({ status: 202, body: second.body });
      expect(await deliver("gh", one, { ...github(one), [header]: "k" })).toMatchObject({ body: first.body });
      expect((await core.runs.list({ limit: 10 })).length).toBe(2);
    },
  );

  test("a captured one takes no id away from another delivery", async () => {
    const { deliver, core, textOf } = await openHookBench({ gh });
    const [old, next] = ['{"action":"opened"}', '{"action":"closed"}'];
    const send = async (body: string, id: string) =>
      (await deliver("gh", body, { ...github(body), "X-GitHub-Delivery": id })).body.runId as string;
    const first = await send(old, "1");
    expect(await send(old, "2")).toBe(first);
    expect(await textOf(await send(next, "2"))).toContain(">closed</");
    expect((await core.runs.list({ limit: 10 })).length).toBe(2);
  });

  test("of Stripe is known by its event, and without one by what is signed", async () => {
    const { deliver, core } = await openHookBench({ pay });
    const now = Math.floor(Date.now() / 1000);
    const sends = async (body: string, time: number) => (await deliver("pay", body, stripe(body, time))).body.runId;
    const first = await sends('{"id":"evt_1","pending_webhooks":2}', now - 60);
    expect(await sends('{"id":"evt_1","pending_webhooks":1}', now)).toBe(first);
    const plain = await sends("{}", now - 5);
    expect(await sends("{}", now - 5)).toBe(plain);
    expect(await sends("{}", now)).not.toBe(plain);
    expect((await core.runs.list({ limit: 10 })).length).toBe(3);
  });

  test("is known by what the configuration names, and is refused without it", async () => {
    const { deliver } = await openHookBench({
      ci: { ...ci, deliveryId: "payload.run.id" },
      own: { ...ci, deliveryId: "X-Event-Id" },
    });
    const one = await deliver("ci", '{"run":{"id":1}}', bearer());
    expect((await deliver("ci", '{"run":{"id":1},"log":"x"}', bearer())).body.runId).toBe(one.body.runId);
    expect((await deliver("ci", "{}", bearer())).status).toBe(400);
    expect((await deliver("own", "{}", bearer())).status).toBe(400);
    expect((await deliver("own", "{}", { ...bearer(), "X-Event-Id": "1" })).status).toBe(202);
  });

  test("whose id is a number too long to be read exactly is taken for no other", async () => {
    const { deliver } = await openHookBench({ ci: { ...ci, deliveryId: "payload.id" } });
    const send = async (id: string) => (await deliver("ci", `{"id":${id}}`, bearer())).body.runId;
    const first = await send("9007199254740993");
    expect(await send("9007199254740992")).not.toBe(first);
    expect(await send("9007199254740993")).toBe(first);
    expect(await send("1e999")).not.toBe(await send("2e999"));
  });

  test("that failed is taken when it comes again", async () => {
    const hooks = { ci: { ...ci, sessionTarget: "work" } };
    const { deliver, core } = await openHookBench(hooks);
    const send = () => deliver("ci", "{}", { ...bearer(), "X-GitHub-Delivery": "1" });
    expect(await send()).toMatchObject({ status: 503, body: { error: { code: "unavailable" } } });
    await core.sessions.create({ key: "work" });
    expect(await send()).toMatchObject({ status: 202, body: { sessionKey: "work" } });
  });
});
