import { expect, test } from "vitest";
import { AppError } from "../../src/base/appError.ts";
import type { AuditRecord } from "../../src/protocol/audit.ts";
import type { Rule } from "../../src/protocol/rule.ts";
import { nextEvent } from "../core/bench.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { openGatewayBench } from "./bench.ts";

const src: Rule = { allow: "edit", path: "src/**" };
const record = (seq: number, more: Partial<AuditRecord>): AuditRecord => ({
  ...{
    seq,
    at: `2026-11-22T12:00:0${seq}.000Z`,
    kind: "tool",
    who: null,
    what: "edit",
    outcome: "ok",
    prev: "",
    hash: "",
  },
  ...more,
});

test("rules are listed with what each let through last, taken away, and put back", async () => {
  const rules = [src];
  const kept: Rule[] = [];
  let words = "";
  const list = async () => ({
    records: [
      record(1, { allowedBy: `rule ${words}`, sessionKey: "main" }),
      record(2, { allowedBy: `rule ${words}; another`, sessionKey: "main", what: "write" }),
      record(3, { allowedBy: `rule ${words} and more` }),
    ],
    hasMore: false,
  });
  const { core, get, post } = await openGatewayBench({
    turns: [[call("note", { text: "a" })], ["noted"]],
    settings: { rules },
    keepRule: async (rule) => void kept.push(rule),
    dropRule: async (rule) => {
      if (JSON.stringify(rule) !== JSON.stringify(src)) throw new AppError("conflict", "Another file has it");
      rules.length = 0;
    },
    gateway: { audit: { list } },
  });
  words = (await get("/api/rules/list")).body.rules[0].words;
  expect((await get("/api/rules/list")).body.rules).toEqual([
    {
      from: "configuration",
      rule: src,
      words,
      last: { at: "2026-11-22T12:00:02.000Z", what: "write", sessionKey: "main" },
    },
  ]);
  expect((await post("/api/rules/remove", { rule: { deny: "read" } })).status).toBe(409);
  expect((await post("/api/rules/remove", { rule: src })).body).toEqual({ removed: true });
  expect((await get("/api/rules/list")).body.count).toBe(0);
  expect((await post("/api/rules/add", { rule: src })).body).toEqual({ added: true });
  expect((await post("/api/rules/add", { rule: { allow: "edit", host: "x" } })).status).toBe(400);
  expect(kept).toEqual([src]);

  const asked = nextEvent(core, "approval.asked");
  void post("/api/sessions/send", { message: "note it" });
  const { approval } = await asked;
  const { rule } = approval.offers.find(({ decision }) => decision === "allow_session")!;
  await post("/api/approvals/answer", { id: approval.id, decision: "allow_session", rule });
  expect((await get("/api/rules/list")).body.rules).toMatchObject([{ from: "session", sessionKey: "main", rule }]);
  expect((await post("/api/rules/remove", { rule, sessionKey: "main" })).status).toBe(200);
  expect((await post("/api/rules/remove", { rule, sessionKey: "main" })).status).toBe(404);
  expect((await get("/api/rules/list")).body.count).toBe(0);
});

test("whoever may read the configuration may read the rules, which it has; changing them is for admins", async () => {
  const tokens = (["read", "write", "admin"] as const).map((scope) => ({
    name: scope,
    value: `${scope}-token-0123456789abcdefghij`,
    scope,
  }));
  const settings = { rules: [src] };
  const { get, post } = await openGatewayBench({ settings, keepRule: async () => {}, gateway: { tokens } });
  const seen = await Promise.all(
    tokens.map(async ({ value }) => {
      const headers = { Authorization: `Bearer ${value}` };
      return [
        (await get("/api/config/get", headers)).status,
        (await get("/api/rules/list", headers)).status,
        (await post("/api/rules/add", { rule: src }, headers)).status,
      ];
    }),
  );
  expect(seen).toEqual([
    [200, 200, 403],
    [200, 200, 403],
    [200, 200, 200],
  ]);
  expect((await get("/api/rules/list", { Authorization: "Bearer wrong-token-0123456789abcdefg" })).status).toBe(401);
});
