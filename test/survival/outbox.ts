import type { GatewayProcess } from "../bench/gatewayProcess.ts";

/** A client that keeps what it sent until it is told that it has arrived, and sends it again under the same key. */
export interface Outbox {
  /** Resolves when it is acknowledged, or the gateway is gone. Rejects with any other answer. */
  send(gateway: Asked, message: { message: string; sessionKey: string }): Promise<void>;
  /** Resolves when nothing waits for an answer. */
  settled(): Promise<void>;
  /** Sends what was not acknowledged, until it is. */
  sendAgain(gateway: Asked): Promise<void>;
  acknowledged(): Acknowledged[];
}

type Asked = Pick<GatewayProcess, "ask">;

export interface Acknowledged {
  message: string;
  sessionKey: string;
  runId: string;
}

export function createOutbox(): Outbox {
  const arrived: Acknowledged[] = [];
  const open = new Map<string, { message: string; sessionKey: string }>();
  const underWay = new Set<Promise<unknown>>();

  const post = async (gateway: Asked, message: { message: string; sessionKey: string }): Promise<void> => {
    const headers = { "idempotency-key": message.message };
    const answer = await gateway.ask("/api/sessions/send", { ...message, timeoutSeconds: 0 }, headers).catch(() => {});
    if (!answer) return;
    const { runId } = answer.body;
    if (typeof runId !== "string") throw new Error(`${message.message}: ${JSON.stringify(answer.body)}`);
    open.delete(message.message);
    arrived.push({ ...message, runId });
  };

  return {
    async send(gateway, message) {
      open.set(message.message, message);
      const posted = post(gateway, message);
      underWay.add(posted);
      await posted.finally(() => underWay.delete(posted));
    },
    async settled() {
      await Promise.all(underWay);
    },
    async sendAgain(gateway) {
      await Promise.all([...open.values()].map((message) => post(gateway, message)));
      if (open.size > 0) throw new Error("The gateway did not take what it was sent again");
    },
    acknowledged: () => arrived,
  };
}
