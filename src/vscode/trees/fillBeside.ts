import type { RouteClient } from "../../client/routeClient.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { Gateway } from "../host/windowGateway.ts";

interface Filling<Answer> {
  ask(client: RouteClient): Promise<Answer>;
  /** Whether the answer is still for what it was asked for: after another beginning it may be another gateway's. */
  isWanted(): boolean;
  put(answer: Answer): void;
  take(event: GatewayEvent): void;
}

/** Fills a list whose changes events tell. The answer may be older than what was told meanwhile, which is taken once more; neither is where it is no more wanted. */
export async function fillBeside<Answer>(
  gateway: Gateway,
  { ask, isWanted, put, take }: Filling<Answer>,
): Promise<void> {
  const missed: GatewayEvent[] = [];
  const listening = gateway.onEvent((event) => missed.push(event));
  try {
    const answer = await ask(gateway.client());
    if (!isWanted()) return;
    put(answer);
    for (const event of missed) take(event);
  } finally {
    listening.dispose();
  }
}
