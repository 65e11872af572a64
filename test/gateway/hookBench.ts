import { createHmac } from "node:crypto";
import { hookFields, type Hook } from "../../src/protocol/hooks/hook.ts";
import { type Answer, type GatewayBenchOptions, openGatewayBench } from "./bench.ts";

export const CI = "ci-0123456789abcdefghijklmnop";
export const SECRET = "a secret that GitHub knows";

/** Webhooks as openclaw.yml would give them. */
function toHooks(given: Record<string, object>): () => Record<string, Hook> {
  const hooks = Object.fromEntries(Object.entries(given).map(([name, hook]) => [name, hookFields.parse(hook)]));
  return () => hooks;
}

/** A gateway with these webhooks, and a sender. */
export async function openHookBench(hooks: Record<string, object>, options: GatewayBenchOptions = {}) {
  const bench = await openGatewayBench({ ...options, gateway: { ...options.gateway, hooks: toHooks(hooks) } });
  const deliver = async (name: string, body: string, headers: Record<string, string>): Promise<Answer> => {
    const answer = await fetch(`${bench.gateway.url}/hooks/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body,
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  const textOf = async (runId: string) => (await bench.store.getRun(runId))!.input.text;
  return { ...bench, deliver, textOf };
}

export const bearer = (token = CI) => ({ Authorization: `Bearer ${token}` });
export const github = (body: string, secret = SECRET) => ({
  "X-Hub-Signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
});
export const stripe = (body: string, time: number, secret = SECRET) => ({
  "Stripe-Signature": `t=${time},v1=${createHmac("sha256", secret).update(`${time}.${body}`).digest("hex")},v0=00`,
});
